"""The managers' figures: one ledger state, one period, one cut; every figure with the rows it counted (P-13)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import polars as pl

from analytics.statistics import enforcement
from analytics.statistics.definitions import DEFINITIONS, Unit
from analytics.statistics.metric import Metric
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.figures import FIGURES, SEED, Cut, Part, Period
from analytics.workflows.ledger_frames import (
    RANDOM_AUDIT,
    REMOVALS,
    RESETS,
    LedgerFrames,
    Version,
    kept_frames,
    read_engagements,
)
from data.moments import EPOCH, micros
from data.records import Kind

# Engagements of at most this many decisions are opened for M-11; more are sampled evenly by their id.
EXPOSURE_DECISIONS = 2_000
KEPT_FIGURES = 512
# A period, the one before it, and another person's two.
KEPT_SAMPLES = 4
_MINUTE = 60_000_000
# Figures that move while the ledger stands still: with the clock, or with a log that was loaded since.
_MOVING = frozenset({"M-01", "M-01w", "M-05", "M-13", "M-14", "M-15"})


class Dimension(StrEnum):
    """What a table of figures can be split by."""

    SERVICE = "service_id"
    KIND = "kind"
    COUNTRY = "country"
    STEP = "step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One figure of the period beside that of the period before; None where nobody had begun to work by then."""

    now: Metric
    before: Metric | None

    @property
    def change(self) -> float | None:
        if self.before is None or self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value

    @property
    def is_clear(self) -> bool:
        """Whether the two intervals stay apart, so that chance alone is an unlikely reason."""
        if self.before is None:
            return False
        bounds = (self.now.low, self.now.high, self.before.low, self.before.high)
        low, high, low_before, high_before = bounds
        if low is None or high is None or low_before is None or high_before is None:
            return False
        return low > high_before or high < low_before


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """The random sample of one period. What was decided never changes: the same decisions are the same rows."""

    period: Period
    drawn: pl.DataFrame
    log_until: int
    rows: pl.DataFrame

    def covers(self, period: Period) -> bool:
        return self.period.since <= period.since and period.until <= self.period.until


class LogFacts(Protocol):
    """What the figures need of the log: how far it reaches, its audiences, when a service was last seen."""

    def log_until(self) -> datetime | None: ...
    def audience(self, engagement_ids: Sequence[str]) -> Mapping[str, float]: ...
    def service_last_seen(self, pairs: pl.DataFrame) -> pl.DataFrame: ...


