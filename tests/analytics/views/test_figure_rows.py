"""The rows behind a figure: in people's words, what adds up to it first (P-13)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analytics.statistics.definitions import DEFINITIONS
from analytics.views.figure_rows import COLUMNS, Reader, figure_rows
from analytics.workflows.figures import Period
from analytics.workflows.statistics import Statistics
from data.moments import micros
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.delivery_world import LocalLedger

START = datetime(2026, 10, 1, tzinfo=UTC)
OCTOBER = Period(since=START, until=datetime(2026, 11, 1, tzinfo=UTC))
READER = Reader(zone=ZoneInfo("UTC"), people={"ada": "Ada Lind"}, services={"S-1": "Like\u202eFarm"})
# Of these a table shows no column that decides the figure: any of its rows is one of its parts.
FIRST_SCREENFUL = 4


@pytest.fixture(scope="module")
def statistics(tmp_path_factory: pytest.TempPathFactory) -> Statistics:
    ledger = LocalLedger(Path(tmp_path_factory.mktemp("ledger")) / "ledger.sqlite")
    world = DecidedWorld(ledger, micros(START))
    first = world.decision(10, is_blind=True, idle_us=90_000_000, shown_at=micros(START) + 9 * 3_600_000_000)
    world.action(first, 12)
    world.action(first, 12, kind="reset_password")
    world.appeal(first, 60, "overturned")
    world.event(first, "second_review_agreed", 50)
    world.decision(20, lane="random_audit", explanation_shown=False)
    settled = world.decision(30, lane="known_answer")
    world.known_answer(settled, "confirm")
    world.case(40)
    return Statistics(ledger, lambda: OCTOBER.until)


@pytest.mark.parametrize("metric_id", sorted(DEFINITIONS))
def test_every_row_is_told_and_no_id_of_the_database(statistics: Statistics, metric_id: str) -> None:
    found = statistics.rows_behind(metric_id, OCTOBER)
    told = figure_rows(metric_id, found, READER)

    assert told.height == found.height
    assert [name for name in told.columns if "_" in name or name.islower()] == []
    internal = {"decision_id", "case_id", "action_id", "appeal_id", "run_id", "lane", "bulk_id"}
    assert internal.isdisjoint(COLUMNS[metric_id])
    text = [str(cell) for row in told.iter_rows() for cell in row]
    assert [cell for cell in text if cell in ("ada", "S-1", "PURCHASED_LIKES", "confirm")] == []


def test_removals_stand_in_the_first_screenful_and_add_up(statistics: Statistics) -> None:
    """M-02."""
    told = figure_rows("M-02", statistics.rows_behind("M-02", OCTOBER), READER)

    assert "Removed" in told.columns[:FIRST_SCREENFUL]
    assert told["Removed"].sum() == statistics.figure("M-02", OCTOBER).value
    assert told.select("Decided by", "Reason", "Service", "Decided").row(0) == (
        "Ada Lind",
        "Likes were bought",
        "Like⟨RLO⟩Farm",
        "1 Oct 2026 10:00:00",
    )


def test_a_pause_is_told_in_minutes(statistics: Statistics) -> None:
    """M-12."""
    told = figure_rows("M-12", statistics.rows_behind("M-12", OCTOBER), READER)
    assert told.select("Seconds", "Pause taken out, min").row(0) == (3510.0, 1.5)


def test_a_figure_without_rows_is_an_empty_table() -> None:
    assert figure_rows("M-02", pl.DataFrame(), READER).is_empty()
