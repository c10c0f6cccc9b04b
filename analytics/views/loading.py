"""The Data page in words: what is stored, what a file seems to be, and how its columns become those of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from analytics.views.moments import exact, minute
from analytics.views.text import NOTHING, plain
from analytics.views.words import not_in_log
from data.contracts import INPUT, Column
from data.errors import Fault
from data.ingest.loads import LoadState, Looked
from data.ingest.mapping import TimeFormat
from data.records import KIND_CODES, SnapshotInfo

# Choices beside the columns of the log; no column can be called so, the names hold a blank at the start.
ABSENT, ROW_NUMBER = " not in the log", " the number of the row"
_ALWAYS = " always "
TABLES = tuple(INPUT)
TIMES = {
    TimeFormat.ISO: "text: 2026-11-24T19:03:25Z",
    TimeFormat.UNIX_S: "seconds since 1970",
    TimeFormat.UNIX_MS: "milliseconds since 1970",
    TimeFormat.UNIX_US: "microseconds since 1970",
}
_LIKELY = {
    "actor_id": ("actor", "user", "user_id", "account", "author"),
    "target_id": ("target", "item", "object", "repo", "page", "video"),
    "at": ("ts", "time", "timestamp", "date", "created_at"),
    "engagement_id": ("id", "event_id"),
    "is_inauthentic": ("label", "is_spam", "class"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """How one table of an upload is to be read."""

    table: str
    columns: Mapping[str, str]
    time: TimeFormat = TimeFormat.ISO
    zone: str = ""


def snapshot_rows(snapshots: Iterable[SnapshotInfo], zone: ZoneInfo) -> pl.DataFrame:
    """One row per stored snapshot."""
    return pl.DataFrame(
        [
            {
                "Loaded": exact(one.created_at, zone),
                "Engagements": one.engagements,
                "Accounts": one.accounts,
                "Logins": one.logins,
                "Labels": one.labels,
                "From": minute(one.first_at, zone),
                "To": minute(one.last_at, zone),
                "Left out": one.skipped_rows,
                "Not in the log": missing(one.missing),
                "Snapshot": one.snapshot_id,
            }
            for one in snapshots
        ]
    )


def missing(names: Sequence[str]) -> str:
    """What no source had, in words; features that need it are left out."""
    return ", ".join(not_in_log(names)) or NOTHING


def sample_rows(looked: Looked) -> pl.DataFrame:
    """The first rows of a file as literal text."""
    names = _distinct([plain(name, 60) for name in looked.columns])
    cells = [[plain(cell, 80) for cell in row] for row in looked.sample]
    return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that look the same once they are safe to show still are columns of their own."""
    return [name if names.index(name) == place else f"{name} ({place + 1})" for place, name in enumerate(names)]


def fault_rows(faults: Iterable[Fault]) -> pl.DataFrame:
    """One row per fault: file, line, cause."""
    rows = [(plain(one.file, 80), one.line or None, plain(one.cause)) for one in faults]
    return pl.DataFrame(rows, schema={"File": pl.String, "Line": pl.Int64, "Cause": pl.String}, orient="row")


def told(state: LoadState) -> str:
    """Where a load stands, in a sentence."""
    if state.is_running:
        return f"Loading: {plain(state.message)}."
    more = state.total - len(state.faults)
    cut = f" The first {len(state.faults)} of {state.total:,} faults are listed." if more > 0 else ""
    return f"{plain(state.message, 600)} {state.hint}{cut}".strip()


def is_plain(files: Iterable[Looked]) -> bool:
    """Whether every file follows the input contract as it is."""
    return all(_table_of(one) is not None for one in files)


def _table_of(looked: Looked) -> str | None:
    for table, columns in INPUT.items():
        needed = {column.name for column in columns if column.required}
        if needed <= set(looked.columns) <= {column.name for column in columns}:
            return table
    return None


def fields(table: str) -> tuple[Column, ...]:
    return INPUT[table]


def options(column: Column, names: Sequence[str]) -> list[str]:
    """What a contract column may be read from."""
    constants = [f"{_ALWAYS}{kind.value}" for kind in KIND_CODES] if column.type == "kind" else []
    numbered = [ROW_NUMBER] if column.name == "engagement_id" else []
    return [ABSENT, *names, *constants, *numbered]


def likely(column: Column, names: Sequence[str]) -> str:
    """The option to begin with."""
    known = (column.name, *_LIKELY.get(column.name, ()))
    found = next((name for name in known if name in names), None)
    return found or (ROW_NUMBER if column.name == "engagement_id" else ABSENT)


def shown(option: str) -> str:
    """An option as the select box shows it."""
    return f"({option.strip()})" if option.startswith(" ") else plain(option, 60)


def mapping_text(chosen: Chosen, names: Sequence[str]) -> str:
    """The mapping file that says the same as the choices; columns that nothing reads are ignored."""
    used = set(chosen.columns.values())
    ignored = [name for name in names if name not in used and name not in chosen.columns]
    lines = [
        f"{column.name} = {_rule(column, chosen)}"
        for column in INPUT[chosen.table]
        if chosen.columns.get(column.name, ABSENT) != ABSENT
    ]
    told = "\n".join(lines)
    return f"[{chosen.table}]\nignore = {json.dumps(ignored)}\n\n[{chosen.table}.columns]\n{told}\n"


def _rule(column: Column, chosen: Chosen) -> str:
    option = chosen.columns[column.name]
    if option == ROW_NUMBER:
        return '{ row_number = true, prefix = "{file}-" }'
    if option.startswith(_ALWAYS):
        return f'{{ constant = "{option.removeprefix(_ALWAYS)}" }}'
    if column.type != "time":
        return json.dumps(option)
    zone = f", zone = {json.dumps(chosen.zone)}" if chosen.zone and chosen.time is TimeFormat.ISO else ""
    return f'{{ column = {json.dumps(option)}, time = "{chosen.time}"{zone} }}'
