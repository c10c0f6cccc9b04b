"""Which rows of the ledger each figure counts: one period, one cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import polars as pl

from analytics.statistics import backlog, enforcement, prevalence, quality
from analytics.statistics.metric import Metric
from analytics.workflows.ledger_frames import DISAGREED, LedgerFrames
from data.moments import micros
from data.records import Kind

PROMISED_HOURS = 24.0
REPEAT_DAYS = 30
SEED = 20_181_119


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open span of time."""

    since: datetime
    until: datetime

    @property
    def before(self) -> Period:
        """The span that ends where this one begins: as many months where this one is whole months, else as long."""
        months = _months(self.until) - _months(self.since)
        if all(_is_month_start(end) for end in (self.since, self.until)):
            year, month = divmod(_months(self.since) - months, 12)
            return Period(since=self.since.replace(year=year, month=month + 1), until=self.since)
        return Period(since=self.since - (self.until - self.since), until=self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which part of the work is looked at; None means all of it."""

    service_id: str | None = None
    kind: Kind | None = None
    country: str | None = None
    step: int | None = None
    # Whose decisions alone are looked at.
    person_id: str | None = None


class Source(Protocol):
    """Where a figure finds what is not in the narrow frames."""

    def sample(self, frames: LedgerFrames, period: Period) -> pl.DataFrame: ...
    def removed(self, decided: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame: ...
    def resets(self, actions: pl.DataFrame) -> pl.DataFrame: ...
    def log_until(self) -> int: ...
    def now(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Part:
    """The frames of one period and cut, handed to one figure."""

    source: Source
    frames: LedgerFrames
    period: Period
    cut: Cut

    @property
    def decisions(self) -> pl.DataFrame:
        return self.within(self.frames.decisions, "decided_at")

    def within(self, rows: pl.DataFrame, moment: str) -> pl.DataFrame:
        """Keep the rows of the cut whose moment lies in the period."""
        return self.inside(self.of_cut(rows), moment)

    def inside(self, rows: pl.DataFrame, moment: str) -> pl.DataFrame:
        since, until = micros(self.period.since), micros(self.period.until)
        return rows.filter(pl.col(moment) >= since, pl.col(moment) < until)

    def of_cut(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Keep the rows of the cut; what a frame does not say itself, its decision or case says."""
        wanted = {name: getattr(self.cut, name) for name in ("service_id", "kind", "country", "step", "person_id")}
        asked = {name: value for name, value in wanted.items() if value is not None}
        conditions = [
            pl.col(name) == (value.value if isinstance(value, Kind) else value)
            for name, value in asked.items()
            if name in rows.columns
        ]
        kept = rows.filter(*conditions) if conditions else rows
        if all(name in rows.columns for name in asked):
            return kept
        key = "decision_id" if "decision_id" in rows.columns else "case_id"
        return kept.join(self.of_cut(self.frames.decisions).select(key), on=key, how="semi")

    def of_decisions(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Keep the rows that belong to decisions of the cut, whenever they were made."""
        wanted = self.of_cut(self.frames.decisions).select("decision_id")
        return rows.join(wanted, on="decision_id", how="semi")

    @property
    def of_any_kind(self) -> pl.DataFrame:
        """The decisions of the cut whatever their case is mostly about, for figures that count single engagements."""
        return replace(self, cut=replace(self.cut, kind=None)).decisions

    @property
    def sample(self) -> pl.DataFrame:
        return self.within(self.source.sample(self.frames, self.period), "decided_at")


def _repeat(part: Part) -> Metric:
    """Count decisions of the period and cut; what came after them may lie beyond both, a higher step above all."""
    found = enforcement.repeat_offence(part.frames.decisions, days=REPEAT_DAYS, as_of=part.source.now())
    return enforcement.repeat_share(part.within(found.rows, "decided_at"))


def _resets(part: Part) -> Metric:
    # An action's kind is what it does, not what was engaged in: the decision says what the cut asks.
    mine = part.inside(part.of_decisions(part.frames.actions), "created_at")
    resets = part.source.resets(mine)
    return enforcement.reset_completion(resets, log_until=part.source.log_until())


def _exposure(part: Part) -> Metric:
    kind = part.cut.kind
    removed = part.source.removed(enforcement.removing(part.of_any_kind, kind), part.frames.actions)
    return enforcement.exposure(removed if kind is None else removed.filter(pl.col("kind") == kind.value))


def _panel(part: Part) -> Metric:
    first = part.decisions.filter(pl.col("outcome").is_in(["confirm", "reject"]))
    second = part.within(part.frames.reviews, "at").select("case_id", "number", pl.col("second").alias("outcome"))
    return quality.panel_agreement(pl.concat([first.select("case_id", "number", "outcome"), second]))


def _overturned(part: Part) -> Metric:
    decided = part.within(part.frames.appeals.filter(pl.col("outcome").is_not_null()), "decided_at")
    return quality.overturn_rate(decided, confirmations=enforcement.confirmed(part.decisions).height)


def _audited(part: Part) -> Metric:
    reviews = part.within(part.frames.reviews, "at")
    return quality.audit_reversals(reviews.with_columns(is_wrong=pl.col("event") == DISAGREED))


def _backlog(part: Part) -> Metric:
    now = min(part.source.now(), micros(part.period.until))
    return backlog.backlog(part.of_cut(part.frames.cases), now=now, promised_hours=PROMISED_HOURS)


FIGURES: dict[str, Callable[[Part], Metric]] = {
    "M-01": lambda part: prevalence.prevalence(part.sample),
    "M-01w": lambda part: prevalence.weighted_prevalence(part.sample, seed=SEED),
    "M-02": lambda part: enforcement.actioned(part.of_any_kind, part.cut.kind),
    "M-03": lambda part: enforcement.proactive_share(part.decisions),
    "M-04": lambda part: quality.precision(part.decisions),
    "M-05": lambda part: prevalence.recall(part.sample),
    "M-06": lambda part: quality.known_answers(part.decisions, part.frames.answers),
    "M-07": lambda part: quality.double_review(part.within(part.frames.reviews, "at"), seed=SEED),
    "M-07a": _panel,
    "M-08": _overturned,
    "M-09": _audited,
    "M-10": lambda part: enforcement.time_to_action(part.decisions, part.frames.actions),
    "M-11": _exposure,
    "M-12": lambda part: quality.handle_time(part.decisions),
    "M-13": _backlog,
    "M-14": _repeat,
    "M-15": _resets,
    "M-16": lambda part: quality.explanation_effect(part.decisions),
    "SLA": lambda part: backlog.in_time(part.within(part.frames.cases, "decided_at"), promised_hours=PROMISED_HOURS),
}


def _months(at: datetime) -> int:
    return at.year * 12 + at.month - 1


def _is_month_start(at: datetime) -> bool:
    return at == at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
