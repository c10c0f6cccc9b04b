"""Tables on their way out of the desk: CSV that no spreadsheet runs, Parquet, no rows about fewer than five people."""

from __future__ import annotations

import io
from dataclasses import dataclass

import polars as pl

from data.formula_guard import guarded

LEAST_PEOPLE = 5
# Columns that say how many people a row is about.
PEOPLE_COLUMNS = frozenset({"accounts", "people", "persons", "customers", "actors", "targets", "members", "owners"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A table without its rows about too few people, and how many those were."""

    rows: pl.DataFrame
    left_out: int


def csv_bytes(rows: pl.DataFrame) -> bytes:
    """Write RFC 4180: every cell quoted, formulas guarded, lines ended by CR and LF, UTF-8."""
    flat = rows.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        for name, kind in rows.schema.items()
        if isinstance(kind, pl.List)
    )
    text = guarded(flat).write_csv(quote_style="always", line_terminator="\r\n")
    return text.encode()


def parquet_bytes(rows: pl.DataFrame) -> bytes:
    """Write Parquet, where text is text and needs no guard."""
    sink = io.BytesIO()
    rows.write_parquet(sink, compression="zstd")
    return sink.getvalue()


def without_small_groups(rows: pl.DataFrame, person_columns: frozenset[str] = frozenset()) -> Suppressed:
    """Leave out rows whose count of people is 1 to 4; a list of persons with fewer than five is left out whole.

    `person_columns`: columns of the table that hold one person each.
    """
    counts = [
        pl.col(name).is_between(1, LEAST_PEOPLE - 1)
        for name, kind in rows.schema.items()
        if kind.is_numeric() and name.lower() in PEOPLE_COLUMNS
    ]
    kept = rows.filter(~pl.any_horizontal(counts)) if counts else rows
    for name in person_columns & set(kept.columns):
        if kept[name].n_unique() < LEAST_PEOPLE:
            kept = kept.clear()
    return Suppressed(rows=kept, left_out=rows.height - kept.height)
