"""One filter over the log, and what it shows: names in, codes for the cells, counted rows back into named tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from data.moments import EPOCH, micros
from data.records import KIND_CODES, Band

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
# Shorter spans are drawn by the hour.
HOURS_UP_TO = timedelta(days=3)
OTHER, UNKNOWN = 255, 0
COHORTS = ("unknown", "under 30 days", "1 to 6 months", "6 to 12 months", "1 to 3 years", "over 3 years")
SCORES = tuple(f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}" for tenth in range(10))
KIND_NAMES = {code: kind.value for kind, code in KIND_CODES.items()}
BAND_NAMES = {int(band): band.name.lower() for band in Band}
# dimension of the panels → what it is called in the filter
DIMENSIONS = {
    "kind": "kinds",
    "client": "clients",
    "network": "networks",
    "country": "countries",
    "service": "services",
    "band": "bands",
    "cohort": "cohorts",
    "score": "scores",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What of the log is looked at; an empty part is no condition. Names, never numbers of one snapshot."""

    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    group_id: str | None = None
    account_id: str | None = None
    target_id: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether the log itself must be read rather than the cells."""
        return any((self.group_id, self.account_id, self.target_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be filtered by in this log, the commonest first, and the days it spans."""

    first: datetime
    last: datetime
    names: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The answer to one filter.

    `series`: at, engagements, proposed, before. `panels`: dimension → name, engagements, proposed. `accounts` and
    `targets`: name, engagements, of the proposed engagements. `probabilities`: from, engagements.
    """

    since: datetime
    until: datetime
    is_hourly: bool
    series: pl.DataFrame
    panels: Mapping[str, pl.DataFrame]
    accounts: pl.DataFrame
    targets: pl.DataFrame
    probabilities: pl.DataFrame
    engagements: int
    proposed: int
    proposed_accounts: int
    before: int


@dataclass(frozen=True, slots=True)
class Span:
    since: datetime
    until: datetime
    is_hourly: bool = field(default=False)

    @property
    def before(self) -> Span:
        return Span(self.since - (self.until - self.since), self.since, self.is_hourly)


@dataclass(frozen=True, slots=True)
class Answer:
    """The counted rows of one filter, those of the period before, and the series made of both."""

    told: pl.DataFrame
    before: pl.DataFrame
    series: pl.DataFrame


def span_of(wanted: Filter, choices: Choices) -> Span:
    since = max(wanted.since or choices.first, choices.first)
    until = min(wanted.until or choices.last, choices.last)
    if until <= since:
        since, until = choices.first, choices.last
    is_short = until - since <= HOURS_UP_TO
    step = timedelta(hours=1) if is_short else timedelta(days=1)
    return Span(_whole(since, step), _whole(until, step, up=True), is_hourly=is_short)


def _whole(at: datetime, step: timedelta, *, up: bool = False) -> datetime:
    """The hour or day in which a moment lies; with `up` the next one, unless the moment opens one."""
    rest = (at - EPOCH) % step
    return at - rest + step if up and rest else at - rest


def days(span: Span) -> dict[str, int]:
    return {"first_day": micros(span.since) // DAY_US, "last_day": micros(span.until) // DAY_US - 1}


def hours(span: Span) -> dict[str, int]:
    return {"first_hour": micros(span.since) // HOUR_US, "last_hour": micros(span.until) // HOUR_US - 1}


def coded(wanted: Filter, codes: pl.DataFrame) -> dict[str, list[int] | None]:
    """Turn the filter's names into the cells' codes; a name without a code fits nothing."""
    fixed = {
        "kinds": {name: code for code, name in KIND_NAMES.items()},
        "bands": {name: code for code, name in BAND_NAMES.items()},
        "cohorts": {name: code for code, name in enumerate(COHORTS)},
        "scores": {name: code for code, name in enumerate(SCORES)},
    }
    for domain in ("client", "network", "country", "service"):
        known = codes.filter(pl.col("domain") == domain)
        fixed[DIMENSIONS[domain]] = {
            "others": OTHER,
            "unknown": UNKNOWN,
            **dict(known.select("name", "code").iter_rows()),
        }
    return {name: [table.get(value, -1) for value in getattr(wanted, name)] or None for name, table in fixed.items()}


def keys_of(names: Sequence[str], domain: str, codes: pl.DataFrame) -> list[int] | None:
    known = dict(codes.filter(pl.col("domain") == domain).select("name", "key").iter_rows())
    return [int(known.get(name, -1)) for name in names] or None


def series_of(told: pl.DataFrame, before: pl.DataFrame, span: Span, scale: int = 1) -> pl.DataFrame:
    """One row per day or hour of the span, also the empty ones, with the period before laid over it.

    `scale` divides the values of the rows: 1 where they count days, else the microseconds of one step.
    """
    unit = HOUR_US if span.is_hourly else DAY_US
    start = micros(span.since) // unit
    places = pl.DataFrame({"place": range(micros(span.until) // unit - start)}, schema={"place": pl.Int64})
    now = told.filter(pl.col("dimension") == "day").select(
        place=pl.col("value") // scale - start,
        engagements="engagements",
        proposed=pl.col("removable") + pl.col("reviewable"),
    )
    offset = micros(span.before.since) // unit
    ghost = before.select(place=pl.col("day").cast(pl.Int64) // scale - offset, before="engagements")
    return (
        places.join(now, on="place", how="left")
        .join(ghost, on="place", how="left")
        .with_columns(pl.col("engagements", "proposed", "before").fill_null(0))
        .with_columns(at=pl.from_epoch((pl.col("place") + start) * unit, "us").dt.replace_time_zone("UTC"))
        .select("at", "engagements", "proposed", "before")
    )


def panels_of(told: pl.DataFrame, codes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    found = {}
    for dimension in DIMENSIONS:
        rows = told.filter(pl.col("dimension") == dimension)
        words = words_of(dimension)
        if dimension in ("client", "network", "country", "service"):
            known = codes.filter(pl.col("domain") == dimension, pl.col("name").is_not_null())
            words = {OTHER: "others", UNKNOWN: fallback(dimension), **dict(known.select("code", "name").iter_rows())}
        found[dimension] = named_rows(rows.with_columns(name=pl.lit(None, pl.String)), words, fallback(dimension))
    return found


def words_of(dimension: str) -> dict[int, str]:
    tables = {
        "kind": KIND_NAMES,
        "band": BAND_NAMES,
        "cohort": dict(enumerate(COHORTS)),
        "score": dict(enumerate(SCORES)),
    }
    return tables.get(dimension, {})


def fallback(dimension: str) -> str:
    return "not scored" if dimension == "score" else "none" if dimension == "service" else "unknown"


def named_rows(rows: pl.DataFrame, words: Mapping[int, str], fallback: str) -> pl.DataFrame:
    named = pl.col("value").replace_strict(words, default=None, return_dtype=pl.String) if words else pl.lit(None)
    return rows.select(
        name=pl.coalesce(pl.col("name"), named, pl.lit(fallback)),
        engagements="engagements",
        proposed=pl.col("removable") + pl.col("reviewable"),
    ).sort("engagements", "name", descending=[True, False])


def look_of(span: Span, answer: Answer, few: pl.DataFrame, panels: Mapping[str, pl.DataFrame]) -> Look:
    """Put the pieces of one answer together; `few` holds the tables of the proposed engagements."""
    told, before = answer.told, answer.before
    total = told.filter(pl.col("dimension") == "all")
    people = {
        name: few.filter(pl.col("dimension") == name).select(name="account_id", engagements="engagements")
        for name in ("account", "target")
    }
    chances = few.filter(pl.col("dimension") == "p").sort("value")
    proposing = few.filter(pl.col("dimension") == "all")
    return Look(
        since=span.since,
        until=span.until,
        is_hourly=span.is_hourly,
        series=answer.series,
        panels=panels,
        accounts=people["account"],
        targets=people["target"],
        probabilities=chances.select(**{"from": pl.col("value") / 20}, engagements="engagements"),
        engagements=int(total["engagements"].sum()),
        proposed=int(total["removable"].sum()) + int(total["reviewable"].sum()),
        proposed_accounts=int(proposing["value"].sum()),
        before=int(before["engagements"].sum()),
    )


def day_of(value: int) -> datetime:
    return EPOCH + timedelta(days=value // DAY_US)
