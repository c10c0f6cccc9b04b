"""The model, quality and operations pages in words and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.drawing import Drawing
from analytics.charts.investigating import curves, reliability
from analytics.charts.plots import bars, intervals, lines
from analytics.statistics.backlog import ForecastDay
from analytics.views.moments import ago, exact, of_micros, span
from analytics.views.text import NOTHING, counted, number, plain, share
from analytics.views.words import REASONS, SKIP_REASONS

_CHOSEN = "People look at suspected accounts, and there low probabilities are wrong more often than in the whole log."
_MOST_WEIGHTS = 12
DRIFT_WORDS = {"moved": "moved", "watch": "worth a look", "steady": "steady"}
OVERTURNS = {
    "model_version": "Model",
    "reason": "Reason of the decision",
    "policy_version": "Policy",
    "step": "Step",
}


class Emergency(Protocol):
    """One sign-in past the identity provider."""

    @property
    def name(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def due(self) -> datetime: ...


def emergency(one: Emergency, zone: ZoneInfo) -> str:
    """Say who signed in past the identity provider, when and why."""
    return f"{plain(one.name, 60)}, {exact(one.at, zone)}: {plain(one.reason, 300)}"


def emergency_due(one: Emergency, now: datetime) -> str:
    """Say how long there is for somebody else to look."""
    if now > one.due:
        return f"Somebody else should have looked {ago(one.due, now)}."
    return f"Somebody else must look within {span(one.due - now)}; the alarm stands until then."


def reliability_drawing(rows: pl.DataFrame, error: float | None) -> Drawing:
    told = (
        "No verdicts to compare with."
        if error is None
        else f"What was said and what was found differ by {error:.3f} on average. {_CHOSEN}"
    )
    return reliability(rows, sentence=told)


def curve_drawing(rows: pl.DataFrame) -> Drawing:
    """Draw what one threshold for every kind would remove, and say why recall ends below all of it."""
    told = "Precision and recall of removals over one threshold for every kind."
    most = rows["recall"].max()
    if isinstance(most, float) and most < 1:
        told += (
            f" However low the threshold, recall ends at {share(most)}: a removal needs two families of evidence and "
            "no strong reason to keep. The rest can only be proposed for review."
        )
    return curves(rows, [], sentence=told)


def weights_drawing(features: pl.DataFrame) -> Drawing:
    """Draw what the account model leans on: the mean size of each feature's contribution."""
    rows = features.head(_MOST_WEIGHTS).with_columns(pl.col("weight").round(3))
    first = rows.row(0, named=True) if rows.height else None
    told = f"Most telling: {plain(first['feature'], 60)}." if first else "No account was explained in this run."
    titles = ("Feature", "Mean size of its contribution, log-odds")
    return bars(rows, x="feature", y="weight", titles=titles, sentence=told, is_horizontal=True, height=460)


def services_drawing(rows: pl.DataFrame, names: Mapping[str, str]) -> Drawing:
    """Draw recall by service, with its interval; what no service was named for stands apart."""
    words = [plain(names.get(one, "no service" if one == "none" else one), 60) for one in rows["service"]]
    shown = rows.with_columns(service=pl.Series(words, dtype=pl.String)).head(20)
    named = rows.filter(pl.col("service") != "none").height
    told = f"Recall of {counted(named, 'service')} with verdicts: the share proposed for removal or review."
    if named < rows.height:
        told += " In 'no service' are engagements that the machine could not lay to any."
    titles = ("Service", "Recall")
    return intervals(shown, name="service", value="value", low="low", high="high", titles=titles, sentence=told)


def drift_rows(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col("feature").alias("Feature"),
        pl.col("index").round(3).alias("Stability index"),
        pl.col("state").replace(DRIFT_WORDS).alias("State"),
    )