class Statistics:
    """Figures from the ledger; frames are kept for as long as the ledger stands still."""

    def __init__(self, ledger: LedgerLike, clock: Callable[[], datetime], log: LogFacts | None = None) -> None:
        self._ledger = ledger
        self._clock = clock
        self._log = log
        self._lock = threading.Lock()
        self._samples: tuple[_Sample, ...] = ()
        self._figures: OrderedDict[tuple[Version, int, str, Period, Cut], Metric] = OrderedDict()

    def frames(self) -> LedgerFrames:
        """Return the ledger's frames of its present state."""
        return kept_frames(self._ledger)

    def figure(
        self, metric_id: str, period: Period, cut: Cut | None = None, *, frames: LedgerFrames | None = None
    ) -> Metric:
        """Count one figure; the same question of the same ledger (and minute, where that matters) is kept.

        Whoever asks several questions at once looks at the ledger once and hands its `frames` in, here and below.
        """
        frames, part = frames or self.frames(), cut or Cut()
        minute = self.now() // _MINUTE if metric_id in _MOVING else 0
        key = (frames.version, minute, metric_id, period, part)
        with self._lock:
            known = self._figures.get(key)
        if known is not None:
            return known
        found = FIGURES[metric_id](Part(self, frames, period, part))
        with self._lock:
            self._figures[key] = found
            while len(self._figures) > KEPT_FIGURES:
                self._figures.popitem(last=False)
        return found

    def compare(
        self, metric_id: str, period: Period, cut: Cut | None = None, *, frames: LedgerFrames | None = None
    ) -> Comparison:
        """Count one figure for the period and for the one before, if the work had begun by then.

        Shares and medians need one day of it; a number of things is comparable with that of a whole period alone.
        """
        needed = period.before.since if DEFINITIONS[metric_id].unit is Unit.COUNT else period.before.until
        frames = frames or self.frames()
        is_comparable = frames.begun_at is not None and frames.begun_at < micros(needed)
        before = self.figure(metric_id, period.before, cut, frames=frames) if is_comparable else None
        return Comparison(now=self.figure(metric_id, period, cut, frames=frames), before=before)

    def rows_behind(self, metric_id: str, period: Period, cut: Cut | None = None) -> pl.DataFrame:
        """Return exactly the rows that the figure counted."""
        return self.figure(metric_id, period, cut).rows

    def by(
        self,
        metric_id: str,
        dimension: Dimension,
        period: Period,
        cut: Cut | None = None,
        *,
        frames: LedgerFrames | None = None,
    ) -> pl.DataFrame:
        """One row per value of the dimension: name, value, low, high, n; the most counted first."""
        frames = frames or self.frames()
        parts = _cuts(frames, dimension, cut or Cut())
        told = [(name, self.figure(metric_id, period, part, frames=frames)) for name, part in parts]
        rows = [(name, found.value, found.low, found.high, found.n) for name, found in told if found.n]
        schema = {"name": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("n", "name", descending=[True, False])

    def values(self) -> dict[str, list[str]]:
        """List what the ledger holds of each dimension, for whoever wants to look at a part."""
        decisions = self.frames().decisions
        kinds = [kind.value for kind in (Kind.LIKE, Kind.FOLLOW, Kind.COMMENT)]
        split = [one for one in Dimension if one is not Dimension.KIND]
        named = {
            one.value: [str(value) for value in decisions[one.value].drop_nulls().unique().sort()] for one in split
        }
        return {Dimension.KIND.value: kinds, **named}

    def cut_of(self, chosen: Mapping[str, str | None]) -> Cut:
        """Return the part that names describe; a name that the ledger does not hold is no condition (X-11)."""
        known = self.values()
        found = {name: value for name, value in chosen.items() if value is not None and value in known.get(name, ())}
        return Cut(
            service_id=found.get("service_id"),
            kind=Kind(found["kind"]) if "kind" in found else None,
            country=found.get("country"),
            step=int(found["step"]) if "step" in found else None,
        )

    def over_time(
        self,
        metric_id: str,
        period: Period,
        cut: Cut | None = None,
        *,
        steps: int = 12,
        frames: LedgerFrames | None = None,
    ) -> pl.DataFrame:
        """One row per equal step of the period: since, value, low, high, n."""
        frames = frames or self.frames()
        length = (period.until - period.since) / steps
        spans = [Period(since=period.since + i * length, until=period.since + (i + 1) * length) for i in range(steps)]
        found = [(span.since, self.figure(metric_id, span, cut, frames=frames)) for span in spans]
        return pl.DataFrame(
            {
                "since": [since for since, _ in found],
                "value": [figure.value for _, figure in found],
                "low": [figure.low for _, figure in found],
                "high": [figure.high for _, figure in found],
                "n": [figure.n for _, figure in found],
            },
            schema_overrides={"value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
        )

    def sample(self, frames: LedgerFrames, period: Period) -> pl.DataFrame:
        """One row per engagement of the random audit lane that a person decided on in the period, or around it."""
        until = self.log_until()
        for kept in self._samples:
            if kept.covers(period) and kept.log_until == until and kept.drawn.equals(drawn_in(frames, kept.period)):
                return kept.rows
        drawn = drawn_in(frames, period)
        found = _Sample(period=period, drawn=drawn, log_until=until, rows=self._drawn(drawn))
        self._samples = (found, *self._samples[: KEPT_SAMPLES - 1])
        return found.rows

    def _drawn(self, about: pl.DataFrame) -> pl.DataFrame:
        """Open the engagements of these decisions, each with the audience it reached."""
        with self._ledger.read() as connection:
            rows = read_engagements(connection, about["decision_id"].to_list())
        weights = self._log.audience(rows["engagement_id"].unique().to_list()) if self._log else {}
        told = pl.DataFrame(
            {"engagement_id": list(weights), "weight": list(weights.values())},
            schema={"engagement_id": pl.String, "weight": pl.Float64},
        )
        return (
            rows.rename({"is_removed": "is_inauthentic"})
            .join(told, on="engagement_id", how="left", maintain_order="left")
            .with_columns(pl.col("weight").fill_null(1.0))
            .join(about, on="decision_id", maintain_order="left")
        )

    def removed(self, decided: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
        """One row per engagement that these decisions removed, with the moment its removal was delivered."""
        done = (
            actions.filter(pl.col("kind") == REMOVALS)
            .group_by("decision_id")
            .agg(pl.col("finished_at").max().alias("removed_at"), pl.col("state").is_in(enforcement.DONE).all())
            .filter("state")
        )
        known = decided.join(done.select("decision_id", "removed_at"), on="decision_id")
        chosen = known.sort(pl.col("decision_id").hash(SEED)).head(EXPOSURE_DECISIONS)
        with self._ledger.read() as connection:
            rows = read_engagements(connection, chosen["decision_id"].to_list())
        return rows.filter("is_removed").join(chosen.select("decision_id", "removed_at"), on="decision_id")

    def resets(self, actions: pl.DataFrame) -> pl.DataFrame:
        """One row per forced reset with the moment its service was last seen on the account."""
        forced = actions.filter(pl.col("kind") == RESETS)
        if self._log is None:
            return forced.with_columns(service_last_at=pl.lit(None, pl.Int64))
        seen = self._log.service_last_seen(forced.select("account_id", "service_id").unique())
        return forced.join(seen, on=["account_id", "service_id"], how="left", nulls_equal=True)

    def log_until(self) -> int:
        until = self._log.log_until() if self._log else None
        return micros(until or EPOCH)

    def now(self) -> int:
        return micros(self._clock())


def _cuts(frames: LedgerFrames, dimension: Dimension, cut: Cut) -> list[tuple[str, Cut]]:
    if dimension is Dimension.KIND:
        return [(kind.value, replace(cut, kind=kind)) for kind in (Kind.LIKE, Kind.FOLLOW, Kind.COMMENT)]
    values = frames.decisions[dimension.value].drop_nulls().unique().sort()
    return [(str(value), replace(cut, **{dimension.value: value})) for value in values]


def drawn_in(frames: LedgerFrames, period: Period) -> pl.DataFrame:
    """List the decisions on randomly drawn cases that fall into a period."""
    return frames.decisions.filter(
        pl.col("lane") == RANDOM_AUDIT,
        pl.col("outcome").is_in(["confirm", "reject"]),
        pl.col("decided_at") >= micros(period.since),
        pl.col("decided_at") < micros(period.until),
    ).select("decision_id", "number", "decided_at", "service_id", "country", "step")
