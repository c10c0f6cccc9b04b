"""F-16: many threads on one ledger and one log; nobody sees a half-written or a foreign row, or a driver error."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from data.audit_chain import AuditEntry, append_audit
from data.engine import connect
from data.home import Home
from data.ledger import Ledger
from data.sidecars import LogReader
from data.tables import audit, switches

READERS, WRITERS = 32, 4
SECONDS = 3.0
WIDTH = 20


def test_thirty_two_threads_read_while_four_write(either: Ledger) -> None:
    """F-16: every write puts one tag into twenty rows at once; a reader never finds two tags in one state."""
    with either.write() as connection:
        for place in range(WRITERS * WIDTH):
            connection.execute(insert(switches).values(name=f"{place:03}", value="0", updated_at=0))
    until = time.monotonic() + SECONDS
    wrong: list[str] = []
    reads, writes = [0] * READERS, [0] * WRITERS

    def read(number: int) -> None:
        writer = number % WRITERS
        mine = [f"{writer * WIDTH + place:03}" for place in range(WIDTH)]
        query = select(switches.c.name, switches.c.value).where(switches.c.name.in_(mine)).order_by(switches.c.name)
        while time.monotonic() < until or not reads[number]:
            with either.read() as connection:
                first, second = connection.execute(query).all(), connection.execute(query).all()
            if [row.name for row in first] != mine or len({row.value for row in (*first, *second)}) != 1:
                wrong.append(json.dumps([tuple(row) for row in first]))
            reads[number] += 1

    def write(number: int) -> None:
        mine = [f"{number * WIDTH + place:03}" for place in range(WIDTH)]
        entry = AuditEntry(actor_id=str(number), actor_role="writer", verb="Wrote", subject="s")
        while time.monotonic() < until or not writes[number]:
            with either.write() as connection:
                tag = f"{number}-{writes[number]}"
                connection.execute(switches.update().where(switches.c.name.in_(mine)).values(value=tag))
                append_audit(connection, entry, at=writes[number])
            writes[number] += 1

    work = [(read, number) for number in range(READERS)] + [(write, number) for number in range(WRITERS)]
    errors = run_all(work)
    assert errors == []
    assert wrong == []
    with either.read() as connection:
        assert connection.scalars(select(audit.c.seq).order_by(audit.c.seq)).all() == list(range(1, sum(writes) + 1))


def test_writers_of_two_processes_read_and_write_in_one_turn(tmp_path: Path) -> None:
    """F-16: two ledgers over one file share nothing but the file; what a writer read is still so when it writes."""
    both = [Ledger.open(Home(tmp_path), url="") for _ in range(2)]
    until = time.monotonic() + SECONDS
    writes = [0] * WRITERS

    def write(number: int) -> None:
        entry = AuditEntry(actor_id=str(number), actor_role="writer", verb="Wrote", subject="s")
        while time.monotonic() < until:
            with both[number % 2].write() as connection:
                append_audit(connection, entry, at=writes[number])
            writes[number] += 1

    assert run_all([(write, number) for number in range(WRITERS)]) == []
    with both[0].read() as connection:
        assert connection.scalars(select(audit.c.seq).order_by(audit.c.seq)).all() == list(range(1, sum(writes) + 1))
    for ledger in both:
        ledger.close()


def test_thirty_two_threads_ask_one_log_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    """F-16, S-16: one connection for all gave 188 wrong answers in 1,600; here every question has its own cursor."""
    with connect(tmp_path) as connection:
        for name in ("snapshot", "run"):
            connection.execute(f"attach '{tmp_path / name}.duckdb' as {name}")
        connection.execute(
            "create table snapshot.ids as select range as account_key, 'a' || range as account_id from range(20000)"
        )
    reader = LogReader(tmp_path / "snapshot.duckdb", tmp_path / "run.duckdb")
    until = time.monotonic() + SECONDS
    wrong: list[tuple[int, list[int]]] = []
    asked = [0] * READERS

    def ask(number: int) -> None:
        while time.monotonic() < until or not asked[number]:
            wanted = number * 600 + asked[number] % 600
            found = reader.rows("account_key", {"account_id": f"a{wanted}"})["account_key"].to_list()
            if found != [wanted]:
                wrong.append((wanted, found))
            asked[number] += 1

    assert run_all([(ask, number) for number in range(READERS)]) == []
    assert wrong == []
    reader.close()


def run_all(work: list[tuple[object, int]]) -> list[BaseException]:
    errors: list[BaseException] = []

    def guarded(function: object, number: int) -> None:
        try:
            function(number)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - whatever a thread meets, the test must see
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.fixture(autouse=True)
def quick_turns() -> Iterator[None]:
    """Let threads take turns often, so that races show."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    yield
    sys.setswitchinterval(before)
