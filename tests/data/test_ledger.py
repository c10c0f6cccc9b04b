"""The ledger's promises: whole or nothing, facts only grow, readers see one state; on SQLite and PostgreSQL alike."""

from __future__ import annotations

import stat
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from data.audit_chain import AuditEntry, append_audit
from data.errors import StorageError
from data.home import Home
from data.ledger import Ledger
from data.records import ActionKind
from data.tables import APPEND_ONLY, account_notes, audit, metadata, people, switches
from tests.delivery_world import NOON, decide

ENTRY = AuditEntry(actor_id="ada", actor_role="reviewer", verb="Tested", subject="s")


def person(person_id: str = "ada") -> dict[str, object]:
    told = {"person_id": person_id, "name": "Ada", "roles": "reviewer", "is_demo": True, "is_active": True}
    return told | {"settings": "{}", "created_at": 1}


def fill(ledger: Ledger) -> None:
    """Put a row into every table that must only grow, as far as the tests' own decisions do."""
    with ledger.write() as connection:
        decide(connection, [ActionKind.RESET_PASSWORD, ActionKind.REMOVE_ENGAGEMENTS], at=NOON)
        connection.execute(insert(people).values(person()))
        note = {"note_id": "n", "account_id": "a", "person_id": "ada", "text": "seen", "at": 1}
        connection.execute(insert(account_notes).values(note))
        append_audit(connection, ENTRY, at=1)


def test_a_new_ledger_is_empty_and_a_second_opening_changes_nothing(either: Ledger) -> None:
    assert either.version() == 0
    either._migrate()
    assert either.version() == 0


def test_the_version_grows_with_every_audited_change(either: Ledger) -> None:
    for number in (1, 2, 3):
        with either.write() as connection:
            assert append_audit(connection, ENTRY, at=number) == number
        assert either.version() == number


def test_an_error_inside_a_write_leaves_nothing(either: Ledger) -> None:
    def twice() -> None:
        with either.write() as connection:
            connection.execute(insert(people).values([person("ada"), person("ben")]))
            connection.execute(insert(people).values(person("ada")))

    with pytest.raises(IntegrityError):
        twice()
    with either.read() as connection:
        assert connection.scalar(select(func.count()).select_from(people)) == 0


@pytest.mark.parametrize("table", ["decisions", "actions", "account_notes", "audit"])
@pytest.mark.parametrize("change", ["update {table} set {column} = {column}", "delete from {table}"])
def test_facts_can_be_neither_changed_nor_deleted(either: Ledger, table: str, change: str) -> None:
    fill(either)
    column = next(iter(metadata.tables[table].columns)).name
    before = rows_of(either, table)
    assert before > 0
    with pytest.raises(IntegrityError, match=f"{table} only grows"), either.write() as connection:
        connection.execute(text(change.format(table=table, column=column)))
    assert rows_of(either, table) == before


def test_every_table_of_facts_is_guarded(tmp_path: Path) -> None:
    ledger = Ledger.open(Home(tmp_path), url="")
    with ledger.read() as connection:
        found = connection.scalars(text("select tbl_name || ' ' || name from sqlite_master where type = 'trigger'"))
        assert set(found) == {f"{table} {table}_no_{what}" for table in APPEND_ONLY for what in ("update", "delete")}


def test_facts_cannot_be_replaced_on_sqlite(tmp_path: Path) -> None:
    ledger = Ledger.open(Home(tmp_path), url="")
    fill(ledger)
    with pytest.raises(IntegrityError, match="only grows"), ledger.write() as connection:
        connection.execute(text("insert or replace into account_notes select * from account_notes"))


def test_what_moves_may_move(either: Ledger) -> None:
    with either.write() as connection:
        connection.execute(insert(switches).values(name="pause", value="{}", updated_at=1))
    with either.write() as connection:
        assert connection.execute(switches.update().values(value="[]")).rowcount == 1
        assert connection.execute(switches.delete()).rowcount == 1


def test_a_reader_cannot_write(either: Ledger) -> None:
    with pytest.raises(StorageError, match="cannot be read"), either.read() as connection:
        connection.execute(insert(people).values(person()))
    with either.write() as connection:
        connection.execute(insert(people).values(person()))


def test_a_reader_sees_one_state_whatever_is_written_meanwhile(either: Ledger) -> None:
    with either.read() as reader:
        assert reader.scalar(select(func.count()).select_from(people)) == 0
        with either.write() as writer:
            writer.execute(insert(people).values(person()))
        assert reader.scalar(select(func.count()).select_from(people)) == 0
    with either.read() as reader:
        assert reader.scalar(select(func.count()).select_from(people)) == 1


def test_a_second_writer_waits_for_the_first(either: Ledger) -> None:
    order: list[str] = []
    is_in = threading.Event()

    def second() -> None:
        is_in.wait(5)
        with either.write() as connection:
            order.append("second")
            append_audit(connection, ENTRY, at=2)

    thread = threading.Thread(target=second)
    thread.start()
    with either.write() as connection:
        is_in.set()
        append_audit(connection, ENTRY, at=1)
        time.sleep(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert either.version() == 2


def test_a_missing_foreign_row_is_refused(either: Ledger) -> None:
    note = {"note_id": "n", "account_id": "a", "person_id": "nobody", "text": "", "at": 1}
    with pytest.raises(IntegrityError), either.write() as connection:
        connection.execute(insert(account_notes).values(note))


def test_the_ledger_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    """X-25."""
    home = Home(tmp_path)
    Ledger.open(home, url="")
    assert stat.S_IMODE(home.ledger_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.ledger_file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a%20b", "a?b#c", "a\\b", "o'x ü"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    """The ledger is the file that was made for it, not the one that a URL would mean."""
    ledger = Ledger.open(Home(tmp_path / name))
    with ledger.write() as connection:
        append_audit(connection, AuditEntry(actor_id="a", actor_role="r", verb="Tested", subject="s"), at=1)
    assert ledger.version() == 1
    assert [file.name for file in tmp_path.iterdir()] == [name]
    ledger.close()


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    ledger = Ledger.open(Home(tmp_path), url="")
    with ledger.write() as connection:
        told = {name: connection.scalar(text(f"pragma {name}")) for name in ("journal_mode", "synchronous")}
        assert connection.scalar(text("pragma foreign_keys")) == 1
    assert told == {"journal_mode": "wal", "synchronous": 2}


def test_a_ledger_that_cannot_be_created_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("in the way")
    with pytest.raises(StorageError, match="The ledger cannot be opened"):
        Ledger.open(Home(tmp_path), url="")


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.ledger_file.parent.mkdir()
    home.ledger_file.write_bytes(b"no database at all " * 100)
    with pytest.raises(StorageError, match="file is not a database"):
        Ledger.open(home, url="")


def rows_of(ledger: Ledger, table: str) -> int:
    with ledger.read() as connection:
        return connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0


def test_the_audit_table_is_one_of_them() -> None:
    assert audit.name in APPEND_ONLY
