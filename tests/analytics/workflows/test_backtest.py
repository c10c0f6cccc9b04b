"""Two thresholds on the ten-day log: what changes, counted by hand."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import UTC, datetime

import polars as pl
import pytest
from sqlalchemy import insert

from analytics.workflows.backtest import BackTest, read_setting, stored_setting
from data.records import Kind
from data.tables import decision_engagements, decisions
from tests.analytics.workflows.decided_world import HOUR, DecidedWorld
from tests.analytics.workflows.small_log import SmallLog, small_log
from tests.delivery_world import LocalLedger

RAN = {
    "remove": {"like": 0.97, "follow": 0.97},
    "review": {"like": 0.5, "follow": 0.5},
    "queue": {"score": 0.5, "proposed": 3},
}


@pytest.fixture(scope="module")
def log() -> SmallLog:
    log = small_log()
    log.connection.execute("update run.manifest set settings = ?, floor_p = 0.01", [json.dumps(RAN)])
    return log


@pytest.fixture(scope="module")
def backtest(log: SmallLog, tmp_path_factory: pytest.TempPathFactory) -> BackTest:
    """People found a1's likes by S-1 inauthentic, and all but one of its follows genuine."""
    ledger = LocalLedger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")
    world = DecidedWorld(ledger, 0)
    scores = log.connection.sql(
        "select engagement_id, e.kind, e.at as at_us, s.p, s.band from run.engagement_scores s"
        " join snapshot.engagements e using (engagement_key) where e.actor_key = 1 order by engagement_key"
    ).pl()
    follows = scores.filter(pl.col("kind") == 1)["engagement_id"].to_list()
    rows = scores.rename({"at_us": "at"}).with_columns(
        is_removed=(pl.col("kind") == 0) | (pl.col("engagement_id") == follows[0])
    )
    decide(world, ledger, rows)
    return BackTest(lambda run_id: log, ledger)


def decide(world: DecidedWorld, ledger: LocalLedger, rows: pl.DataFrame) -> None:
    case_id = world.case(0, account_id="a1", state="decided")
    row = {
        "decision_id": "d", "case_id": case_id, "account_id": "a1", "person_id": "ada", "role": "reviewer",
        "outcome": "confirm", "reason": "PURCHASED_LIKES", "decided_at": 5 * HOUR, "shown_at": 5 * HOUR - 60_000_000,
        "undo_until": 0, "case_version": 1, "fence": 1, "lane": "queue", "is_blind": False, "explanation_shown": True,
        "step": 1, "policy_version": "1", "run_id": "r-1", "model_version": "m1", "model_hash": "h",
        "evidence_hash": "h", "score": 0.9,
    }  # fmt: skip
    sink = io.BytesIO()
    rows.write_parquet(sink)
    taken = {"decision_id": "d", "engagements": sink.getvalue(), "proposed": 15}
    removed = {"removed_likes": 10, "removed_follows": 1, "removed_comments": 0}
    with ledger.write() as connection:
        connection.execute(insert(decisions).values(row))
        connection.execute(insert(decision_engagements).values(**taken, **removed))


def test_the_setting_as_it_ran_gives_what_the_run_proposed(backtest: BackTest) -> None:
    side = backtest.side(backtest.setting_of())

    assert (side.removed, side.reviewed, side.accounts["account_id"].to_list()) == (20, 10, ["a1", "a2"])
    assert side.expected_precision == pytest.approx(0.99)
    assert (side.judged.precision.value, side.judged.precision.n) == (1.0, 10)
    assert side.judged.recall.value == pytest.approx(10 / 11)


def test_cases_a_day_are_counted_over_the_days_of_the_log(backtest: BackTest) -> None:
    """Two accounts in ten days; not over the two or three weeks that those days touch."""
    assert backtest.side(backtest.setting_of()).cases_a_day == pytest.approx(0.2)


def test_a_lower_threshold_for_follows_removes_more_and_loses_genuine_ones(backtest: BackTest) -> None:
    ran = backtest.setting_of()
    loose = dataclasses.replace(ran, name="B", remove={**ran.remove, Kind.FOLLOW: 0.6})
    found = backtest.compare(ran, loose)

    assert (found.b.removed, found.b.judged.genuine_removed) == (30, 4)
    assert found.b.judged.precision.value == pytest.approx(11 / 15)
    assert found.b.judged.recall.value == 1.0
    low, high = found.b.lost
    assert low <= 30 * 4 / 15 <= high
    assert (found.only_a.height, found.only_b.height) == (0, 0)


def test_a_stricter_queue_names_the_accounts_that_drop_out(backtest: BackTest) -> None:
    ran = backtest.setting_of()
    found = backtest.compare(ran, dataclasses.replace(ran, name="B", queue_score=0.9))

    assert found.only_a["account_id"].to_list() == ["a2"]
    assert found.b.cases_a_day < found.a.cases_a_day
    assert found.a.hours_a_day == pytest.approx((found.a.cases_a_day / 60, found.a.cases_a_day / 60))


def test_verdicts_from_before_the_shadow_began_do_not_count(backtest: BackTest) -> None:
    side = backtest.side(backtest.setting_of(), judged_since=datetime(1970, 1, 2, tzinfo=UTC))

    assert (side.judged.rows, side.judged.precision.value, side.lost) == (0, None, None)


def test_a_stored_setting_reads_back_as_it_was(backtest: BackTest) -> None:
    ran = backtest.setting_of()

    assert read_setting("r-1", stored_setting(ran), ran.name) == ran
