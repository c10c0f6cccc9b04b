"""One account's life in words and charts. Its name is not here: names are for whoever holds its case (D.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.activity import activity
from analytics.charts.drawing import Drawing
from analytics.charts.investigating import sessions
from analytics.charts.plots import rhythm
from analytics.views.moments import of_micros, second, span
from analytics.views.text import counted, listed, number, plain
from analytics.views.words import ACTIONS, APPEALS, CASES, LANES, OUTCOMES, REASONS, SOURCES, STATES
from data.records import Mark

_WORDS: dict[str, Mapping[Any, str]] = {
    "state": {**STATES, **CASES},
    "lane": LANES,
    "outcome": {**OUTCOMES, **APPEALS},
    "reason": REASONS,
    "kind": ACTIONS,
    "source": SOURCES,
}
_TITLES = {
    "account_id": "Account",
    "opened_at": "Opened",
    "updated_at": "Last change",
    "filed_at": "Filed",
    "followed_at": "Followed",
    "appeal_until": "Appeal until",
    "shared": "What they share",
    "name": "Named",
    "remove_count": "For removal",
    "hours": "Hours until taken back",
    "is_new": "New network",
    "succeeded": "Let in",
    "service_id": "Service",
    "group_id": "Group",
    "person_id": "Decided by",
    "decided_at": "Decided",
    "undone_at": "Undone",
    "overturned_at": "Overturned",
    "finished_at": "Done",
    "created_at": "Made",
    "p_service": "Likely a service",
    "asn": "Network",
    "returned": "Given back",
}
# A follow taken back this soon was hardly meant.
SOON_HOURS = 72
NO_NAMES: Mapping[str, str] = MappingProxyType({})
# Columns whose ids have a name that people know; `name` is what a neighbour shares, a group or a service.
_NAMED = {"person_id", "service_id", "by", "name"}
# Moments of the ledger and of the log, beside every column that ends in `_at`.
_MOMENTS = {"at", "hour", "appeal_until"}
# Numbers of the ledger that nobody reads.
_INNER = {"decision_id", "case_id", "action_id", "notice_id", "appeal_id", "is_partial", "body", "ends_at", "template"}


def facts(header: Mapping[str, Any], now: datetime) -> list[str]:
    """Say what the log and the run know about the account, most telling first; what is not known is left out."""
    made = of_micros(header["created_at"])
    told = [
        f"account {span(now - made)} old" if made else "",
        counted(header["followers"], "follower") if header["followers"] is not None else "",
        f"follows {header['following']:,}" if header["following"] is not None else "",
        counted(header["posts"], "post") if header["posts"] is not None else "",
        f"country {plain(header['country'], 20)}" if header["country"] else "",
        "verified" if header["is_verified"] else "",
        "run by an agency, declared" if header["is_delegated"] else "",
    ]
    return [text for text in told if text]


def suspicion(header: Mapping[str, Any], services: Mapping[str, str], cases: pl.DataFrame) -> str:
    """Say what the newest run makes of the account, and where its newest case stands in the ledger now."""
    if header["score"] is None:
        return "The newest run has no score for this account: it did nothing in the log."
    proposed = (header["remove_count"] or 0) + (header["review_count"] or 0)
    parts = [f"score {header['score']:.2f}, rank {number(header['rank'])}", f"{proposed:,} engagements proposed"]
    service = header["service_id"]
    parts += [f"service {plain(services.get(service, service), 60)}"] if service else []
    parts += [f"group {plain(header['group_id'], 40)}"] if header["group_id"] else []
    return f"Newest run: {', '.join(parts)}.{_standing(cases, is_queued=bool(header['is_queued']))}"


def _standing(cases: pl.DataFrame, *, is_queued: bool) -> str:
    """Say where the newest case stands; the run knows only what it proposed, the ledger what came of it."""
    if cases.is_empty():
        return " Proposed for review; it has no case yet." if is_queued else ""
    newest = cases.row(0, named=True)
    return f" Case {newest['number']}: {CASES.get(newest['state'], newest['state'])}."


def activity_drawing(hours: pl.DataFrame, marks: Sequence[Mark], zone: ZoneInfo) -> Drawing:
    """Draw engagements by who made them on one time axis, with what happened to the account."""
    by_hour = hours.group_by("hour", "source").agg(pl.col("engagements").sum()).sort("hour", "source")
    return activity(by_hour, marks, zone=zone, height=240)


def clients(hours: pl.DataFrame) -> list[str]:
    """List the clients the account was used from, the busiest first."""
    told = hours.group_by("client").agg(pl.col("engagements").sum())
    return [name or "unknown" for name in told.sort("engagements", "client", descending=[True, False])["client"]]


def rhythm_drawing(hours: pl.DataFrame, client: str | None, zone: ZoneInfo) -> Drawing:
    """Draw weekday and hour of one client's engagements, or of all."""
    wanted = hours if client is None else hours.filter(pl.col("client").fill_null("unknown") == client)
    local = pl.col("hour").dt.convert_time_zone(zone.key)
    rows = wanted.group_by(weekday=local.dt.weekday(), hour=local.dt.hour()).agg(pl.col("engagements").sum())
    total = int(wanted["engagements"].sum())
    night = int(wanted.filter(local.dt.hour() < 6)["engagements"].sum())
    told = f"{counted(total, 'engagement')}, {night:,} of them between midnight and six."
    return rhythm(rows, sentence=told, zone_name=zone.key)


