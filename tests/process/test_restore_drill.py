"""F-15, the drill: a copy taken under load, the machine wiped, the copy put back, verified, and delivery goes on."""

from __future__ import annotations

import random
import shutil
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.workflows.audit import verify
from analytics.workflows.backup import backup, restore
from analytics.workflows.deliver import deliver_due
from data.audit_chain import AuditEntry, append_audit
from data.home import Home
from data.ledger import Ledger
from data.records import ActionKind
from tests.delivery_world import Decided, SandboxServer, decide, states

pytestmark = pytest.mark.process
PLAN = [ActionKind.RESET_PASSWORD, ActionKind.WARN, ActionKind.REMOVE_ENGAGEMENTS]
WHOLE = {"sessions_revoked": 1, "password_reset": 1, "link_sent": 1, "warned": 1, "engagements_removed": 1}
DECIDED = 10


def now() -> datetime:
    return datetime.now(UTC)


def decided(ledger: Ledger) -> Decided:
    with ledger.write() as connection:
        one = decide(connection, PLAN, at=now())
        entry = AuditEntry(actor_id="rita", actor_role="reviewer", verb="Tested", subject=one.decision_id)
        append_audit(connection, entry, at=int(now().timestamp()) * 1_000_000)
    return one


def deliver(ledger: Ledger, sandbox: SandboxServer, limit: int = 1_000) -> None:
    with sandbox.connector() as connector:
        deliver_due(ledger, connector, now=now, worker_id="drill", limit=limit, rng=random.Random(1))


def test_backup_under_load_wipe_restore_verify_and_deliver_again(
    tmp_path: Path, sandbox: SandboxServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """F-15: what was decided up to the copy is there again; nothing of it happens a second time on the platform."""
    home, copies = Home(tmp_path / "home"), tmp_path / "copies"
    ledger = Ledger.open(home, url="")
    before = [decided(ledger) for _ in range(DECIDED)]
    deliver(ledger, sandbox, limit=DECIDED)
    stop, meanwhile = threading.Event(), list[Decided]()

    def go_on_deciding() -> None:
        while not stop.is_set():
            meanwhile.append(decided(ledger))
            time.sleep(0.01)

    load = threading.Thread(target=go_on_deciding)
    load.start()
    place = backup(home, copies, now=now())
    stop.set()
    load.join()
    assert meanwhile
    deliver(ledger, sandbox)
    assert {tuple(states(ledger, one)) for one in before} == {("delivered",) * 3}
    once = {one.account_id: sandbox.effects(one.account_id) for one in before}
    assert [effects for effects in once.values() if effects != WHOLE] == []
    ledger.close()

    shutil.rmtree(home.root)
    started = time.monotonic()
    assert restore(home, copies, now=now() + timedelta(seconds=1)) == place
    report = verify(home)
    took = time.monotonic() - started
    assert report.faults == ()
    again = Ledger.open(home, url="")
    waiting = [one for one in before if states(again, one) != ["delivered"] * 3]
    assert len(waiting) > DECIDED / 2
    deliver(again, sandbox)
    assert {tuple(states(again, one)) for one in before} == {("delivered",) * 3}
    assert {one.account_id: sandbox.effects(one.account_id) for one in before} == once
    again.close()
    with capsys.disabled():
        print(f"\nrestored and verified {report.rows:,} audit rows in {took:.2f} s")


def test_after_the_restore_nothing_that_was_delivered_later_is_forgotten_by_the_platform(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    """F-15: an action that the copy never saw stays on the platform exactly as it was."""
    home = Home(tmp_path / "home")
    ledger = Ledger.open(home, url="")
    decided(ledger)
    place = backup(home, tmp_path / "copies", now=now())
    lost = decided(ledger)
    deliver(ledger, sandbox)
    ledger.close()
    restore(home, place, now=now())
    again = Ledger.open(home, url="")
    assert states(again, lost) == []
    deliver(again, sandbox)
    assert sandbox.effects(lost.account_id) == WHOLE
    again.close()