def overturn_rows(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return overturns by one column: share with its interval, never ranked by it."""
    names = [str(value) for value in rows[column]]
    words = {reason.value: word for reason, word in REASONS.items()}
    told = [f"{share(low)} to {share(high)}" for low, high in rows.select("low", "high").iter_rows()]
    return pl.DataFrame(
        {
            OVERTURNS[column]: [words.get(name, plain(name, 60)) for name in names],
            "Appeals decided": rows["appeals"],
            "Overturned": rows["overturned"],
            "Share": [share(value) for value in rows["share"]],
            "95 % interval": told,
        }
    )


def policy_rows(rows: pl.DataFrame) -> pl.DataFrame:
    told = [f"{share(low)} to {share(high)}" for low, high in rows.select("low", "high").iter_rows()]
    return rows.select(
        pl.col("policy_version").alias("Policy"),
        pl.col("n").alias("Known answers decided"),
        pl.col("right").alias("Rightly"),
        pl.Series("Share", [share(value) for value in rows["share"]], dtype=pl.String),
        pl.Series("95 % interval", told, dtype=pl.String),
    )


def shift_rows(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Return services with how they were judged before and are judged now, those that moved first."""
    counts = rows.select("before_confirmed", "before", "now_confirmed", "now").iter_rows()
    told = [(f"{hit_0:,} of {n_0:,}", f"{hit:,} of {n:,}") for hit_0, n_0, hit, n in counts]
    bounds = [f"{points(low)} to {points(high)}" for low, high in rows.select("low", "high").iter_rows()]
    one = [NOTHING if value is None else share(value) for value in rows["one_person"]]
    return pl.DataFrame(
        {
            "Service": [plain(names.get(service, service), 60) for service in rows["service_id"]],
            "Confirmed before": [before for before, _ in told],
            "Confirmed now": [now for _, now in told],
            "Change in points": [points(value) for value in rows["change"]],
            "Interval": bounds,
            "By one person": one,
            "State": ["moved" if moved else "as before" for moved in rows["is_moved"]],
        },
        schema_overrides={"Service": pl.String},
    )


def points(value: float) -> str:
    """Write a change of a share in points of a hundred."""
    return f"{100 * value:+.0f}"


def people_rows(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Return people by name with speed beside known answers; nobody is ranked (P-09)."""
    told = rows.with_columns(
        person=pl.Series([plain(names.get(one, one), 40) for one in rows["person_id"]], dtype=pl.String)
    )
    return told.sort("person").select(
        pl.col("person").alias("Reviewer"),
        pl.col("decisions").alias("Decisions"),
        pl.col("seconds").round(0).cast(pl.Int64).alias("Median seconds a case"),
        pl.col("known").alias("Known answers seen"),
        pl.col("right").alias("Rightly decided"),
    )


def skip_rows(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col("reason").replace(SKIP_REASONS).alias("Reason"), pl.col("cases").alias("Cases"))


def flow_drawing(flow: pl.DataFrame) -> Drawing:
    """Draw cases opened and decided on each of the last days."""
    rows = flow.rename({"opened": "Opened", "decided": "Decided"})
    opened, decided = int(rows["Opened"].sum()), int(rows["Decided"].sum())
    told = f"In {counted(rows.height, 'day')}: {opened:,} cases opened, {decided:,} decided."
    return lines(rows, x="day", y=["Opened", "Decided"], titles=("Day, UTC", "Cases"), sentence=told)


def forecast_drawing(days: Sequence[ForecastDay], waiting: int, now: datetime) -> Drawing:
    """Draw what will wait if the coming days are like the last ones, with the middle 80 %."""
    rows = pl.DataFrame(
        {
            "day": [now.date(), *((now + timedelta(days=one.day)).date() for one in days)],
            "Waiting": [float(waiting), *(one.waiting for one in days)],
            "low": [float(waiting), *(one.low for one in days)],
            "high": [float(waiting), *(one.high for one in days)],
        }
    )
    last = days[-1] if days else None
    told = (
        f"{waiting:,} wait now; in {last.day} days about {last.waiting:,.0f} ({last.low:,.0f} to {last.high:,.0f})."
        if last
        else f"{waiting:,} cases wait now."
    )
    told += " What one detection brings is spread over the days since the one before; a first load is left out."
    return lines(rows, x="day", y="Waiting", titles=("Day", "Cases waiting"), sentence=told, band=("low", "high"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One line of the operations page."""

    name: str
    value: str
    under: str


class StatusLike(Protocol):
    """The state of the installation."""

    @property
    def oldest_due_seconds(self) -> float: ...
    @property
    def waiting(self) -> int: ...
    @property
    def dead(self) -> int: ...
    @property
    def expired_leases(self) -> int: ...
    @property
    def open_cases(self) -> int: ...
    @property
    def escalated(self) -> int: ...
    @property
    def audit_rows(self) -> int: ...
    @property
    def audit_last_at(self) -> int | None: ...
    @property
    def log_age_hours(self) -> float | None: ...
    @property
    def run_age_hours(self) -> float | None: ...
    @property
    def model_version(self) -> str | None: ...


def readings(status: StatusLike, now: datetime) -> list[Reading]:
    """Write the installation's state, line by line."""
    due = timedelta(seconds=status.oldest_due_seconds)
    last = of_micros(status.audit_last_at)
    rows = (
        ("Oldest action that may leave", span(due) if due else "none", f"{status.waiting:,} on their way"),
        ("Dead letters", number(status.dead), "wait for a person"),
        ("Leases past their time", number(status.expired_leases), "the worker gives them back"),
        ("Cases waiting", number(status.open_cases), f"{status.escalated:,} escalated"),
        ("Audit chain", counted(status.audit_rows, "row"), f"the last {ago(last, now)}"),
        ("The log ends", _hours(status.log_age_hours), "before now"),
        ("Last detection", _hours(status.run_age_hours), f"ago, model {status.model_version or NOTHING}"),
    )
    return [Reading(name=name, value=value, under=under) for name, value, under in rows]


def _hours(value: float | None) -> str:
    return NOTHING if value is None else span(timedelta(hours=value))


def size(count: int) -> str:
    """Write a number of bytes."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= scale:
            return f"{count / scale:,.1f} {unit}"
    return f"{count / 1e3:,.0f} kB"


def disk_rows(taken: Mapping[str, int]) -> pl.DataFrame:
    rows = sorted(taken.items(), key=lambda item: -item[1])
    return pl.DataFrame({"Folder": [plain(name, 60) for name, _ in rows], "Size": [size(count) for _, count in rows]})