def sessions_drawing(rows: pl.DataFrame, zone: ZoneInfo) -> Drawing:
    """Draw the sessions on one axis and say who made them."""
    totals = dict(rows.group_by("source").agg(pl.len()).iter_rows())
    parts = [f"{totals[source]:,} {word.lower()}" for source, word in SOURCES.items() if totals.get(source)]
    told = f"{counted(rows.height, 'session')}: {listed(parts)}." if parts else "No session in this run."
    return sessions(rows, zone=zone, sentence=told)


def shown(rows: pl.DataFrame, zone: ZoneInfo, now: datetime, names: Mapping[str, str] = NO_NAMES) -> pl.DataFrame:
    """Return any of the account's tables: words for codes, names of people and services, times in the reader's zone."""
    return pl.DataFrame(
        [_column(_named(rows[name], names), zone, now) for name in rows.columns if name not in _INNER], strict=False
    )


def said(rows: pl.DataFrame) -> list[str]:
    """Name the columns that say something; one that is empty throughout only pushes the others out of sight."""
    return [name for name in rows.columns if rows[name].null_count() < rows.height]


def _named(values: pl.Series, names: Mapping[str, str]) -> pl.Series:
    """Put names for the ids of people and services."""
    return values.replace(dict(names)) if values.name in _NAMED and names else values


def _column(values: pl.Series, zone: ZoneInfo, now: datetime) -> pl.Series:
    title = _TITLES.get(values.name, values.name.replace("_", " ").capitalize())
    words: Mapping[Any, str] | None = _WORDS.get(values.name)
    if values.name.endswith("_at") or values.name in _MOMENTS:
        moments = [of_micros(value) if isinstance(value, int) else value for value in values]
        return pl.Series(title, [second(at, zone, now) if at else None for at in moments], dtype=pl.String)
    if words is not None:
        known: dict[str, str] = {
            code.value if isinstance(code, StrEnum) else code: word for code, word in words.items()
        }
        return pl.Series(title, [known.get(value, value) for value in values], dtype=pl.String)
    if values.dtype == pl.String:
        return pl.Series(title, [None if value is None else plain(value, 300) for value in values], dtype=pl.String)
    return _numbers(values).alias(title)


def _numbers(values: pl.Series) -> pl.Series:
    """Write the numbers of networks as such, hours whole, and shares and scores with two digits."""
    if values.name == "asn":
        return pl.Series([None if value is None else f"AS{value}" for value in values], dtype=pl.String)
    if values.name == "hours":
        return values.round().cast(pl.Int64)
    return values.round(2) if values.dtype.is_float() else values


def churn_sentence(churn: pl.DataFrame) -> str:
    """Say how soon follows were taken back; services do it within days, to make room."""
    soon = churn.filter(pl.col("hours") <= SOON_HOURS).height
    median: float = churn.select(pl.col("hours").median()).item()
    return f"{soon:,} of {churn.height:,} within {SOON_HOURS} hours; half within {median:,.0f} hours."
