"""F-05: the process that writes is killed outright, again and again; what it acknowledged is there, halves are not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.workflows.audit import verify
from analytics.workflows.people import add_demo_people
from data.home import Home
from data.ledger import Ledger
from tests.delivery_world import NOON
from tests.process.processes import ROOT, until

pytestmark = [pytest.mark.process, pytest.mark.slow]
KILLS = int(os.environ.get("UNBOUGHT_LEDGER_KILLS", "8"))
SEED = 20_261_124

# Says the name of each view on standard output only after the command was acknowledged.
WRITER = """
import sys, threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import insert
from analytics.workflows.gate import Gate, Written
from analytics.workflows.people import EVERYONE, People
from data.home import Home
from data.ledger import Ledger
from data.tables import saved_views

ledger, clock = Ledger.open(Home(Path(sys.argv[1])), url=""), lambda: datetime.now(UTC)
people, gate = People(ledger, clock), Gate(ledger, clock)

@dataclass(frozen=True)
class Save:
    idempotency_key: str

def save(key):
    def written(connection, who, now):
        row = {"view_id": key, "person_id": who.person.person_id, "page": "query", "name": key, "created_at": 1}
        connection.execute(insert(saved_views).values(**row, content="select 1"))
        return Written(subject=key, message="", facts={})
    return written

def write(place):
    token = people.sign_in_demo("demo-ana").token
    number = 0
    while True:
        key = f"{sys.argv[2]}-{place}-{number}"
        gate.execute(token, Save(key), EVERYONE, save(key))
        sys.stdout.write(key + "\\n")
        sys.stdout.flush()
        number += 1

for place in range(4):
    threading.Thread(target=write, args=(place,)).start()
"""


def killed_after(home: Path, number: int, seconds: float, log: Path) -> list[str]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home), str(number)], cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL
        )
    try:
        until(log.read_bytes, seconds=120)
        time.sleep(seconds)
    finally:
        process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    return [line for line in log.read_text().split("\n")[:-1] if line]


def test_killed_at_any_time_nothing_acknowledged_is_lost_and_nothing_is_half_there(tmp_path: Path) -> None:
    """F-05: eight kills at random moments with four threads writing; UNBOUGHT_LEDGER_KILLS asks for more."""
    home, rng = Home(tmp_path / "home"), random.Random(SEED)
    ledger = Ledger.open(home, url="")
    add_demo_people(ledger, now=NOON)
    ledger.close()
    acknowledged: list[str] = []
    for number in range(KILLS):
        acknowledged += killed_after(home.root, number, rng.uniform(0, 0.3), tmp_path / "log")
    ledger = Ledger.open(home, url="")
    with ledger.read() as connection:
        views = list(connection.exec_driver_sql("select name from saved_views").scalars())
        commands = list(connection.exec_driver_sql("select idempotency_key from commands").scalars())
    ledger.close()
    assert len(acknowledged) >= KILLS
    assert set(acknowledged) - set(views) == set(), f"seed {SEED}"
    assert sorted(views) == sorted(commands)
    assert len(set(views)) == len(views)
    assert verify(home).faults == ()
