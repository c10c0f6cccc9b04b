"""Reviewer load: what waits, what will wait, and what was done in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.statistics.durations import DAY, HOUR, percentile, tail
from analytics.statistics.intervals import Interval, wilson
from analytics.statistics.metric import Metric, metric

Shares = npt.NDArray[np.float64]
SIMULATIONS = 1_000
# Arrivals and completions are read off this many days before the forecast begins.
LOOK_BACK_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastDay:
    """What is expected to wait at the end of one coming day, with the middle 80 % of the simulations."""

    day: int
    waiting: float
    low: float
    high: float


def backlog(cases: pl.DataFrame, *, now: int, promised_hours: float) -> Metric:
    """M-13: hours the oldest undecided case has waited; rows are the undecided cases.

    `cases`: one row per case: case_id, opened_at, decided_at (null while undecided).
    """
    waiting = cases.filter(pl.col("opened_at") <= now, _undecided(now)).sort("opened_at")
    ages = (now - waiting["opened_at"]).cast(pl.Float64) / HOUR
    detail = {
        "breaches": float((ages > promised_hours).sum()),
        "arrivals_per_hour": _rate(cases["opened_at"], now),
        "completions_per_hour": _rate(cases["decided_at"], now),
        **tail(ages),
    }
    oldest = percentile(ages, 1.0)
    return metric("M-13", waiting.with_columns(age_hours=ages), oldest, detail=detail)


def in_time(cases: pl.DataFrame, *, promised_hours: float) -> Metric:
    """Share of decided cases that were decided within the promised time."""
    decided = cases.filter(pl.col("decided_at").is_not_null()).with_columns(
        is_in_time=(pl.col("decided_at") - pl.col("opened_at")) <= promised_hours * HOUR
    )
    hits = int(decided["is_in_time"].sum())
    value = hits / decided.height if decided.height else None
    return metric("SLA", decided, value, wilson(hits, decided.height))


def daily_flow(cases: pl.DataFrame, *, now: int, days: int = LOOK_BACK_DAYS) -> tuple[list[int], list[int]]:
    """Cases opened and decided on each of the last whole days before now, oldest first."""
    return _per_day(cases["opened_at"], now, days), _per_day(cases["decided_at"], now, days)


def usual_arrivals(cases: pl.DataFrame, *, now: int, days: int = LOOK_BACK_DAYS) -> list[float]:
    """Cases that came up on each of the last whole days, oldest first, as they may come again.

    `cases`: opened_at, run_id. A detection opens at one moment what a stretch of log held, so its cases are spread
    over the days since the detection before it. The first one, of a log as it was loaded, says nothing of a day.
    """
    found = np.zeros(days)
    before: int | None = None
    for run in _detections(cases.filter(pl.col("opened_at") <= now)):
        found += _per_day(run.filter(pl.col("opened_at") > run["opened_at"][0])["opened_at"], now, days)
        at = int(run["opened_at"][0])
        at_once = run.filter(pl.col("opened_at") == at).height
        if before is not None:
            found += at_once * _share_of_days(before, at, now, days)
        before = at
    return [float(count) for count in found]


def _detections(cases: pl.DataFrame) -> list[pl.DataFrame]:
    """Part the cases by the detection that they come from, the first one first."""
    return cases.sort("opened_at").partition_by("run_id", maintain_order=True)


def _share_of_days(since: int, until: int, now: int, days: int) -> Shares:
    """Say which share of a span lies on each of the last days, oldest first."""
    ends = now - np.arange(days)[::-1] * DAY
    within = np.minimum(ends, until) - np.maximum(ends - DAY, since)
    shares: Shares = np.maximum(within, 0) / (until - since)
    return shares


def forecast(waiting: int, flow: tuple[Sequence[float], Sequence[float]], *, days: int, seed: int) -> list[ForecastDay]:
    """Replay random days of the recent past forward; nothing can fall below an empty queue."""
    arrivals, completions = np.array(flow[0]), np.array(flow[1])
    if not len(arrivals):
        return []
    drawn = np.random.default_rng(seed).integers(0, len(arrivals), size=(SIMULATIONS, days))
    level = np.full(SIMULATIONS, float(waiting))
    found = []
    for day in range(days):
        level = np.maximum(level + arrivals[drawn[:, day]] - completions[drawn[:, day]], 0)
        low, middle, high = np.quantile(level, [0.1, 0.5, 0.9])
        found.append(ForecastDay(day=day + 1, waiting=float(middle), low=float(low), high=float(high)))
    return found


def reviewer_hours(cases_per_day: float, handle_seconds: pl.Series) -> Interval | None:
    """Hours of review a day these cases cost: at the median pace, and at the pace of the slowest tenth."""
    usual, slow = percentile(handle_seconds, 0.5), percentile(handle_seconds, 0.9)
    if usual is None or slow is None:
        return None
    return cases_per_day * usual / 3600, cases_per_day * slow / 3600


def _undecided(now: int) -> pl.Expr:
    return pl.col("decided_at").is_null() | (pl.col("decided_at") > now)


def _rate(times: pl.Series, now: int) -> float:
    """How many a day in the last day, by the hour."""
    recent = times.drop_nulls()
    return float(((recent > now - DAY) & (recent <= now)).sum()) / 24


def _per_day(times: pl.Series, now: int, days: int) -> list[int]:
    ago = (now - times.drop_nulls().cast(pl.Int64)) // DAY
    counts = np.bincount(ago.filter((ago >= 0) & (ago < days)).to_numpy(), minlength=days)
    return [int(count) for count in counts[:days][::-1]]
