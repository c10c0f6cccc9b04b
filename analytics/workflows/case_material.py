"""What the log and the run say about many accounts at once: one question of data/sql for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from analytics.casework.freezing import (
    ACTIVITY,
    NO_EXPLANATION,
    activity_rows,
    engagement_rows,
    evidence_rows,
)
from analytics.casework.policy import CaseSizes
from data.moments import of_micros
from data.records import Contribution, Evidence, Mark

_TABLES = ("evidence", "explanations", "logins")
_FACTS = ("followers", "following", "posts", "country", "is_verified", "is_delegated")
_KEY = "account_key"


class Reader(Protocol):
    """Answers one question of data/sql over a snapshot and a run."""

    def rows(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        frames: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One account as the run left it."""

    header: Mapping[str, Any]  # Any: one row of case_headers.sql
    is_audit: bool
    evidence: tuple[Evidence, ...]
    contributions: tuple[Contribution, ...]
    base: float
    raw_score: float
    marks: tuple[Mark, ...]
    engagements: pl.DataFrame
    of_all: int
    activity: pl.DataFrame

    @property
    def account_id(self) -> str:
        return str(self.header["account_id"])

    @property
    def facts(self) -> dict[str, Any]:
        """Return what is known of the account itself; None where the log does not say."""
        created = self.header["created_at"]
        known = {name: self.header[name] for name in _FACTS}
        return known | {"created_at": None if created is None else of_micros(created)}


def gather(reader: Reader, keys: Sequence[int], audited: Collection[int], sizes: CaseSizes) -> list[Material]:
    """Read everything about these accounts, in the order of their keys."""
    drawn = frozenset(audited)
    chosen = pl.DataFrame(
        {_KEY: list(keys), "is_audit": [key in drawn for key in keys]}, {_KEY: pl.UInt32, "is_audit": pl.Boolean}
    )
    named = {"chosen": chosen}
    limits = {name: getattr(sizes, name) for name in ("proposed_most", "others_most", "audit_most")}
    tables = {name: _by_account(reader.rows(f"case_{name}", frames=named)) for name in _TABLES}
    tables["activity"] = _converted(reader.rows("case_activity", frames=named), activity_rows)
    rows = _converted(reader.rows("case_engagements", limits, named), engagement_rows, "of_all")
    headers = reader.rows("case_headers", frames=named).iter_rows(named=True)
    return [
        _material(header, header[_KEY] in drawn, {name: one.get(header[_KEY]) for name, one in tables.items()}, found)
        for header in headers
        if (found := rows.get(header[_KEY])) is not None
    ]


def _by_account(rows: pl.DataFrame) -> dict[int, pl.DataFrame]:
    parts = rows.partition_by(_KEY, as_dict=True, maintain_order=True, include_key=False)
    return {int(key): part for (key,), part in parts.items()}


def _converted(
    rows: pl.DataFrame, convert: Callable[[pl.DataFrame], pl.DataFrame], *beside: str
) -> dict[int, pl.DataFrame]:
    """Bring all rows into the words of a case at once, then part them by account."""
    return _by_account(pl.concat([rows.select(_KEY, *beside), convert(rows)], how="horizontal"))


def _material(
    header: Mapping[str, Any], is_audit: bool, told: Mapping[str, pl.DataFrame | None], rows: pl.DataFrame
) -> Material:
    evidence, explained, logins, activity = (told[name] for name in (*_TABLES, "activity"))
    return Material(
        header=header,
        is_audit=is_audit,
        evidence=() if evidence is None else evidence_rows(evidence),
        contributions=() if explained is None else contributions_of(explained),
        base=0.0 if explained is None else float(explained["base"][0]),
        raw_score=NO_EXPLANATION if explained is None else float(explained["raw_score"][0]),
        marks=() if logins is None else _entries(logins),
        engagements=rows.drop("of_all"),
        of_all=int(rows["of_all"][0]),
        activity=pl.DataFrame(schema=ACTIVITY) if activity is None else activity,
    )


def contributions_of(rows: pl.DataFrame) -> tuple[Contribution, ...]:
    """Return the parts of a score as records, in the order of the rows."""
    columns = rows.select("feature", "label", "value", "contribution")
    return tuple(
        Contribution(feature=feature, label=label, value=value, contribution=contribution)
        for feature, label, value, contribution in columns.iter_rows()
    )


def _entries(rows: pl.DataFrame) -> tuple[Mark, ...]:
    return tuple(
        Mark(at=of_micros(at), kind="password", label="Password entered from a new network") for at in rows["at"]
    )
