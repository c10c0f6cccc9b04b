"""T-14, F-13: a changed byte, a row taken out, put in or swapped, the end cut off, all of it rewritten: it shows."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from data.anchors import anchor_file, read_anchors, write_anchor
from data.audit_chain import FIRST, AuditEntry, append_audit, canonical, head, row_hash
from data.chain_check import Chain, walk_chain
from data.home import Home
from data.ledger import Ledger

ROWS = 40
# Every tenth row is anchored.
ANCHOR_EVERY = 10
TEXT_COLUMNS = ("actor_id", "actor_role", "session_id", "verb", "subject", "before", "after", "reason_code", "hash")


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        actor_id=f"person-{number % 3}",
        actor_role="reviewer",
        verb="Decide",
        subject=f"case-{number}",
        session_id="feed",
        before={"state": "leased"},
        after={"facts": {"number": number}},
        reason_code="OTHER",
    )


def write_rows(home: Home, rows: int = ROWS) -> None:
    ledger = Ledger.open(home, url="")
    for number in range(1, rows + 1):
        with ledger.write() as connection:
            append_audit(connection, entry(number), at=number * 1_000)
            end = head(connection)
        if number % ANCHOR_EVERY == 0:
            write_anchor(home, end, at=end.at)
    ledger.close()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    write_rows(Home(tmp_path))
    return Home(tmp_path)


def walk(home: Home) -> Chain:
    ledger = Ledger.open(home, url="")
    with ledger.read() as connection:
        chain = walk_chain(connection, read_anchors(home), lambda _row: None)
    ledger.close()
    return chain


def first_bad(home: Home) -> int | None:
    return min((fault.seq for fault in walk(home).faults), default=None)


def tamper(home: Home, *statements: str) -> None:
    """Do what only somebody with the file in their hands can do."""
    with closing(sqlite3.connect(home.ledger_file)) as connection:
        connection.executescript("drop trigger audit_no_update; drop trigger audit_no_delete;")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")


def test_an_untouched_chain_is_sound(home: Home) -> None:
    chain = walk(home)
    assert (chain.rows, chain.faults) == (ROWS, [])


def test_the_hash_is_what_the_page_of_the_law_says_it_is() -> None:
    """C.7: SHA-256 over the canonical bytes of the row and the hash before it; keyed when there is a key."""
    row = {"seq": 1, "at": 5, "actor_id": "a", "actor_role": "r", "session_id": "", "on_behalf_of": "", "verb": "V"}
    row |= {"subject": "s", "case_version": None, "fence": 7, "before": "", "after": '{"x":1}', "reason_code": ""}
    row |= {"model_hash": "", "explanation_hash": "", "policy_version": "", "prev_hash": FIRST}
    told = (
        '{"actor_id":"a","actor_role":"r","after":"{\\"x\\":1}","at":5,"before":"","case_version":null,'
        '"explanation_hash":"","fence":7,"model_hash":"","on_behalf_of":"","policy_version":"",'
        f'"prev_hash":"{FIRST}","reason_code":"","seq":1,"session_id":"","subject":"s","verb":"V"}}'
    ).encode()
    assert row_hash(row, b"") == hashlib.sha256(told).hexdigest()
    assert row_hash(row, b"secret") == hmac.new(b"secret", told, "sha256").hexdigest()


@given(text=st.text(), number=st.integers(-(2**53) + 1, 2**53 - 1))
def test_the_hashed_bytes_are_those_of_rfc_8785(text: str, number: int) -> None:
    row = dict.fromkeys(("actor_id", "actor_role", "session_id", "on_behalf_of", "verb", "subject"), text)
    row |= dict.fromkeys(("before", "after", "reason_code", "model_hash", "explanation_hash", "policy_version"), text)
    whole: dict[str, Any] = {**row, "prev_hash": text, "seq": number, "at": number, "case_version": None, "fence": None}
    assert row_hash(whole, b"") == hashlib.sha256(rfc8785.dumps(whole)).hexdigest()


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"s": frozenset({"b", "a"})}, '{"s":["a","b"]}'),
        ({"c": Colour.RED, "t": datetime(2026, 1, 1, tzinfo=UTC)}, '{"c":"red","t":"2026-01-01T00:00:00+00:00"}'),
        ({"big": 2**60, "bytes": b"\x01"}, '{"big":"1152921504606846976","bytes":"01"}'),
    ],
)
def test_canonical_text_of_a_value(value: Any, text: str) -> None:
    assert canonical(value) == text


@pytest.mark.parametrize("column", TEXT_COLUMNS)
def test_one_changed_letter_is_found(home: Home, column: str) -> None:
    tamper(home, f"update audit set {column} = 'x' || substr({column}, 2) where seq = 17")
    assert first_bad(home) == 17


@pytest.mark.parametrize("change", ["at = at + 1", "fence = 1", "case_version = 0", "prev_hash = hash", "seq = 400"])
def test_a_changed_number_is_found(home: Home, change: str) -> None:
    tamper(home, f"update audit set {change} where seq = 17")
    assert first_bad(home) == 17


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_flipped_byte_of_the_row_in_the_file_is_found(tmp_path_factory: Any, data: st.DataObject) -> None:
    """F-13: the byte may stand anywhere between the first and the last column of a row, in the bare file."""
    home = Home(tmp_path_factory.mktemp("flip"))
    write_rows(home, 12)
    tamper(home)
    content = bytearray(home.ledger_file.read_bytes())
    seq = data.draw(st.integers(1, 12))
    told = f"person-{seq % 3}reviewerfeed".encode()
    marker = content.find(f"Decidecase-{seq}".encode() + b'{"state"')
    start, end = marker - len(told), marker + len(b"Decide") + 90
    assert content[start:marker] == told
    place = data.draw(st.integers(start, end))
    content[place] ^= data.draw(st.integers(1, 255))
    home.ledger_file.write_bytes(content)
    assert first_bad(home) == seq


def test_a_deleted_row_is_found(home: Home) -> None:
    tamper(home, "delete from audit where seq = 23")
    assert first_bad(home) == 23


def test_the_first_row_deleted_is_found(home: Home) -> None:
    tamper(home, "delete from audit where seq = 1")
    assert first_bad(home) == 1


def test_two_swapped_rows_are_found(home: Home) -> None:
    tamper(
        home,
        "update audit set seq = 1000 where seq = 8",
        "update audit set seq = 8 where seq = 9",
        "update audit set seq = 9 where seq = 1000",
    )
    assert first_bad(home) == 8


def test_a_row_put_in_between_is_found(home: Home) -> None:
    tamper(
        home,
        "update audit set seq = seq + 1000 where seq >= 12",
        "insert into audit select 12, at, actor_id, actor_role, session_id, on_behalf_of, verb, subject, case_version,"
        " fence, before, after, reason_code, model_hash, explanation_hash, policy_version, prev_hash, 'forged'"
        " from audit where seq = 11",
        "update audit set seq = seq - 999 where seq > 1000",
    )
    assert first_bad(home) == 12


def test_the_end_cut_off_is_found_by_the_anchor(home: Home) -> None:
    tamper(home, "delete from audit where seq > 35")
    assert first_bad(home) == 36


def test_everything_deleted_is_found_by_the_anchor(home: Home) -> None:
    tamper(home, "delete from audit")
    assert first_bad(home) == 1


def rewrite(home: Home, change: Callable[[int, dict[str, Any]], None], key: bytes = b"") -> None:
    """Rewrite the whole chain as the program itself would have written it, with every hash right."""
    with closing(sqlite3.connect(home.ledger_file)) as connection:
        connection.row_factory = sqlite3.Row
        connection.executescript("drop trigger audit_no_update; drop trigger audit_no_delete;")
        previous = FIRST
        for number in range(1, ROWS + 1):
            row = dict(connection.execute("select * from audit where seq = ?", (number,)).fetchone())
            change(number, row)
            row["prev_hash"] = previous
            previous = row_hash(row, key)
            told = {**row, "hash": previous}
            sets = ", ".join(f"{name} = :{name}" for name in told)
            connection.execute(f"update audit set {sets} where seq = :seq", told)
        connection.commit()


def test_a_full_rewrite_with_every_hash_right_is_found_by_the_anchor(home: Home) -> None:
    """F-13: the first anchor after the change says so, and names the last row before it that is known to be good."""

    def change(number: int, row: dict[str, Any]) -> None:
        if number == 14:
            row["actor_id"] = "somebody-else"

    rewrite(home, change)
    assert [str(fault) for fault in walk(home).faults] == [
        "Audit row 20 is not the one that was anchored; a row after 10 was rewritten.",
        "Audit row 30 is not the one that was anchored; a row after 10 was rewritten.",
        "Audit row 40 is not the one that was anchored; a row after 10 was rewritten.",
    ]


def test_a_row_rewritten_with_its_own_hash_right_no_longer_carries_the_next(home: Home) -> None:
    """F-13: without an anchor too; the link from row to row is what says so."""
    anchor_file(home).unlink()
    with closing(sqlite3.connect(home.ledger_file)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("select * from audit where seq = 14").fetchone()) | {"actor_id": "somebody-else"}
    tamper(home, f"update audit set actor_id = 'somebody-else', hash = '{row_hash(row, b'')}' where seq = 14")
    assert [str(fault) for fault in walk(home).faults] == ["Audit row 15 does not follow the row before it."]


def test_rewriting_nothing_changes_nothing(home: Home) -> None:
    rewrite(home, lambda _number, _row: None)
    assert walk(home).faults == []


def test_with_a_key_a_rewrite_without_it_is_found_at_its_first_row(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "audit").write_text("a key kept elsewhere")
    home = Home(tmp_path)
    write_rows(home)
    assert walk(home).faults == []
    anchor_file(home).unlink()
    rewrite(home, lambda _number, _row: None)
    assert first_bad(home) == 1


def test_a_row_that_goes_back_in_time_is_found(home: Home) -> None:
    def change(number: int, row: dict[str, Any]) -> None:
        if number == 14:
            row["at"] = 1

    anchor_file(home).unlink()
    rewrite(home, change)
    assert [str(fault) for fault in walk(home).faults] == ["Audit row 14 is earlier than the row before it."]


def test_time_never_runs_back_while_writing(tmp_path: Path) -> None:
    ledger = Ledger.open(Home(tmp_path), url="")
    with ledger.write() as connection:
        append_audit(connection, entry(1), at=5_000)
        append_audit(connection, entry(2), at=3_000)
        assert head(connection).at == 5_000


def test_an_anchor_line_is_only_ever_added(home: Home) -> None:
    before = anchor_file(home).read_text()
    ledger = Ledger.open(home, url="")
    with ledger.read() as connection:
        write_anchor(home, head(connection), at=99)
    after = anchor_file(home).read_text()
    assert after.startswith(before)
    assert json.loads(after.splitlines()[-1])["seq"] == ROWS


def test_a_line_of_the_anchor_file_that_nobody_can_read_is_said(home: Home) -> None:
    with anchor_file(home).open("a") as file:
        file.write("scratched out\n")
    anchors = read_anchors(home)
    assert anchors.unreadable == (ROWS // ANCHOR_EVERY + 1,)
    assert [one.seq for one in anchors.holding] == [10, 20, 30, 40]


def test_the_chain_is_the_same_on_both_databases(either: Ledger, tmp_path: Path) -> None:
    with either.write() as connection:
        for number in range(1, 4):
            append_audit(connection, entry(number), at=number)
        assert head(connection).hash == literal_chain(3)


def literal_chain(rows: int) -> str:
    """Work the last hash out again, by the words of the requirement alone."""
    previous = "0" * 64
    for told in _told(rows):
        previous = hashlib.sha256(rfc8785.dumps(told | {"prev_hash": previous})).hexdigest()
    return previous


def _told(rows: int) -> Iterator[dict[str, Any]]:
    for number in range(1, rows + 1):
        yield {
            "seq": number,
            "at": number,
            "actor_id": f"person-{number % 3}",
            "actor_role": "reviewer",
            "session_id": "feed",
            "on_behalf_of": "",
            "verb": "Decide",
            "subject": f"case-{number}",
            "case_version": None,
            "fence": None,
            "before": '{"state":"leased"}',
            "after": f'{{"facts":{{"number":{number}}}}}',
            "reason_code": "OTHER",
            "model_hash": "",
            "explanation_hash": "",
            "policy_version": "",
        }
