"""Figures counted from a real ledger: the right rows, and always as many as the figure says (P-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.statistics.definitions import DEFINITIONS
from analytics.workflows.figures import FIGURES, Cut, Period
from analytics.workflows.statistics import Dimension, Statistics
from data.moments import micros
from data.records import Kind
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.delivery_world import LocalLedger

START = datetime(2026, 10, 1, tzinfo=UTC)
OCTOBER = Period(since=START, until=datetime(2026, 11, 1, tzinfo=UTC))
NOVEMBER = Period(since=OCTOBER.until, until=datetime(2026, 12, 1, tzinfo=UTC))


class QuietLog:
    """A log in which the service went on after account-1's reset and everybody has 9 followers."""

    def log_until(self) -> datetime:
        return START + timedelta(days=90)

    def audience(self, engagement_ids: Sequence[str]) -> Mapping[str, float]:
        return dict.fromkeys(engagement_ids, 9.0)

    def service_last_seen(self, pairs: pl.DataFrame) -> pl.DataFrame:
        late = micros(START + timedelta(days=60))
        return pairs.with_columns(
            service_last_at=pl.when(pl.col("account_id") == "account-1").then(pl.lit(late)).otherwise(pl.lit(0))
        )


@pytest.fixture(scope="module")
def statistics(tmp_path_factory: pytest.TempPathFactory) -> Statistics:
    ledger = LocalLedger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    fill(DecidedWorld(ledger, micros(START)))
    return Statistics(ledger, lambda: NOVEMBER.until, QuietLog())


def fill(world: DecidedWorld) -> None:
    first = world.decision(10, case={"account_id": "account-1"})
    world.action(first, 12)
    world.action(first, 12, kind="reset_password")
    world.appeal(first, 100, "upheld")
    world.event(first, "second_review_agreed", 50)
    second = world.decision(20, taken=2, is_blind=True)
    world.action(second, 23)
    world.appeal(second, 120, "overturned")
    world.event(second, "overturned", 120)
    world.event(second, "second_review_disagreed", 60)
    third = world.decision(30, outcome="reject", is_blind=True, explanation_shown=False)
    world.event(third, "second_review_agreed", 70)
    undone = world.decision(40)
    world.event(undone, "undone", 40)
    settled = world.decision(-24 * 20, case={"service_id": "S-2", "lane": "known_answer"})
    world.known_answer(settled, "confirm")
    world.again(settled, 50, lane="known_answer", person_id="ben")
    world.decision(60, lane="random_audit", taken=1, case={"service_id": None, "country": None})
    world.decision(24 * 40, case={"account_id": "account-1", "service_id": "S-2", "country": "US"})
    world.case(24 * 50)
    world.case(24 * 55)
    world.case(24 * 55, state="proposed")


EXPECTED_OCTOBER = {
    "M-01": (1 / 3, 3),
    "M-01w": (1 / 3, 3),
    "M-02": (6.0, 3),
    "M-03": (1.0, 4),
    "M-04": (0.5, 2),
    "M-05": (1.0, 1),
    "M-06": (1.0, 1),
    "M-07": (0.4, 3),
    "M-08": (0.5, 2),
    "M-09": (1 / 3, 3),
    "M-10": (27.0, 2),
    "M-11": (26.0, 5),
    "M-12": (60.0, 5),
    "M-14": (0.0, 2),
    "M-15": (0.0, 1),
    "SLA": (1.0, 4),
}


@pytest.mark.parametrize("metric_id", EXPECTED_OCTOBER)
def test_the_figures_of_october(statistics: Statistics, metric_id: str) -> None:
    """Undone decisions count nowhere, decisions of other months not here."""
    found = statistics.figure(metric_id, OCTOBER)

    assert (found.value, found.n) == (pytest.approx(EXPECTED_OCTOBER[metric_id][0]), EXPECTED_OCTOBER[metric_id][1])


