"""Who sees which figures and rows: decided where they are read, so that no address opens more (P-09)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.statistics.definitions import DEFINITIONS
from analytics.workflows.figure_reads import OWN_FIGURES, FigureReads
from analytics.workflows.figures import Cut, Period
from analytics.workflows.statistics import Dimension, Statistics
from data.errors import RightsError
from data.moments import micros
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.analytics.workflows.investigating import NOW, staffed_gate
from tests.delivery_world import LocalLedger

START = datetime(2026, 10, 1, tzinfo=UTC)
OCTOBER = Period(since=START, until=datetime(2026, 11, 1, tzinfo=UTC))


@pytest.fixture
def reads(tmp_path: Path) -> FigureReads:
    """Rita decides two cases, Ada three, one of which is overturned."""
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    gate = staffed_gate(ledger, lambda: NOW)
    world = DecidedWorld(ledger, micros(START))
    for hour in range(5):
        decision = world.decision(10 + hour, person_id="rita" if hour < 2 else "ada", is_blind=True)
        world.action(decision, 20 + hour)
    world.appeal(decision, 60, "overturned")
    return FigureReads(gate, Statistics(ledger, lambda: NOW))


@pytest.mark.parametrize("metric_id", sorted(DEFINITIONS))
def test_a_reviewer_sees_own_rows_or_none(reads: FigureReads, metric_id: str) -> None:
    """P-09, SCREENS: own figures only, whatever the address asks for."""
    mine = reads.seen_by("rita")
    if metric_id not in OWN_FIGURES or metric_id == "M-06":
        with pytest.raises(RightsError):
            mine.rows_behind(metric_id, OCTOBER, Cut(person_id="ada"))
        return
    rows = mine.rows_behind(metric_id, OCTOBER, Cut(person_id="ada"))
    assert set(rows["account_id"]) <= {"account-1", "account-2"}
    assert rows.height == mine.compare(metric_id, OCTOBER).now.n == (0 if metric_id == "M-08" else 2)
    assert "person_id" not in rows.columns


def test_what_a_reviewer_reads_beside_the_figures_is_their_own(reads: FigureReads) -> None:
    mine, all_of_it = reads.seen_by("rita"), reads.seen_by("max")
    decided, actions = mine.done(OCTOBER)

    assert (decided.height, actions.height) == (2, 2)
    assert [one.height for one in all_of_it.done(OCTOBER)] == [5, 5]
    assert mine.by("M-02", Dimension.SERVICE, OCTOBER)["n"].sum() == 2
    assert mine.over_time("M-02", OCTOBER)["n"].sum() == 2


def test_figures_bring_no_rows_along(reads: FigureReads) -> None:
    found = reads.seen_by("rita").compare("M-12", OCTOBER).now
    assert (found.n, found.rows.height) == (2, 0)


@pytest.mark.parametrize(("token", "is_named"), [("max", True), ("ana", False), ("sena", False)])
def test_who_decided_is_told_to_managers_and_never_beside_pace(reads: FigureReads, token: str, is_named: bool) -> None:
    """P-09: pace by person stands on the quality page, beside known answers."""
    seen = reads.seen_by(token)
    assert ("person_id" in seen.rows_behind("M-04", OCTOBER).columns) is is_named
    assert seen.rows_behind("M-12", OCTOBER).height == 5
    assert "person_id" not in seen.rows_behind("M-12", OCTOBER).columns
