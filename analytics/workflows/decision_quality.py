"""How well people decide: overturns by what was decided with, skips by reason, the load and where it is going."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import select

from analytics.statistics.backlog import ForecastDay, daily_flow, forecast, usual_arrivals
from analytics.statistics.intervals import wilson
from analytics.statistics.quality import handle_time, overturns_by
from analytics.statistics.verdict_shift import verdict_shifts
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.figure_reads import READERS
from analytics.workflows.figures import SEED, Period
from analytics.workflows.gate import Gate
from analytics.workflows.statistics import Statistics
from data.errors import RightsError
from data.moments import micros
from data.records import Role
from data.tables import case_events

FORECAST_DAYS = 14
# A person's figures are shown from this many decisions on: fewer say nothing about them.
LEAST_DECISIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionQuality:
    """Frames of the quality page.

    `overturns`: column → value, appeals, overturned, share, low, high. `policies`: policy_version, right, n, share,
    low, high. `services`: see `verdict_shifts`. `skips`: reason, cases. `people`: person, decisions, seconds, right,
    known (never ranked, and empty for everybody but managers). `flow`: day, opened, decided.
    """

    overturns: dict[str, pl.DataFrame]
    policies: pl.DataFrame
    services: pl.DataFrame
    skips: pl.DataFrame
    people: pl.DataFrame
    flow: pl.DataFrame
    waiting: int
    forecast: tuple[ForecastDay, ...]


class Quality:
    """Reads for the quality page; the single figures come from Statistics."""

    def __init__(self, gate: Gate, ledger: LedgerLike, statistics: Statistics, clock: Callable[[], datetime]) -> None:
        self._gate = gate
        self._ledger = ledger
        self._statistics = statistics
        self._clock = clock

    def look(self, token: str, period: Period) -> DecisionQuality:
        """Gather the tables of one period; load and forecast are those of now."""
        roles = self._gate.who(token).person.roles
        if not roles & READERS:
            raise RightsError("You do not see how others decide.", "Your own figures are on the statistics page.")
        frames, now = self._statistics.frames(), micros(self._clock())
        decided = _within(frames.decisions, "decided_at", period)
        ruled = _within(frames.appeals.filter(pl.col("outcome").is_not_null()), "decided_at", period)
        waiting = frames.cases.filter(pl.col("decided_at").is_null()).height
        flow = daily_flow(frames.cases, now=now)
        arrivals = usual_arrivals(frames.cases, now=now)
        return DecisionQuality(
            overturns={
                column: overturns_by(frames.decisions, ruled, column)
                for column in ("model_version", "reason", "policy_version", "step")
            },
            policies=self._policies(period),
            services=verdict_shifts(frames.decisions, since=micros(period.since), until=micros(period.until)),
            skips=self._skips(period),
            people=people_table(
                decided if Role.MANAGER in roles else decided.clear(), self._statistics.figure("M-06", period).rows
            ),
            flow=_flow_frame(flow, now),
            waiting=waiting,
            forecast=tuple(forecast(waiting, (arrivals, flow[1]), days=FORECAST_DAYS, seed=SEED)),
        )

    def _policies(self, period: Period) -> pl.DataFrame:
        rows = self._statistics.figure("M-06", period).rows
        told = rows.group_by("policy_version").agg(
            pl.col("is_right").sum().cast(pl.Int64).alias("right"), pl.len().cast(pl.Int64).alias("n")
        )
        return _with_bounds(told.sort("policy_version"), "right", "n")

    def _skips(self, period: Period) -> pl.DataFrame:
        query = select(case_events.c.reason).where(
            case_events.c.event.in_(("skipped", "snoozed")),
            case_events.c.at >= micros(period.since),
            case_events.c.at < micros(period.until),
        )
        with self._ledger.read() as connection:
            reasons = [row[0] or "none given" for row in connection.execute(query)]
        told = pl.DataFrame({"reason": reasons}, schema={"reason": pl.String})
        return told.group_by("reason").agg(pl.len().cast(pl.Int64).alias("cases")).sort("cases", descending=True)


def people_table(decided: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """One row per person with enough decisions, by name: speed only ever beside known answers (P-09, M-12)."""
    timed = handle_time(decided).rows
    told = timed.group_by("person_id").agg(
        pl.len().cast(pl.Int64).alias("decisions"), pl.col("seconds").median().alias("seconds")
    )
    right = known.group_by("person_id").agg(
        pl.col("is_right").sum().cast(pl.Int64).alias("right"), pl.len().cast(pl.Int64).alias("known")
    )
    joined = told.filter(pl.col("decisions") >= LEAST_DECISIONS).join(right, on="person_id", how="left")
    return joined.with_columns(pl.col("right", "known").fill_null(0)).sort("person_id")


def _with_bounds(rows: pl.DataFrame, hits: str, n: str) -> pl.DataFrame:
    bounds = [wilson(hit, count) for hit, count in rows.select(hits, n).iter_rows()]
    return rows.with_columns(
        share=pl.col(hits) / pl.col(n),
        low=pl.Series([low for low, _ in bounds], dtype=pl.Float64),
        high=pl.Series([high for _, high in bounds], dtype=pl.Float64),
    )


def _flow_frame(flow: tuple[list[int], list[int]], now: int) -> pl.DataFrame:
    opened, decided = flow
    today = now // 86_400_000_000
    days = [today - len(opened) + 1 + place for place in range(len(opened))]
    return pl.DataFrame({"day": days, "opened": opened, "decided": decided}).with_columns(day=pl.from_epoch("day", "d"))


def _within(rows: pl.DataFrame, moment: str, period: Period) -> pl.DataFrame:
    return rows.filter(pl.col(moment) >= micros(period.since), pl.col(moment) < micros(period.until))