@pytest.mark.parametrize("metric_id", sorted(DEFINITIONS))
@pytest.mark.parametrize("cut", [Cut(), Cut(service_id="S-2"), Cut(kind=Kind.LIKE, country="BR", step=1)], ids=str)
def test_every_figure_shows_exactly_the_rows_it_counted(statistics: Statistics, metric_id: str, cut: Cut) -> None:
    """P-13."""
    for period in (OCTOBER, NOVEMBER):
        assert statistics.rows_behind(metric_id, period, cut).height == statistics.figure(metric_id, period, cut).n


def test_every_defined_figure_can_be_counted() -> None:
    assert FIGURES.keys() == DEFINITIONS.keys()


def test_the_backlog_is_that_of_the_end_of_the_period(statistics: Statistics) -> None:
    """The undone decision left its case waiting; a case that an analyst proposed waits for nobody yet."""
    october, november = statistics.figure("M-13", OCTOBER), statistics.figure("M-13", NOVEMBER)

    assert (october.n, october.value) == (1, 24 * 31 - 39)
    assert (november.n, november.value) == (3, 24 * 61 - 39)


def test_a_table_by_service_adds_up_to_the_whole(statistics: Statistics) -> None:
    told = statistics.by("M-02", Dimension.SERVICE, OCTOBER)

    assert told.select("name", "value", "n").rows() == [("S-1", 5.0, 2)]


@pytest.mark.parametrize(("metric_id", "n"), [("M-08", 2), ("M-09", 3), ("SLA", 4), ("M-15", 1)])
def test_a_part_that_nobody_decided_about_counts_nothing(statistics: Statistics, metric_id: str, n: int) -> None:
    """All decisions of October are about likes, whatever frame a figure is counted from."""
    assert statistics.figure(metric_id, OCTOBER, Cut(kind=Kind.LIKE)).n == n
    assert statistics.figure(metric_id, OCTOBER, Cut(kind=Kind.COMMENT)).n == 0


def test_removals_under_a_kind_are_those_of_that_kind(tmp_path: Path) -> None:
    """M-02, P-13: whatever the case is mostly about; a case with nothing proposed is about no kind at all."""
    world = DecidedWorld(LocalLedger(tmp_path / "ledger.sqlite"), micros(START))
    world.decision(5, removed={"removed_follows": 4, "removed_comments": 1})
    nothing = {"proposed_likes": 0}
    world.decision(6, taken=0, case=nothing, removed={"removed_comments": 2})
    statistics = Statistics(world.ledger, lambda: NOVEMBER.until)

    told = statistics.by("M-02", Dimension.KIND, OCTOBER)
    assert sorted(told.select("name", "value", "n").rows()) == [
        ("comment", 3.0, 2),
        ("follow", 4.0, 1),
        ("like", 3.0, 1),
    ]
    assert told["value"].sum() == statistics.figure("M-02", OCTOBER).value
    comments = statistics.rows_behind("M-02", OCTOBER, Cut(kind=Kind.COMMENT))
    assert sorted(comments["removed"]) == [1, 2]
    assert statistics.by("M-12", Dimension.KIND, OCTOBER).select("name", "n").rows() == [("like", 1)]


def test_a_case_for_review_alone_is_of_its_main_kind(tmp_path: Path) -> None:
    world = DecidedWorld(LocalLedger(tmp_path / "ledger.sqlite"), micros(START))
    unsure = {"proposed_likes": 0, "for_review": 5, "main_kind": "follow"}
    world.decision(5, case=unsure, outcome="reject")
    world.decision(6, case=unsure | {"proposed_likes": 2})

    told = Statistics(world.ledger, lambda: NOVEMBER.until).by("M-12", Dimension.KIND, OCTOBER)
    assert told.select("name", "n").rows() == [("follow", 2)]


def test_the_time_before_removal_of_a_kind_is_of_its_engagements(statistics: Statistics) -> None:
    """M-11: all that was removed are likes."""
    assert statistics.figure("M-11", OCTOBER, Cut(kind=Kind.LIKE)).n == statistics.figure("M-11", OCTOBER).n == 5
    assert statistics.figure("M-11", OCTOBER, Cut(kind=Kind.FOLLOW)).n == 0


