"""F-17: every step up and down on a ledger with data, killed in the middle and run again, and never a newer schema."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text

from data.anchors import Anchors
from data.chain_check import walk_chain
from data.errors import StorageError
from data.home import Home
from data.ledger import Ledger
from data.migrations import HEAD, REVISIONS, migrate, schema_of
from data.tables import APPEND_ONLY, metadata
from tests.data.test_ledger import fill
from tests.ledger_fixtures import EMPTY, NewDatabase
from tests.process.processes import ROOT

STEPS = list(pairwise(REVISIONS))
# Tables that came later, and go when a ledger goes back before them.
ADDED = {"protections"}


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a ledger with data in it, on a database that no other test has touched."""
    new: NewDatabase | None = request.getfixturevalue("new_database") if request.param == "postgresql" else None
    opened = Ledger.open(Home(tmp_path), url=new(EMPTY) if new else "")
    fill(opened)
    yield opened
    opened.close()


def counts(ledger: Ledger) -> dict[str, int]:
    """Count the rows of every table that this schema has."""
    with ledger.read() as connection:
        there = set(inspect(connection).get_table_names())
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
            if name in there
        }


def sound(ledger: Ledger) -> bool:
    with ledger.read() as connection:
        return walk_chain(connection, Anchors((), (), 0), lambda _row: None).faults == []


def triggers(ledger: Ledger) -> int:
    where = {
        "sqlite": "select count(*) from sqlite_master where type = 'trigger'",
        "postgresql": "select count(*) from pg_trigger where not tgisinternal",
    }
    with ledger.read() as connection:
        return int(connection.scalar(text(where[connection.dialect.name])) or 0)


def test_the_named_revisions_are_the_steps_there_are() -> None:
    folder = ScriptDirectory(str(ROOT / "data" / "migrations"))
    assert [step.revision for step in reversed(list(folder.walk_revisions()))] == list(REVISIONS)
    assert folder.get_current_head() == HEAD


def test_the_schema_equals_the_models(ledger: Ledger) -> None:
    with ledger.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize(("lower", "upper"), STEPS)
def test_each_step_down_and_up_again_keeps_rows_and_chain(ledger: Ledger, lower: str, upper: str) -> None:
    """F-17."""
    before, guards = counts(ledger), triggers(ledger)
    assert before["audit"] == 1
    with ledger.write() as connection:
        migrate(connection, lower)
        assert schema_of(connection) == lower
    assert counts(ledger).items() <= before.items()
    assert before.keys() - counts(ledger).keys() <= ADDED
    with ledger.write() as connection:
        migrate(connection, upper)
        assert schema_of(connection) == upper
    assert counts(ledger).items() <= before.items()
    with ledger.write() as connection:
        migrate(connection, HEAD)
    assert counts(ledger) == before
    assert triggers(ledger) == guards
    assert sound(ledger)


def test_all_the_way_down_and_up_again(ledger: Ledger) -> None:
    with ledger.write() as connection:
        migrate(connection, "base")
    with ledger.read() as connection:
        assert set(inspect(connection).get_table_names()) - {"alembic_version"} == set()
    ledger._migrate()
    with ledger.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert triggers(ledger) >= 2 * len(APPEND_ONLY)


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from data.home import Home
from data.ledger import Ledger
from data.migrations import migrate

ledger = Ledger.open(Home(Path(sys.argv[1])), url=sys.argv[2], migrates=False)
done = 0

@event.listens_for(ledger._engine, "after_cursor_execute")
def _count(connection, cursor, statement, parameters, context, many):
    global done
    done += statement.strip().lower().startswith(("create", "drop"))
    if done == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

with ledger.write() as connection:
    migrate(connection, sys.argv[3])
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("start", "to", "statements"),
    [("base", "0001", 5), ("base", "0001", 40), ("0001", "0002", 20), ("0002", "0001", 7)],
)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_in_the_middle_of_a_step_nothing_of_it_stays_and_the_next_start_does_it(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str, start: str, to: str, statements: int
) -> None:
    """F-17."""
    url = request.getfixturevalue("new_database")(EMPTY) if kind == "postgresql" else ""
    ledger = Ledger.open(Home(tmp_path), url=url)
    if start != "base":
        fill(ledger)
    with ledger.write() as connection:
        migrate(connection, start)
    with ledger.read() as connection:
        before = (schema_of(connection), sorted(inspect(connection).get_table_names()))
    guards = triggers(ledger)
    ledger.close()
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), url, to, str(statements)], cwd=ROOT, env=os.environ, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    half = Ledger.open(Home(tmp_path), url=url, migrates=False)
    with half.read() as connection:
        assert (schema_of(connection), sorted(inspect(connection).get_table_names())) == before
    assert triggers(half) == guards
    half.close()
    again = Ledger.open(Home(tmp_path), url=url)
    with again.read() as connection:
        assert schema_of(connection) == HEAD
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert sound(again)
    again.close()


def test_a_newer_schema_is_refused_with_one_sentence_and_left_alone(ledger: Ledger, tmp_path: Path) -> None:
    """F-17, X-25."""
    with ledger.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StorageError) as refused:
        ledger._migrate()
    assert refused.value.message == f"The ledger has schema 9999, which is newer than this program ({HEAD})."
    assert refused.value.hint == "Update the program, or restore a backup made with this version."
    with ledger.read() as connection:
        assert schema_of(connection) == "9999"


def test_two_processes_that_open_a_new_ledger_at_once_both_find_it_whole(tmp_path: Path) -> None:
    opening = "import sys; from pathlib import Path; from data.home import Home; from data.ledger import Ledger\n"
    opening += "print(Ledger.open(Home(Path(sys.argv[1])), url='').version())"
    both = [
        subprocess.Popen([sys.executable, "-c", opening, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [(one.communicate()[0].strip(), one.returncode) for one in both] == [(b"0", 0), (b"0", 0)]
