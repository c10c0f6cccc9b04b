"""A worker killed outright at the worst moment: nothing is lost and nothing happens twice."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.home import Home
from data.ledger import Ledger
from data.platform.secret_files import webhook_secrets
from data.records import ActionKind
from tests.delivery_world import SECRET, Decided, SandboxServer, decide, row_of, states, tries
from tests.process.processes import kill, start, until

pytestmark = pytest.mark.process
K = ActionKind
PLAN = [K.RESET_PASSWORD, K.WARN, K.REMOVE_ENGAGEMENTS]
WHOLE = {"sessions_revoked": 1, "password_reset": 1, "link_sent": 1, "warned": 1, "engagements_removed": 1}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose worker gives a dead worker's claims back quickly."""
    (tmp_path / "delivery.toml").write_text("[claim]\nlease_seconds = 3\n[retry]\ncap_seconds = 0.5\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "webhook").write_text(SECRET)
    assert webhook_secrets(tmp_path) == (SECRET,)
    return tmp_path


@pytest.fixture
def opened(home: Path) -> Ledger:
    return Ledger.open(Home(home))


@pytest.fixture
def workers(home: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        if process.poll() is None:
            kill(process)


def work(home: Path, address: str, workers: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    process = start("-m", "analytics", "work", home=home, log=home / "worker.log", UNBOUGHT_PLATFORM_URL=address)
    workers.append(process)
    return process


def decided(ledger: Ledger, *, count: int = 1) -> list[Decided]:
    with ledger.write() as connection:
        return [decide(connection, PLAN, at=datetime.now(UTC)) for _ in range(count)]


def test_killed_after_the_commit_and_before_the_call(
    home: Path, opened: Ledger, sandbox: SandboxServer, workers: list[subprocess.Popen[bytes]]
) -> None:
    """F-03: the first worker reaches a line on which nobody answers; the platform hears of nothing."""
    (one,) = decided(opened)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        first = work(home, f"http://127.0.0.1:{nobody.getsockname()[1]}", workers)
        until(lambda: states(opened, one)[0] == "in_flight")
        kill(first)
    assert sandbox.effects(one.account_id) == {}
    work(home, sandbox.address, workers)
    until(lambda: states(opened, one) == ["delivered"] * 3)
    assert sandbox.effects(one.account_id) == WHOLE


def test_killed_after_the_platform_acted_and_before_it_was_recorded(
    home: Path, opened: Ledger, sandbox: SandboxServer, workers: list[subprocess.Popen[bytes]]
) -> None:
    """F-04: the platform acted and holds its answer back; the next worker sends the same id again."""
    (one,) = decided(opened)
    sandbox.misbehave({"answer": "hang", "applies": True, "seconds": 4, "account_id": one.account_id})
    first = work(home, sandbox.address, workers)
    until(lambda: sandbox.effects(one.account_id))
    kill(first)
    assert states(opened, one) == ["in_flight", "queued", "queued"]
    work(home, sandbox.address, workers)
    until(lambda: states(opened, one) == ["delivered"] * 3)
    assert sandbox.effects(one.account_id) == WHOLE
    assert len([call for call in sandbox.calls(one.action_ids) if call[0] == one.action_ids[0]]) >= 2
    assert tries(opened, one.action_ids[0])[0].result == "lost"


def test_killed_again_and_again_at_any_moment(
    home: Path, opened: Ledger, sandbox: SandboxServer, workers: list[subprocess.Popen[bytes]]
) -> None:
    """F-03 and F-04 together: six kills while sixty actions are on their way."""
    all_of_them = decided(opened, count=20)
    accounts = {one.account_id for one in all_of_them}

    def reached() -> int:
        found = sandbox.get("/v1/effects")["accounts"]
        return sum(sum(effects.values()) for name, effects in found.items() if name in accounts)

    for wanted in (1, 10, 25, 40, 60, 80):
        process = work(home, sandbox.address, workers)
        until(lambda at_least=wanted: reached() >= at_least)
        kill(process)
    work(home, sandbox.address, workers)
    until(lambda: all(states(opened, one) == ["delivered"] * 3 for one in all_of_them))
    assert [sandbox.effects(one.account_id) for one in all_of_them] == [WHOLE] * 20


def test_a_worker_that_is_asked_to_stop_finishes_its_call(
    home: Path, opened: Ledger, sandbox: SandboxServer, workers: list[subprocess.Popen[bytes]]
) -> None:
    (one,) = decided(opened)
    sandbox.misbehave({"answer": "hang", "applies": True, "seconds": 1, "account_id": one.account_id})
    process = work(home, sandbox.address, workers)
    until(lambda: sandbox.effects(one.account_id))
    assert kill(process, signal.SIGTERM) == 0
    assert states(opened, one) == ["delivered", "queued", "queued"]
    assert row_of(opened, one.action_ids[0]).claimed_by is None
