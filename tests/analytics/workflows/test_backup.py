"""Copies of the ledger: taken while it is used, put back only when sound, and never over the only other."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.workflows.audit import verify
from analytics.workflows.backup import COPY, MANIFEST, backup, restore
from data.anchors import write_anchor
from data.audit_chain import AuditEntry, append_audit, head
from data.errors import ConfigError, InputError, StorageError
from data.home import Home
from data.ledger import Ledger
from tests.delivery_world import NOON
from tests.ledger_fixtures import Staffed

LATER = NOON + timedelta(hours=1)
ENTRY = AuditEntry(actor_id="a", actor_role="r", verb="Tested", subject="s")


def add(office: Staffed, rows: int = 1) -> None:
    for _ in range(rows):
        with office.ledger.write() as connection:
            append_audit(connection, ENTRY, at=1)


def rows_of(file: Path, table: str = "audit") -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])


def test_a_copy_has_every_row_and_a_manifest_and_is_nobody_elses_to_read(office: Staffed, tmp_path: Path) -> None:
    add(office, 5)
    place = backup(office.home, tmp_path / "copies", now=NOON)
    assert place == tmp_path / "copies" / "ledger-20261124T120000Z"
    assert rows_of(place / COPY) == 6
    manifest = json.loads((place / MANIFEST).read_text())
    with office.ledger.read() as connection:
        end = head(connection)
    assert (manifest["audit_seq"], manifest["audit_hash"]) == (end.seq, end.hash)
    assert manifest["bytes"] == (place / COPY).stat().st_size
    assert {stat.S_IMODE(file.stat().st_mode) for file in place.iterdir()} == {0o600}


@pytest.mark.parametrize("name", ["a%20b", "a?b#c", "a\\b"])
def test_a_home_of_any_name_is_copied_and_put_back(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path / name)
    ledger = Ledger.open(home)
    with ledger.write() as connection:
        append_audit(connection, ENTRY, at=1)
    ledger.close()
    place = backup(home, tmp_path / name / "copies", now=NOON)
    assert restore(home, place) == place
    assert rows_of(home.ledger_file) == 2


def test_a_copy_taken_while_others_write_is_whole_and_holds_nobody_up(office: Staffed, tmp_path: Path) -> None:
    """F-15, first half."""
    add(office, 50)
    stop, written = threading.Event(), [0, 0]

    def write(number: int) -> None:
        while not stop.is_set():
            add(office)
            written[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    places = [backup(office.home, tmp_path / "copies", now=NOON + timedelta(seconds=n)) for n in range(5)]
    stop.set()
    for thread in threads:
        thread.join()
    seqs = [json.loads((place / MANIFEST).read_text())["audit_seq"] for place in places]
    assert seqs == sorted(seqs)
    assert seqs[-1] > seqs[0] >= 51
    assert [rows_of(place / COPY) for place in places] == seqs
    assert min(written) > 0


def test_restoring_brings_back_the_state_of_the_copy_and_keeps_the_other_aside(office: Staffed, tmp_path: Path) -> None:
    add(office, 3)
    place = backup(office.home, tmp_path / "copies", now=NOON)
    add(office, 4)
    office.ledger.close()
    assert restore(office.home, tmp_path / "copies", now=LATER) == place
    assert rows_of(office.home.ledger_file) == 4 + 1
    aside = list(office.home.ledger_file.parent.glob("before-restore-*.sqlite"))
    assert [rows_of(file) for file in aside] == [8]
    with closing(sqlite3.connect(office.home.ledger_file)) as connection:
        last = connection.execute("select verb, actor_id from audit order by seq desc").fetchone()
    assert last == ("RestoreLedger", "operator")


def test_after_a_restore_the_anchors_of_what_was_lost_no_longer_count_and_the_restore_is_said(
    office: Staffed, tmp_path: Path
) -> None:
    add(office, 3)
    place = backup(office.home, tmp_path / "copies", now=NOON)
    add(office, 4)
    with office.ledger.read() as connection:
        write_anchor(office.home, head(connection), at=1)
    office.ledger.close()
    restore(office.home, place, now=LATER)
    report = verify(office.home)
    assert (report.is_sound, report.restores) == (True, 1)
    with closing(sqlite3.connect(office.home.ledger_file)) as connection:
        connection.executescript("drop trigger audit_no_delete; delete from audit where seq = 5;")
    assert verify(office.home).first_bad_seq == 5


def test_a_wiped_home_gets_its_ledger_back(office: Staffed, tmp_path: Path) -> None:
    add(office, 3)
    place = backup(office.home, tmp_path / "copies", now=NOON)
    office.ledger.close()
    empty = Home(tmp_path / "new machine")
    restore(empty, place, now=LATER)
    assert rows_of(empty.ledger_file) == 5
    assert rows_of(empty.ledger_file, "people") == 9
    assert stat.S_IMODE(empty.ledger_file.stat().st_mode) == 0o600


def test_a_ledger_in_use_is_not_replaced(office: Staffed, tmp_path: Path) -> None:
    place = backup(office.home, tmp_path / "copies", now=NOON)
    add(office)
    with pytest.raises(StorageError, match="The ledger is in use"):
        restore(office.home, place, now=LATER)
    add(office)
    assert office.ledger.version() == 3
    assert list(office.home.ledger_file.parent.glob("before-restore-*")) == []


@pytest.mark.parametrize("damage", ["flip", "shorten", "no manifest", "bad manifest", "no copy"])
def test_a_damaged_copy_changes_nothing(office: Staffed, tmp_path: Path, damage: str) -> None:
    add(office, 2)
    place = backup(office.home, tmp_path / "copies", now=NOON)
    content = (place / COPY).read_bytes()
    if damage == "flip":
        (place / COPY).write_bytes(content[:-10] + bytes([content[-10] ^ 1]) + content[-9:])
    elif damage == "shorten":
        (place / COPY).write_bytes(content[:-100])
    elif damage == "no copy":
        (place / COPY).unlink()
    elif damage == "no manifest":
        (place / MANIFEST).unlink()
    else:
        (place / MANIFEST).write_text("{}")
    office.ledger.close()
    before = office.home.ledger_file.read_bytes()
    with pytest.raises(InputError):
        restore(office.home, place, now=LATER)
    assert office.home.ledger_file.read_bytes() == before


def test_a_copy_that_is_not_sound_changes_nothing(office: Staffed, tmp_path: Path) -> None:
    """A copy that was changed, with a manifest made to fit, still fails on its chain."""
    add(office, 3)
    place = backup(office.home, tmp_path / "copies", now=NOON)
    with closing(sqlite3.connect(place / COPY)) as connection:
        connection.executescript("drop trigger audit_no_update; update audit set subject = 'x' where seq = 2;")
    fit_manifest(place)
    office.ledger.close()
    before = office.home.ledger_file.read_bytes()
    with pytest.raises(InputError, match=r"not sound, nothing was changed.*Audit row 2 was changed"):
        restore(office.home, place, now=LATER)
    assert office.home.ledger_file.read_bytes() == before


def test_a_copy_rewritten_whole_fails_on_the_anchor(office: Staffed, tmp_path: Path) -> None:
    """F-13 for copies: another history with every hash right is not the one that was anchored."""
    add(office, 3)
    with office.ledger.read() as connection:
        write_anchor(office.home, head(connection), at=1)
    office.ledger.close()
    other = Home(tmp_path / "other")
    forged = Ledger.open(other, url="")
    for _ in range(6):
        with forged.write() as connection:
            append_audit(connection, ENTRY, at=77)
    forged.close()
    place = backup(other, tmp_path / "copies", now=NOON)
    with pytest.raises(InputError, match="Audit row 4 is not the one that was anchored"):
        restore(office.home, place, now=LATER)


def test_a_damaged_ledger_is_replaced_and_kept_aside(office: Staffed, tmp_path: Path) -> None:
    add(office, 3)
    place = backup(office.home, tmp_path / "copies", now=NOON)
    office.ledger.close()
    office.home.ledger_file.write_bytes(b"nothing of a database " * 400)
    restore(office.home, place, now=LATER)
    assert rows_of(office.home.ledger_file) == 5
    (aside,) = office.home.ledger_file.parent.glob("before-restore-*.sqlite")
    assert aside.read_bytes().startswith(b"nothing of a database")


def test_of_several_copies_the_newest_is_put_back(office: Staffed, tmp_path: Path) -> None:
    backup(office.home, tmp_path / "copies", now=NOON)
    add(office)
    newest = backup(office.home, tmp_path / "copies", now=LATER)
    office.ledger.close()
    assert restore(office.home, tmp_path / "copies", now=LATER) == newest


def test_two_copies_in_one_second_are_refused_rather_than_mixed(office: Staffed, tmp_path: Path) -> None:
    backup(office.home, tmp_path / "copies", now=NOON)
    with pytest.raises(InputError, match="is there already"):
        backup(office.home, tmp_path / "copies", now=NOON)


def test_a_folder_without_copies_and_a_home_without_a_ledger_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no copy"):
        restore(Home(tmp_path / "home"), tmp_path)
    with pytest.raises(StorageError, match="There is no ledger"):
        backup(Home(tmp_path / "home"), tmp_path, now=NOON)


def test_a_copy_that_cannot_be_written_is_one_sentence(office: Staffed, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match="The copy was not made"):
        backup(office.home, tmp_path / "file", now=NOON)


def test_postgresql_is_told_its_own_command_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNBOUGHT_LEDGER_URL", f"postgresql://desk:{'hid' + 'den'}@db/ledger")
    with pytest.raises(ConfigError) as refused:
        backup(Home(tmp_path), tmp_path, now=NOON)
    assert refused.value.hint == "Use: pg_dump --format=custom --file=ledger.dump postgresql://desk:***@db/ledger"
    with pytest.raises(ConfigError, match="pg_restore"):
        restore(Home(tmp_path), tmp_path)


def fit_manifest(place: Path) -> None:
    told = json.loads((place / MANIFEST).read_text())
    content = (place / COPY).read_bytes()
    told |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (place / MANIFEST).write_text(json.dumps(told))


def test_a_copy_moved_to_another_folder_is_still_a_copy(office: Staffed, tmp_path: Path) -> None:
    place = backup(office.home, tmp_path / "copies", now=NOON)
    moved = tmp_path / "elsewhere"
    shutil.copytree(place, moved)
    office.ledger.close()
    assert restore(office.home, moved, now=LATER) == moved
