"""P-19: what is stuck is said in sentences."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import insert

from analytics.workflows.operations import Operations
from data.moments import micros
from data.platform import switches
from data.records import RunInfo, SnapshotInfo
from data.tables import leases
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.delivery_world import LocalLedger

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def loaded(hours_old: float, run_of: str = "s-1") -> tuple[SnapshotInfo, RunInfo]:
    at = NOW - timedelta(hours=hours_old)
    rows = {"accounts": 1, "engagements": 1, "logins": 0, "labels": 0, "first_at": at, "last_at": at}
    snapshot = SnapshotInfo(snapshot_id="s-1", created_at=at, missing=(), **rows)
    model = {"model_version": "m1", "model_hash": "h", "policy_version": "1"}
    return snapshot, RunInfo(run_id="r-1", snapshot_id=run_of, created_at=at, missing=(), **model)


@pytest.fixture(autouse=True)
def _roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the disk is like on which these tests run."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free=500))


def usage(*, free: int) -> SimpleNamespace:
    return SimpleNamespace(total=1_000 * 10**9, used=(1_000 - free) * 10**9, free=free * 10**9)


def test_a_disk_that_is_nearly_full_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than a tenth of the whole is free."""
    board, _ = operations(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free=101))
    assert board.status().problems == ()

    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free=99))
    assert board.status().problems == ("The disk has 99.0 GB left.",)


def operations(tmp_path: Path, hours_old: float = 2, run_of: str = "s-1") -> tuple[Operations, DecidedWorld]:
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    world = DecidedWorld(ledger, micros(NOW) - 100 * 3_600_000_000)
    with ledger.write() as connection:
        switches.beat(connection, "worker-1", micros(NOW), {})
    return Operations(tmp_path, ledger, lambda: loaded(hours_old, run_of), lambda: NOW), world


def test_a_well_installation_says_so(tmp_path: Path) -> None:
    board, world = operations(tmp_path)
    world.case(90)
    status = board.status()

    assert status.problems == ()
    assert (status.open_cases, status.log_age_hours, status.model_version) == (1, 2.0, "m1")
    assert status.sentence.startswith("All is well: 1 cases wait")


def test_a_late_action_a_dead_letter_and_an_expired_lease_are_counted(tmp_path: Path) -> None:
    board, world = operations(tmp_path)
    decision = world.decision(10)
    world.action(decision, 12, state="queued")
    world.action(decision, 12, state="dead")
    row = {"case_id": world.case(1, state="leased"), "person_id": "ada", "fence": 1, "taken_at": 0, "expires_at": 5}
    with world.ledger.write() as connection:
        connection.execute(insert(leases).values(row))
    status = board.status()

    assert (status.waiting, status.dead, status.expired_leases) == (1, 1, 1)
    assert status.oldest_due_seconds > 900
    assert len(status.problems) == 2


def test_an_old_log_and_one_without_a_run_are_named(tmp_path: Path) -> None:
    board, _ = operations(tmp_path, hours_old=50, run_of="s-0")

    first, second = board.status().problems
    assert first == "The log ends 50 hours ago."
    assert second.startswith("The newest log has not been run")


def test_the_rooms_of_the_home_are_measured(tmp_path: Path) -> None:
    board, _ = operations(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "r.duckdb").write_bytes(b"x" * 1_000)

    assert board.status().disk.taken["runs"] == 1_000


def test_the_number_of_waiting_cases_does_not_tell_how_many_known_answers_are_hidden(tmp_path: Path) -> None:
    """Who compares it with the desk's number learns nothing."""
    board, world = operations(tmp_path)
    for lane in ("queue", "random_audit", "known_answer", "known_answer"):
        world.case(90, lane=lane)

    assert board.status().open_cases == 2
