"""The model against verdicts, and the quality of decisions, on rows counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from analytics.workflows.decision_quality import LEAST_DECISIONS, Quality, people_table
from analytics.workflows.figures import Period
from analytics.workflows.model_health import inputs, service_recall
from analytics.workflows.retrain import read_decided
from analytics.workflows.statistics import Statistics
from data.errors import RightsError
from data.home import Home
from data.moments import micros
from tests.analytics.statistics.rows import SECOND, T0, decisions
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.analytics.workflows.investigating import NOW, staffed_gate
from tests.delivery_world import LocalLedger
from tests.ledger_fixtures import new_ledger

START = datetime(2026, 10, 1, tzinfo=UTC)
OCTOBER = Period(since=START, until=datetime(2026, 11, 1, tzinfo=UTC))


def test_recall_is_told_service_by_service() -> None:
    judged = pl.DataFrame(
        {
            "account_id": list("aabcd"),
            "service_id": ["S-1", "S-1", "S-1", None, "S-2"],
            "band": [2, 1, 0, 0, 2],
            "is_inauthentic": [True, True, True, True, False],
        }
    )

    told = service_recall(judged).select("service", "value", "n")
    assert told.rows() == [("S-1", pytest.approx(2 / 3), 3), ("none", 0, 1)]


def test_only_what_the_model_reads_can_move_and_is_named_as_in_reasons() -> None:
    kept = pl.DataFrame({"account_key": [1], "account_last": [1.7e15], "account_asns": [2], "suspect_share": [0.5]})

    assert inputs(kept).to_dicts() == [{"networks used": 2, "share of engagements in sessions unlike the owner's": 0.5}]


def test_speed_is_shown_beside_known_answers_and_only_from_enough_decisions() -> None:
    """P-09."""
    many = [{"person_id": "ada", "shown_at": T0, "decided_at": T0 + 30 * SECOND}] * LEAST_DECISIONS
    few = [{"person_id": "ben", "shown_at": T0, "decided_at": T0 + SECOND}]
    known = pl.DataFrame({"person_id": ["ada", "ada", "ben"], "is_right": [True, False, True]})

    told = people_table(decisions(*many, *few), known)
    assert told.rows() == [("ada", LEAST_DECISIONS, 30.0, 1, 2)]


def test_the_quality_of_a_month(tmp_path: Path) -> None:
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    world = DecidedWorld(ledger, micros(START))
    for hour in range(4):
        decision = world.decision(10 + hour, model_version="m2" if hour else "m1")
        world.appeal(decision, 50, "overturned" if hour == 1 else "upheld")
    world.case(700)
    clock = lambda: OCTOBER.until  # noqa: E731
    found = Quality(staffed_gate(ledger, lambda: NOW), ledger, Statistics(ledger, clock), clock).look("max", OCTOBER)

    shown = found.overturns["model_version"].select("model_version", "appeals", "overturned")
    assert shown.rows() == [("m1", 1, 0), ("m2", 3, 1)]
    assert (found.waiting, found.skips.height, len(found.forecast)) == (1, 0, 14)
    assert found.flow["opened"].sum() == 1


def test_people_are_told_by_name_to_managers_alone(tmp_path: Path) -> None:
    """P-09: where it is read, not only on the page."""
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    world = DecidedWorld(ledger, micros(START))
    for hour in range(LEAST_DECISIONS):
        world.decision(10 + hour)
    clock = lambda: OCTOBER.until  # noqa: E731
    quality = Quality(staffed_gate(ledger, lambda: NOW), ledger, Statistics(ledger, clock), clock)

    told = {token: quality.look(token, OCTOBER).people["person_id"].to_list() for token in ("max", "sena", "ana")}
    assert told == {"max": ["ada"], "sena": [], "ana": []}
    with pytest.raises(RightsError):
        quality.look("rita", OCTOBER)


def test_a_service_let_go_in_a_month_is_seen_in_that_month_alone(tmp_path: Path) -> None:
    """T-13. Ten confirmed in September, ten rejected in October."""
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    world = DecidedWorld(ledger, micros(START))
    for hour in range(10):
        world.decision(-100 + hour, case={"service_id": "S-1"})
        rejected = {"outcome": "reject", "reason": "NOT_INAUTHENTIC", "taken": 0}
        world.decision(100 + hour, case={"service_id": "S-1"}, **rejected)
    clock = lambda: OCTOBER.until  # noqa: E731
    quality = Quality(staffed_gate(ledger, lambda: NOW), ledger, Statistics(ledger, clock), clock)

    told = quality.look("max", OCTOBER).services.select(
        "service_id", "before_confirmed", "now_confirmed", "now", "is_moved"
    )
    assert told.rows() == [("S-1", 10, 0, 10, True)]
    assert quality.look("max", Period(since=OCTOBER.until, until=datetime(2026, 12, 1, tzinfo=UTC))).services.is_empty()


def test_what_one_person_alone_let_go_teaches_nothing_and_is_counted(tmp_path: Path) -> None:
    """T-13. Ben rejects in October what Ada confirmed in September."""
    home = Home(tmp_path)
    ledger = new_ledger(home)
    world = DecidedWorld(ledger, micros(START))
    for hour in range(10):
        world.decision(-100 + hour, case={"service_id": "S-1"}, person_id="ada")
        rejected = {"outcome": "reject", "reason": "NOT_INAUTHENTIC", "taken": 0}
        world.decision(100 + hour, case={"service_id": "S-1"}, person_id="ben", **rejected)
    ledger.close()
    none = pl.DataFrame(schema={"account_key": pl.Int64, "engagement_id": pl.String, "is_inauthentic": pl.Boolean})

    now, then = (read_decided(home, none, now=at) for at in (OCTOBER.until, START))

    assert (now.set_aside, then.set_aside) == (10, 0)
    assert 0 < len(now.reviewed_accounts) == len(then.reviewed_accounts) - 10
