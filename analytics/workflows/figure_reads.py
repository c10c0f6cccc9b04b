"""Who sees which figures: managers all of it, analysts and seniors nobody by name, reviewers their own work (P-09)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from analytics.statistics.definitions import DEFINITIONS
from analytics.statistics.metric import Metric
from analytics.workflows.figures import Cut, Part, Period
from analytics.workflows.gate import Gate
from analytics.workflows.ledger_frames import LedgerFrames
from analytics.workflows.statistics import Comparison, Dimension, Statistics
from data.errors import RightsError
from data.records import Role

READERS = frozenset({Role.MANAGER, Role.ANALYST, Role.SENIOR_REVIEWER})
# What says something about the work of one person.
OWN_FIGURES = ("M-02", "M-04", "M-06", "M-12", "SLA", "M-08")
# A case with a known answer is shown to others later: nobody who decides cases may learn which ones those are.
_HIDDEN_FROM_OWN = frozenset({"M-06"})
# Pace by person stands beside their known answers, on the quality page, and nowhere else.
_TIMED = frozenset({"M-10", "M-12", "M-16"})


class FigureReads:
    """Hands out the managers' figures to whoever may see some."""

    def __init__(self, gate: Gate, statistics: Statistics) -> None:
        self._gate = gate
        self._statistics = statistics

    def seen_by(self, token: str) -> SeenFigures:
        """Return the figures that this person sees, all of one state of the ledger."""
        person = self._gate.who(token).person
        if person.roles & READERS:
            is_manager = Role.MANAGER in person.roles
            return SeenFigures(self._statistics, self._statistics.frames(), only=None, has_names=is_manager)
        if Role.REVIEWER in person.roles:
            return SeenFigures(self._statistics, self._statistics.frames(), only=person.person_id, has_names=False)
        raise RightsError("You do not see these figures.", "Ask an administrator for the right.")


@dataclass(frozen=True, slots=True)
class SeenFigures:
    """What one person sees; the rest is left out here, not on the page.

    `only` names the person whose decisions alone are counted, None stands for everybody; `has_names` says whether rows
    name who decided.
    """

    _statistics: Statistics
    _frames: LedgerFrames
    only: str | None
    has_names: bool

    @property
    def shown(self) -> tuple[str, ...]:
        """The figures of this person, in no order of importance."""
        return tuple(DEFINITIONS) if self.only is None else OWN_FIGURES

    def opens_rows(self, metric_id: str) -> bool:
        """Say whether this person may look at the rows behind a figure."""
        return self.only is None or metric_id not in _HIDDEN_FROM_OWN

    def compare(self, metric_id: str, period: Period, cut: Cut | None = None) -> Comparison:
        """Count one figure for the period and for the one before it."""
        found = self._statistics.compare(metric_id, period, self._cut(metric_id, cut), frames=self._frames)
        before = _without_rows(found.before) if found.before else None
        return Comparison(now=_without_rows(found.now), before=before)

    def rows_behind(self, metric_id: str, period: Period, cut: Cut | None = None) -> pl.DataFrame:
        """Return exactly the rows that the figure counted; who decided them only for managers, never beside pace."""
        if not self.opens_rows(metric_id):
            raise RightsError("You do not see these rows.", "Ask a manager about them.")
        rows = self._statistics.figure(metric_id, period, self._cut(metric_id, cut), frames=self._frames).rows
        return rows if self.has_names and metric_id not in _TIMED else rows.drop("person_id", strict=False)

    def by(self, metric_id: str, dimension: Dimension, period: Period, cut: Cut | None = None) -> pl.DataFrame:
        """One row per value of the dimension, as `Statistics.by` counts it."""
        return self._statistics.by(metric_id, dimension, period, self._cut(metric_id, cut), frames=self._frames)

    def over_time(self, metric_id: str, period: Period, cut: Cut | None = None) -> pl.DataFrame:
        """One row per equal step of the period, as `Statistics.over_time` counts it."""
        return self._statistics.over_time(metric_id, period, self._cut(metric_id, cut), frames=self._frames)

    def done(self, period: Period) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the outcomes of the period's decisions with their moments, and all actions that decisions led to."""
        part = Part(self._statistics, self._frames, period, Cut(person_id=self.only))
        actions = self._frames.actions if self.only is None else part.of_decisions(self._frames.actions)
        return part.decisions.select("decided_at", "outcome"), actions.select("kind", "state")

    def _cut(self, metric_id: str, cut: Cut | None) -> Cut:
        if metric_id not in self.shown:
            raise RightsError("You do not see this figure.", "Your own figures are on the statistics page.")
        return replace(cut or Cut(), person_id=self.only)


def _without_rows(found: Metric) -> Metric:
    """Keep a figure and how many rows it counted; the rows themselves have a door of their own."""
    return replace(found, rows=found.rows.clear())
