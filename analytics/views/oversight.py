"""What people did on one day, and the protected accounts, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.drawing import Drawing
from analytics.charts.plots import heat_map
from analytics.views.audit import roles
from analytics.views.moments import exact, minute
from analytics.views.text import NOTHING, counted, listed, plain

_TITLES = {
    "decisions": "Decisions",
    "confirmed": "Confirmed",
    "removed": "Removed",
    "resets": "Resets",
    "undone": "Undone",
    "lookups": "Look-ups",
    "without_case": "Without a case",
    "queries": "Queries",
    "exports": "Exports",
    "refused": "Refused",
    "entries": "All entries",
}


class Look(Protocol):
    """One look at an account by its id."""

    @property
    def at(self) -> datetime: ...
    @property
    def person(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def has_case(self) -> bool: ...


class Protected(Protocol):
    """One account of the list of protected ones."""

    @property
    def account_id(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...


def facts(deeds: pl.DataFrame) -> str:
    """Say in one line what the day was like."""
    if deeds.is_empty():
        return "nobody did anything"
    sums = deeds.select("decisions", "lookups", "without_case").sum().row(0)
    decided, looked, strange = (int(one) for one in sums)
    told = [f"{counted(deeds.height, 'person', 'people')} at work", counted(decided, "decision")]
    told += [f"{counted(looked, 'look-up')}, {strange:,} without a case"] if looked else []
    return " · ".join(told)


def people(deeds: pl.DataFrame) -> pl.DataFrame:
    """Return a row per person, what they did in the order of the work."""
    return deeds.select(
        Person=pl.col("name").map_elements(lambda name: plain(name, 60), return_dtype=pl.String),
        As=pl.col("roles").map_elements(roles, return_dtype=pl.String),
        **{title: pl.col(name) for name, title in _TITLES.items()},
    )


def hours(rows: pl.DataFrame, zone: ZoneInfo) -> Drawing:
    """Draw who left entries in the audit record in which hour; an odd hour is seen at a glance."""
    names = rows["name"].unique(maintain_order=True)
    last = max(23, int(rows.select(pl.col("hour").max()).item() or 0))
    grid = pl.DataFrame({"name": names}).join(pl.DataFrame({"hour": range(last + 1)}), how="cross")
    told = grid.join(rows, on=["name", "hour"], how="left").select(
        Person=pl.col("name").map_elements(lambda name: plain(name, 40), return_dtype=pl.String),
        Hour=pl.format("{}:00", pl.col("hour").cast(pl.String).str.zfill(2)),
        Entries=pl.col("entries").fill_null(0),
    )
    busiest = rows.group_by("name").agg(pl.col("entries").sum()).sort("entries", "name", descending=[True, False])
    name, most = busiest.row(0)
    sentence = f"{counted(int(rows['entries'].sum()), 'entry', 'entries')}; most by {plain(name, 40)}, {most:,}."
    titles = (f"Hour of the day, {zone.key}", "Person")
    height = min(120 + 22 * len(names), 420)
    return heat_map(
        told,
        x="Hour",
        y="Person",
        value="Entries",
        titles=titles,
        sentence=sentence,
        height=height,
        # Names say by themselves what they are, and need the room.
        up={"title": None},
    )


def looks(found: Sequence[Look], zone: ZoneInfo) -> pl.DataFrame:
    """Return the looks at accounts that never had a case first, then the others; each by time, newest first."""
    rows = [
        (
            minute(one.at, zone),
            plain(one.person, 60),
            plain(one.account_id, 80),
            "had a case" if one.has_case else "never had one",
            plain(one.reason, 300),
        )
        for one in sorted(found, key=lambda one: one.has_case)
    ]
    columns = ("When", "Who", "Account", "Case", "Reason")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def looks_told(found: Sequence[Look]) -> str:
    """Say how many looks were at accounts that nobody ever reviewed."""
    strange = [one for one in found if not one.has_case]
    if not strange:
        return "Every account that was looked up has or had a case."
    by = listed(sorted({plain(one.person, 60) for one in strange}))
    return f"{counted(len(strange), 'look-up')} of accounts that never had a case, by {by}."


def protected(found: Sequence[Protected], zone: ZoneInfo) -> pl.DataFrame:
    """Return a row per protected account, the newest entry first."""
    rows = [
        (
            plain(one.account_id, 80),
            f"until {exact(one.until, zone)}" if one.until else "protected",
            plain(one.reason, 300),
            plain(one.person, 60) or NOTHING,
            minute(one.at, zone),
        )
        for one in found
    ]
    columns = ("Account", "State", "Reason", "By", "Since")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def kept(found: Sequence[Protected]) -> list[str]:
    """List the accounts that can be released."""
    return [one.account_id for one in found if one.until is None]