def test_a_period_before_the_first_decision_is_no_comparison(statistics: Statistics) -> None:
    """Nobody worked before October; of September the desk saw one known answer, which is no whole month of removals."""
    october = statistics.compare("M-02", OCTOBER)
    assert (october.now.value, october.before, october.change, october.is_clear) == (6.0, None, None, False)
    assert statistics.compare("M-12", OCTOBER).before is not None
    september = Period(since=datetime(2026, 9, 1, tzinfo=UTC), until=START)
    assert statistics.compare("M-12", september).before is None


def test_a_period_is_compared_with_the_one_before_it(statistics: Statistics) -> None:
    found = statistics.compare("M-02", NOVEMBER)

    assert (found.now.value, found.before.value, found.change) == (3.0, 6.0, -3.0)


def test_figures_over_time_add_up_to_the_period(statistics: Statistics) -> None:
    told = statistics.over_time("M-02", OCTOBER, steps=31)

    assert (told.height, told["value"].sum(), told["n"].sum()) == (31, 6.0, 3)


def test_a_repeat_on_a_higher_step_counts_for_the_step_before_it(tmp_path: Path) -> None:
    """M-14: the cut chooses whose repeats are counted, not which repeats there are."""
    world = DecidedWorld(LocalLedger(tmp_path / "ledger.sqlite"), micros(START))
    world.decision(5, case={"account_id": "a"})
    world.decision(24 * 9, case={"account_id": "a", "service_id": "S-2"}, step=2)
    statistics = Statistics(world.ledger, lambda: NOVEMBER.until)

    found = [statistics.figure("M-14", OCTOBER, cut) for cut in (Cut(step=1), Cut(service_id="S-1"), Cut(step=2))]
    assert [(one.value, one.n) for one in found] == [(1.0, 1), (1.0, 1), (0.0, 1)]


def test_a_known_answer_shown_again_was_decided_when_it_was_first_decided(tmp_path: Path) -> None:
    """S-08, M-13: else every known answer would be a broken promise of the day it is shown again."""
    world = DecidedWorld(LocalLedger(tmp_path / "ledger.sqlite"), micros(START))
    settled = world.decision(5, case={"lane": "known_answer"})
    world.known_answer(settled, "confirm")
    statistics = Statistics(world.ledger, lambda: NOVEMBER.until)
    shown = statistics.figure("M-13", NOVEMBER).n
    world.again(settled, 24 * 40, lane="known_answer", person_id="ben")

    assert (shown, statistics.figure("SLA", NOVEMBER).n) == (0, 0)
    assert (statistics.figure("SLA", OCTOBER).value, statistics.figure("SLA", OCTOBER).n) == (1.0, 1)


def test_a_new_decision_is_counted_without_clearing_anything(tmp_path: Path) -> None:
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    world = DecidedWorld(ledger, micros(START))
    statistics = Statistics(ledger, lambda: NOVEMBER.until)

    assert statistics.figure("M-02", OCTOBER).n == 0
    world.decision(5)
    assert statistics.figure("M-02", OCTOBER).n == 1


def test_a_figure_of_what_was_done_is_counted_once_while_the_ledger_stands_still(tmp_path: Path) -> None:
    """S-15: only what moves with the clock is counted again a minute later."""
    world = DecidedWorld(LocalLedger(tmp_path / "ledger.sqlite"), micros(START))
    world.decision(5)
    world.case(6)
    now = [NOVEMBER.since]
    statistics = Statistics(world.ledger, lambda: now[0])
    done, waits = statistics.figure("M-02", NOVEMBER.before), statistics.figure("M-13", NOVEMBER)
    now[0] += timedelta(hours=1)

    assert statistics.figure("M-02", NOVEMBER.before) is done
    assert statistics.figure("M-13", NOVEMBER).value == (waits.value or 0) + 1
