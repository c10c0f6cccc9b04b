"""F-06: a reviewer's process is paused beyond its lease, a colleague decides, and the paused one wakes up and sends."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from analytics.workflows.cases import open_cases_of
from analytics.workflows.gate import Gate
from analytics.workflows.people import People, add_demo_people
from analytics.workflows.review import Desk
from data.home import Home
from data.ledger import Ledger
from data.tables import actions, audit, decisions, fences
from tests.analytics.workflows.case_world import ANY, RITA, THEO, Review, lent_accounts, plain_policy, run_of
from tests.ledger_fixtures import Staffed
from tests.process.processes import kill, start, until

pytestmark = pytest.mark.process
LEASE = timedelta(seconds=1.5)


def now() -> datetime:
    return datetime.now(UTC)


def review_in(home: Home, lease: timedelta = timedelta(minutes=15)) -> Review:
    """A desk over a home, in whichever process asks."""
    ledger = Ledger.open(home, url="")
    gate, people = Gate(ledger, now), People(ledger, now)
    desk = Desk(gate, ledger, now, policy=replace(plain_policy(), lease=lease))
    return Review(Staffed(home, ledger, now, gate, people), desk)  # type: ignore[arg-type] # a real clock


def decide_once(root: str) -> None:
    """The paused reviewer: take a case, say so, and send the decision as soon as the process runs again."""
    folder, review = Path(root), review_in(Home(Path(root)), LEASE)
    token = review.token(RITA)
    lease = review.desk.take_next(token, ANY)
    assert lease is not None
    command = review.command(lease)
    (folder / "taken").write_text(lease.case_id)
    until((folder / "go").exists)
    try:
        told = {"done": review.desk.execute(token, command).message}
    except Exception as error:  # noqa: BLE001 (whatever it is, the test reads it)
        told = {"refused": str(error), "error": type(error).__name__}
    (folder / "told.part").write_text(json.dumps(told))
    (folder / "told.part").rename(folder / "told")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    ledger = Ledger.open(Home(tmp_path), url="")
    add_demo_people(ledger, now=now())
    open_cases_of(lent_accounts(1), run_of(), ledger, now=now(), policy=plain_policy())
    ledger.close()
    return Home(tmp_path)


@pytest.mark.parametrize("has_decided", [True, False])
def test_a_reviewer_paused_beyond_the_lease_decides_nothing(home: Home, has_decided: bool) -> None:
    """The colleague has decided, or only taken the case: either way the old fence no longer counts."""
    code = f"from tests.process.test_paused_reviewer import decide_once; decide_once({str(home.root)!r})"
    paused = start("-c", code, home=home.root, log=home.root / "paused.log")
    try:
        until((home.root / "taken").exists)
        paused.send_signal(signal.SIGSTOP)
        (home.root / "go").touch()
        time.sleep(LEASE.total_seconds())
        review = review_in(home)
        token = review.token(THEO)
        lease = until(lambda: review.desk.take_next(token, ANY))
        command = review.command(lease)
        if has_decided:
            review.desk.execute(token, command)
        paused.send_signal(signal.SIGCONT)
        told = json.loads(until(lambda: (home.root / "told").exists() and (home.root / "told").read_text()))
        if not has_decided:
            review.desk.execute(token, command)
    finally:
        if paused.poll() is None:
            kill(paused)

    assert told["error"] == "StaleCaseError"
    assert told["refused"].startswith("The case moved on")
    stored = review.one(select(decisions))
    assert (stored.person_id, stored.fence) == (THEO, review.one(select(fences)).fence)
    assert review.count(actions) == 3
    assert review.count(audit, audit.c.verb == "Decide.refused") == 1
