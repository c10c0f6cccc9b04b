"""A month is frozen once, by itself, soon after it ended."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.workflows.figures import Period
from analytics.workflows.reports import Reports
from analytics.workflows.scheduled_reports import freeze_last_month, month_before
from analytics.workflows.statistics import Statistics
from data.moments import micros
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.delivery_world import LocalLedger

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
SOON_AFTER = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> LocalLedger:
    return LocalLedger(tmp_path / "ledger.sqlite")


def reports_of(ledger: LocalLedger) -> Reports:
    return Reports(ledger, Statistics(ledger, lambda: SOON_AFTER))


def test_a_month_with_decisions_is_frozen_once_and_stays_the_same_bytes(ledger: LocalLedger) -> None:
    world = DecidedWorld(ledger, micros(OCTOBER))
    decision_id = world.decision(10)
    frozen = reports_of(ledger)
    report_id = freeze_last_month(ledger, frozen, SOON_AFTER)
    assert report_id is not None
    before = frozen.html(report_id)

    world.event(decision_id, "overturned", 800)
    again = freeze_last_month(ledger, reports_of(ledger), datetime(2026, 11, 20, tzinfo=UTC))

    assert again is None
    assert [(one.since, one.person_id) for one in reports_of(ledger).list()] == [(OCTOBER, None)]
    assert reports_of(ledger).html(report_id) == before


def test_a_month_in_which_nothing_was_decided_is_not_frozen(ledger: LocalLedger) -> None:
    DecidedWorld(ledger, micros(OCTOBER)).decision(24 * 32)

    assert freeze_last_month(ledger, reports_of(ledger), SOON_AFTER) is None


def test_the_month_before_january_is_december() -> None:
    told = month_before(datetime(2027, 1, 5, 7, tzinfo=UTC))

    assert told == Period(since=datetime(2026, 12, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC))
