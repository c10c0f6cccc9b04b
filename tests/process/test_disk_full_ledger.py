"""F-14: a disk that refuses under the ledger: nothing is acknowledged, and it goes on when there is room again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.workflows.audit import verify
from data.errors import StorageError
from data.home import Home
from data.ledger import Ledger
from tests.process.processes import ROOT

pytestmark = pytest.mark.process

# Fills the ledger until the operating system refuses, then lets it write again: all in one process, without a restart.
FILL = """
import json, resource, signal, sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import insert, select
from analytics.workflows.gate import Gate, Written
from analytics.workflows.people import EVERYONE, People, add_demo_people
from data.errors import StorageError
from data.home import Home
from data.ledger import Ledger
from data.tables import saved_views

@dataclass(frozen=True)
class Save:
    idempotency_key: str

def write(key):
    def written(connection, who, now):
        row = {"view_id": key, "person_id": who.person.person_id, "page": "query", "name": key, "created_at": 1}
        connection.execute(insert(saved_views).values(**row, content="x" * 2_000))
        return Written(subject=key, message="", facts={})
    return written

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger, clock = Ledger.open(Home(Path(sys.argv[1])), url=""), lambda: datetime.now(UTC)
add_demo_people(ledger, now=clock())
people, gate = People(ledger, clock), Gate(ledger, clock)
token = people.sign_in_demo("demo-ana").token
told = {"acknowledged": [], "refused": [], "sentence": ""}

def save(number):
    key = f"v{number}"
    try:
        gate.execute(token, Save(key), EVERYONE, write(key))
    except StorageError as error:
        told["refused"].append(key)
        told["sentence"] = error.message
        return False
    told["acknowledged"].append(key)
    return True

resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
number = 0
while save(number):
    number += 1
assert people.who(token).person.name == "Ana Brandt"
save(number + 1)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert save(number) and save(number + 2)
with ledger.read() as connection:
    told["listed"] = sorted(connection.scalars(select(saved_views.c.name)))
print(json.dumps(told))
"""


def run(script: str, home: Path) -> dict[str, object]:
    ended = subprocess.run(
        [sys.executable, "-c", script, str(home)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    return told


def test_without_room_nothing_is_acknowledged_and_with_room_it_goes_on_by_itself(tmp_path: Path) -> None:
    """F-14: what was acknowledged is there, what was refused is not, the same command works once there is room."""
    told = run(FILL, tmp_path)
    acknowledged, refused = told["acknowledged"], told["refused"]
    assert isinstance(acknowledged, list)
    assert isinstance(refused, list)
    assert len(acknowledged) > 10
    assert len(refused) == 2
    assert str(told["sentence"]).startswith("Not saved: ")
    assert told["listed"] == sorted(acknowledged)
    report = verify(Home(tmp_path))
    assert report.faults == ()


def test_a_full_database_is_one_sentence_and_leaves_readers_alone(tmp_path: Path) -> None:
    """F-14: SQLite's own answer to a full disk, in the middle of a transaction."""
    ledger = Ledger.open(Home(tmp_path), url="")
    with ledger.read() as connection:
        pages = connection.exec_driver_sql("pragma page_count").scalar()
    big = "insert into switches values ('big', printf('%.*c', 3000000, 'x'), 1)"

    def write(room: int) -> None:
        with ledger.write() as connection:
            connection.exec_driver_sql(f"pragma max_page_count = {room}")
            connection.exec_driver_sql("insert into switches values ('small', '', 1)")
            connection.exec_driver_sql(big)

    with pytest.raises(StorageError, match="Not saved: database or disk is full"):
        write(pages + 10)
    with ledger.read() as connection:
        assert connection.exec_driver_sql("select count(*) from switches").scalar() == 0
    write(1_000_000)
    with ledger.read() as connection:
        assert connection.exec_driver_sql("select count(*) from switches").scalar() == 2
    ledger.close()
