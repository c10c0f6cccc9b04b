"""Services with what people and enforcement made of them, on the ten-day log."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import polars as pl
import pytest
from sqlalchemy import insert

from analytics.workflows.services import Services, customer_flow, enforcement_waves
from data.tables import service_events
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.analytics.workflows.small_log import DAY, SmallLog, small_log
from tests.delivery_world import LocalLedger


@pytest.fixture(scope="module")
def log() -> SmallLog:
    return small_log()


@pytest.fixture
def ledger(tmp_path) -> LocalLedger:
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    world = DecidedWorld(ledger, 0)
    world.decision(100, case={"account_id": "a1"})
    world.case(100, account_id="a2")
    return ledger


def note(ledger: LocalLedger, number: int, event: str, **detail: str) -> None:
    row = {"event_id": str(number), "service_id": "S-1", "event": event, "person_id": "ada", "at": number}
    with ledger.write() as connection:
        connection.execute(insert(service_events).values(**row, detail=json.dumps(detail)))


def test_a_service_is_listed_with_its_caught_and_its_missed(log: SmallLog, ledger: LocalLedger) -> None:
    told = Services(lambda: log, ledger).list()

    shown = told.select("service_id", "customers", "active", "caught", "cases", "is_named")
    assert shown.rows() == [("S-1", 2, 2, 1, 2, False)]


def test_the_newest_name_counts_and_a_split_takes_a_merge_back(log: SmallLog, ledger: LocalLedger) -> None:
    services = Services(lambda: log, ledger)
    note(ledger, 1, "named", name="Boostly")
    note(ledger, 2, "named", name="Gramlift")
    note(ledger, 3, "merged", into="S-9")

    assert services.list().select("name", "merged_into").rows() == [("Gramlift", "S-9")]
    note(ledger, 4, "split")
    assert services.list()["merged_into"].to_list() == [None]


def test_one_service_in_detail(log: SmallLog, ledger: LocalLedger) -> None:
    life = Services(lambda: log, ledger).life("S-1")

    assert life.hours["engagements"].sum() == 30
    assert set(life.hours["hour"]) == {2, 3}
    assert life.members["account_id"].to_list() == ["a1", "a2"]
    assert life.countries.rows() == [("BR", 20, 1), ("US", 10, 1)]
    assert Services(lambda: log, ledger).life("nobody") is None


def test_the_picture_holds_pairs_by_weight_and_never_too_many(log: SmallLog, ledger: LocalLedger) -> None:
    picture = Services(lambda: log, ledger).picture("S-1")

    assert picture.rows() == [("a1", "a4", 10), ("a2", "a4", 10), ("a1", "a5", 5), ("a2", "a5", 5)]


def test_customers_join_and_leave_day_by_day() -> None:
    members = pl.DataFrame({"first_at": [0, 0, DAY], "last_at": [0, 2 * DAY, 2 * DAY + 5]})

    assert customer_flow(members).rows() == [
        (date(1970, 1, 1), 2, 0, 2),
        (date(1970, 1, 2), 1, 1, 2),
        (date(1970, 1, 3), 0, 0, 2),
    ]


def test_a_wave_says_how_many_came_back() -> None:
    """M-14, M-15: seen on them after the decision."""
    members = pl.DataFrame({"account_id": ["a", "b", "c"], "last_at": [5 * DAY, 20 * DAY, 9 * DAY]})
    decided = {"outcome": "confirm", "overturned_at": None}
    decisions = pl.DataFrame(
        [
            {"account_id": "a", "decided_at": 8 * DAY, **decided},
            {"account_id": "b", "decided_at": 8 * DAY, **decided},
            {"account_id": "c", "decided_at": 8 * DAY, "outcome": "reject", "overturned_at": None},
        ]
    )

    assert enforcement_waves(members, decisions).rows() == [(datetime(1970, 1, 8, tzinfo=UTC), 2, 1)]
