"""One account over time, on the ten-day log."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analytics.workflows.account_history import read_history
from analytics.workflows.accounts import AccountLife, Accounts
from tests.analytics.workflows.decided_world import HOUR, DecidedWorld
from tests.analytics.workflows.small_log import DAY, SmallLog, small_log
from tests.delivery_world import LocalLedger


@pytest.fixture(scope="module")
def log() -> SmallLog:
    log = small_log()
    for day in range(10):
        for source, hour, client, asn in (("owner", 12, 0, 64496), ("service", 2, 1, 64500), ("service", 3, 1, 64500)):
            log.add(
                "run.sessions",
                {
                    "session_key": day * 3 + hour,
                    "account_key": 1,
                    "started_at": day * DAY + hour * HOUR,
                    "ended_at": day * DAY + hour * HOUR,
                    "client_key": client,
                    "asn": asn,
                    "engagements": 1,
                    "source": source,
                    "service_id": "S-1" if client else None,
                },
            )
    for at, asn in ((0, 64496), (DAY, 64496), (2 * DAY, 64500), (3 * DAY, 64500)):
        log.add("snapshot.logins", {"account_key": 1, "at": at, "asn": asn, "succeeded": True})
    key = 1_000
    for kind, target, at in ((1, 0, 0), (3, 0, 30 * HOUR), (1, 2, 0), (2, 0, 5), (2, 2, 6), (0, 1, 7)):
        key += 1
        log.add(
            "snapshot.engagements",
            {
                "engagement_key": key,
                "engagement_id": f"x{key}",
                "kind": kind,
                "actor_key": 5 if target != 1 else 3,
                "target_key": target,
                "at": at,
                "text": "Great PIC!! 👍" if kind == 2 else None,
            },
        )
    return log


@pytest.fixture(scope="module")
def accounts(log: SmallLog, tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    ledger = LocalLedger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    world = DecidedWorld(ledger, 0)
    decision = world.decision(200, case={"account_id": "a1"})
    world.action(decision, 201)
    world.appeal(decision, 220, "upheld")
    world.decision(200, case={"account_id": "a2"})
    return Accounts(lambda: log, ledger, tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def life(accounts: Accounts) -> AccountLife:
    found = accounts.life("a1")
    assert found is not None
    return found


def test_an_unknown_account_is_nobody(accounts: Accounts) -> None:
    assert accounts.life("' OR 1=1 --") is None


def test_the_header_is_of_that_account(life: AccountLife) -> None:
    assert (life.header["handle"], life.header["followers"], life.header["service_id"]) == ("@h1", 10, "S-1")


def test_every_engagement_is_counted_once_under_its_source(life: AccountLife) -> None:
    told = dict(life.hours.group_by("source").agg(pl.col("engagements").sum()).iter_rows())

    assert told == {"owner": 10, "service": 20}
    assert set(life.hours["kind"]) == {"like", "follow"}


def test_a_sign_in_from_a_new_network_and_an_enforcement_are_marked_in_order(life: AccountLife) -> None:
    assert [mark.kind for mark in life.marks] == ["login", "enforcement"]
    assert "AS64500" in life.marks[0].label


def test_whom_it_serves_with_what_came_back(life: AccountLife) -> None:
    told = {row["account_id"]: row for row in life.targets.iter_rows(named=True)}

    assert {name: (row["engagements"], row["proposed"], row["returned"]) for name, row in told.items()} == {
        "a3": (10, 0, 1),
        "a4": (10, 10, 0),
        "a5": (10, 5, 0),
    }
    assert life.sources.rows() == [("a3", 1, 0)]


def test_follows_that_were_taken_back(accounts: Accounts) -> None:
    found = accounts.life("a5")

    assert found.churn.select("account_id", "hours").rows() == [("a0", 30.0)]


def test_comments_of_one_wording_are_counted_together(accounts: Accounts) -> None:
    told = accounts.comments("a5")

    assert told.select("wording", "comments", "targets").rows() == [("great pic", 2, 2)]


def test_neighbours_share_the_service(life: AccountLife) -> None:
    assert life.neighbours.select("shared", "name", "account_id").rows() == [("service", "S-1", "a2")]


def test_the_history_is_that_of_this_account_alone(life: AccountLife) -> None:
    history = life.history

    heights = [frame.height for frame in (history.cases, history.decisions, history.actions, history.appeals)]
    assert heights == [1, 1, 1, 1]
    assert history.appeals["outcome"].to_list() == ["upheld"]


def test_what_only_measured_a_reviewer_is_no_part_of_the_history(tmp_path: Path) -> None:
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    world = DecidedWorld(ledger, 0)
    ruled = world.decision(1, case={"account_id": "a-1"})
    world.decision(2, case={"account_id": "a-1"}, lane="known_answer")

    with ledger.read() as connection:
        assert read_history(connection, "a-1").decisions["decision_id"].to_list() == [ruled]


def test_an_account_without_history_has_empty_tables(accounts: Accounts) -> None:
    found = accounts.life("a0")

    assert (found.history.decisions.height, found.sessions.height, found.marks) == (0, 0, ())
