"""The engagement table of a case: which rows are shown, which are ticked for removal, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from analytics.views.moments import exact, second
from analytics.views.text import plain
from analytics.views.words import SOURCES
from data.records import Band

PAGE_ROWS = 100
# Rows that are seen without scrolling; when none of them is proposed, the plan comes first.
_AT_FIRST = 4
_BANDS = {Band.REMOVE: "remove", Band.REVIEW: "look", Band.KEEP: "keep"}
WHY_IN_WORDS = (
    "Place: a client, network or device that many accounts share. Group: together with others, beyond chance. "
    "Rhythm: a pace or hours unlike the owner's."
)
_MINUTE = "1m"
_IS_PROPOSED = pl.col("band") == int(Band.REMOVE)
_HIDDEN_TEXT = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the reviewer changed: rows taken out of the plan and rows added to it."""

    out: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()

    def chosen(self, proposed: AbstractSet[str]) -> frozenset[str]:
        """Return the engagements a confirmation would remove."""
        return frozenset((set(proposed) - self.out) | self.added)

    def ticked(self, engagement_id: str, proposed: AbstractSet[str], *, is_ticked: bool) -> Choice:
        """Return the choice after one row was ticked or unticked."""
        return self.changed([engagement_id], proposed, is_ticked=is_ticked)

    def changed(self, ids: Sequence[str], proposed: AbstractSet[str], *, is_ticked: bool) -> Choice:
        """Return the choice after several rows were ticked or unticked at once (U-07)."""
        inside, outside = set(ids) & set(proposed), set(ids) - set(proposed)
        if is_ticked:
            return Choice(out=self.out - inside, added=self.added | outside)
        return Choice(out=self.out | inside, added=self.added - outside)

    @property
    def is_changed(self) -> bool:
        return bool(self.out or self.added)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which rows to look at: those behind a reason, those of a span of time, or all."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_all(self) -> bool:
        return not self.values and self.since is None and self.until is None


def shown_rows(engagements: pl.DataFrame, shown: Shown, *, is_blind: bool = False) -> pl.DataFrame:
    """Return the rows to look at, newest minute first, one target's rows of a minute together (U-08).

    Where the newest rows are all of no concern, the proposed ones stand before them, unless the case is decided blind.
    """
    minute = pl.col("at").dt.truncate(_MINUTE)
    rows = engagements if shown.is_all else engagements.filter(_fits(engagements, shown))
    newest = rows.sort(minute, "target_id", "at", "engagement_id", descending=[True, False, True, False])
    if is_blind or not shown.is_all or int(Band.REMOVE) in newest["band"].head(_AT_FIRST).to_list():
        return newest
    return newest.sort(_IS_PROPOSED, descending=True, maintain_order=True)


def counted_rows(engagements: pl.DataFrame, wanted: Sequence[Shown]) -> list[int]:
    """Count the rows behind several sentences in one go."""
    if not wanted:
        return []
    counts = (_fits(engagements, one).sum().alias(str(place)) for place, one in enumerate(wanted))
    return [int(count or 0) for count in engagements.select(*counts).row(0)]


def _fits(engagements: pl.DataFrame, shown: Shown) -> pl.Expr:
    parts = [
        pl.col(column).cast(pl.String).is_in([str(value) for value in allowed])
        for column, allowed in shown.values.items()
        if column in engagements.columns
    ]
    parts += [pl.col("at") >= shown.since] if shown.since is not None else []
    parts += [pl.col("at") < shown.until] if shown.until is not None else []
    return pl.all_horizontal(pl.lit(value=True), *parts)


def page_of(rows: pl.DataFrame, page: int) -> tuple[pl.DataFrame, int]:
    """Return one page of rows and how many pages there are."""
    pages = max(1, -(-rows.height // PAGE_ROWS))
    return rows.slice((min(max(page, 1), pages) - 1) * PAGE_ROWS, PAGE_ROWS), pages


def table(
    rows: pl.DataFrame,
    chosen: AbstractSet[str],
    now: datetime,
    zone: ZoneInfo,
    *,
    with_opinion: bool,
    with_text: bool = True,
    is_blind: bool = False,
) -> pl.DataFrame:
    """Return the rows as the reviewer reads them; the machine's numbers only when they asked for its opinion.

    Without the text, a comment is there but cannot be read (U-14). On a blind case nothing says whom the machine takes
    a row for, or why (S-01).
    """
    sources = _column(rows, "source")
    columns: dict[str, object] = {
        "Remove": pl.Series([one in chosen for one in rows["engagement_id"]], dtype=pl.Boolean),
        "Kind": rows["kind"].cast(pl.String),
        "Target": pl.Series([plain(one, 60) for one in _targets(rows)], dtype=pl.String),
        "When": pl.Series([second(at, zone, now) for at in rows["at"]], dtype=pl.String),
        "From": pl.Series(
            [origin(*one, is_blind=is_blind) for one in zip(sources, _column(rows, "client"), strict=True)],
            dtype=pl.String,
        ),
    }
    if not is_blind:
        columns["Why"] = pl.Series([plain(why, 120) for why in _column(rows, "why")], dtype=pl.String)
    if with_opinion:
        columns["p"] = rows["p"].round(2)
        columns["Band"] = pl.Series([_BANDS[Band(band)] for band in rows["band"]], dtype=pl.String)
    if has_text(rows):
        told = [plain(text) if with_text or not text else _HIDDEN_TEXT for text in _column(rows, "text")]
        columns["Text"] = pl.Series(told, dtype=pl.String)
    return pl.DataFrame(columns)


def has_text(rows: pl.DataFrame) -> bool:
    return any(_column(rows, "text"))


def line(row: Mapping[str, object], zone: ZoneInfo, *, is_blind: bool = False) -> str:
    """Name one engagement in one line, for the plain list."""
    at = row["at"]
    when = exact(at, zone) if isinstance(at, datetime) else ""
    made_from = origin(row.get("source"), row.get("client"), is_blind=is_blind)
    return f"{row['kind']} → {plain(target(row), 60)}, {when}, {made_from}"


def target(row: Mapping[str, object]) -> str:
    return str(row.get("target_handle") or row.get("target_id") or "")


def _targets(rows: pl.DataFrame) -> list[str]:
    named = zip(_column(rows, "target_handle"), _column(rows, "target_id"), strict=True)
    return [handle or target_id or "" for handle, target_id in named]


def origin(source: object, client: object, *, is_blind: bool = False) -> str:
    """Say where a row came from; on a blind case by its client alone."""
    if is_blind:
        return plain(str(client), 40) if client else "no client named"
    told = SOURCES.get(str(source or ""), "Unclear")
    return f"{told}: {plain(str(client), 40)}" if client else told


def _column(rows: pl.DataFrame, name: str) -> list[str | None]:
    return rows[name].to_list() if name in rows.columns else [None] * rows.height
