"""The gate: rights of this very moment, one effect a key, an audit row for everything, a refusal included."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from uuid6 import uuid7

from analytics.workflows.gate import Gate, Written, session_id, token_hash
from analytics.workflows.limits import limits
from data.audit_chain import parsed
from data.errors import (
    CommandError,
    ConflictError,
    InvalidCommandError,
    KeyReusedError,
    RightsError,
    SessionError,
    StorageError,
)
from data.home import Home
from data.ledger import Ledger
from data.records import Receipt, Role, SignedIn
from data.tables import audit, commands, lookups, people, sign_ins
from tests.delivery_world import NOON
from tests.ledger_fixtures import NewDatabase, Staffed, staff

ANALYSTS = frozenset({Role.ANALYST})
ANA, OLU, RITA = "demo-ana", "demo-olu", "demo-rita"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A command whose effect is one row."""

    idempotency_key: str = "key-1"
    account_id: str = "account-1"
    reason: str = "asked by the owner"


def look(command: Look) -> Callable[[Connection, SignedIn, datetime], Written]:
    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        row = {"lookup_id": str(uuid7()), "account_id": command.account_id, "person_id": who.person.person_id}
        connection.execute(insert(lookups).values(**row, reason=command.reason, at=1))
        return Written(
            subject=command.account_id,
            message="Opened.",
            facts={"reason": command.reason},
            before={"open": False},
            undo_until=NOON + timedelta(seconds=30),
            case_version=3,
            fence=4,
            reason_code="OTHER",
            model_hash="m",
            explanation_hash="e",
            policy_version="1",
        )

    return write


def execute(office: Staffed, token: str, command: Look | None = None, **options: Any) -> Receipt:
    command = command or Look()
    return office.gate.execute(token, command, ANALYSTS, look(command), **options)


def effects(office: Staffed) -> int:
    with office.ledger.read() as connection:
        return connection.scalar(select(func.count()).select_from(lookups)) or 0


def last_row(office: Staffed) -> Any:
    with office.ledger.read() as connection:
        return connection.execute(select(audit).order_by(audit.c.seq.desc())).first()


def verbs(office: Staffed) -> list[str]:
    with office.ledger.read() as connection:
        return list(connection.scalars(select(audit.c.verb).order_by(audit.c.seq)))


def test_a_command_leaves_its_effect_its_receipt_and_its_audit_row(staffed: Staffed) -> None:
    token = staffed.token(ANA)
    receipt = execute(staffed, token)
    until = NOON + timedelta(seconds=30)
    assert receipt == Receipt(command="Look", subject_id="account-1", message="Opened.", undo_until=until)
    assert effects(staffed) == 1
    row = last_row(staffed)
    told = (row.actor_id, row.actor_role, row.session_id, row.verb, row.subject, row.case_version, row.fence)
    assert told == (ANA, "analyst", session_id(token), "Look", "account-1", 3, 4)
    assert (row.reason_code, row.model_hash, row.explanation_hash, row.policy_version) == ("OTHER", "m", "e", "1")
    assert parsed(row.before) == {"open": False}
    assert parsed(row.after)["facts"] == {"reason": "asked by the owner"}
    with staffed.ledger.read() as connection:
        stored = connection.execute(select(commands)).one()
    assert parsed(row.after)["command"] == {"key": "key-1", "body": stored.body_hash}
    assert (stored.person_id, stored.name) == (ANA, "Look")


def test_the_same_key_gives_the_first_receipt_and_no_second_effect(staffed: Staffed) -> None:
    token = staffed.token(ANA)
    first = execute(staffed, token)
    staffed.forward(minutes=3)
    again = execute(staffed, token)
    assert again == replace(first, repeated=True)
    assert effects(staffed) == 1
    assert verbs(staffed).count("Look") == 1


def test_the_same_key_with_another_body_is_refused(staffed: Staffed) -> None:
    token = staffed.token(ANA)
    execute(staffed, token)
    with pytest.raises(KeyReusedError):
        execute(staffed, token, Look(account_id="account-2"))
    assert effects(staffed) == 1
    assert last_row(staffed).verb == "Look.refused"
    assert last_row(staffed).reason_code == "KeyReusedError"


def test_the_same_key_of_another_person_is_refused(office: Staffed) -> None:
    execute(office, office.token(ANA))
    with pytest.raises(KeyReusedError):
        execute(office, office.token(OLU))
    assert effects(office) == 1


def test_eight_at_once_have_one_effect(staffed: Staffed) -> None:
    """Two clicks, two tabs, a proxy that sends again: one effect, and everybody gets the same receipt."""
    token = staffed.token(ANA)
    receipts, ready = list[Receipt](), threading.Barrier(8)

    def click() -> None:
        ready.wait(10)
        receipts.append(execute(staffed, token))

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 7
    assert len({replace(receipt, repeated=False) for receipt in receipts}) == 1
    assert effects(staffed) == 1
    assert verbs(staffed).count("Look") == 1


class Unlocked:
    """A PostgreSQL ledger whose writers do not take turns, as another program's would not."""

    def __init__(self, ledger: Ledger) -> None:
        self.read = ledger.read
        self.write = ledger._engine.begin


def test_of_two_writers_who_do_not_wait_the_slower_gets_the_receipt_of_the_faster(
    tmp_path: Path, new_database: NewDatabase, migrated: str
) -> None:
    """Both have looked the key up and found nothing before either stores it; the effect is still one."""
    ledger = Ledger.open(Home(tmp_path), url=new_database(migrated))
    office = staff(Home(tmp_path), ledger)
    token, command, meet = office.token(ANA), Look(), threading.Barrier(2)
    gate, receipts = Gate(Unlocked(ledger), office.clock), list[Receipt]()

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        meet.wait(10)
        return look(command)(connection, who, now)

    threads = [
        threading.Thread(target=lambda: receipts.append(gate.execute(token, command, ANALYSTS, write)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.repeated for receipt in receipts) == [False, True]
    assert effects(office) == 1
    assert verbs(office).count("Look") == 1
    ledger.close()


def test_another_broken_constraint_stays_what_it_is(office: Staffed) -> None:
    def write(connection: Connection, _who: SignedIn, _now: datetime) -> Written:
        row = {"lookup_id": "l", "account_id": "a", "person_id": "nobody", "reason": "", "at": 1}
        connection.execute(insert(lookups).values(row))
        return Written(subject="", message="", facts={})

    with pytest.raises(IntegrityError):
        office.gate.execute(office.token(ANA), Look(), ANALYSTS, write)
    assert effects(office) == 0


@pytest.mark.parametrize("error", [ConflictError("Too late."), InvalidCommandError("No such thing.")])
def test_a_refusal_leaves_one_audit_row_and_nothing_else(office: Staffed, error: CommandError) -> None:
    token, command = office.token(ANA), Look()

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        look(command)(connection, who, now)
        raise error

    with pytest.raises(type(error)):
        office.gate.execute(token, command, ANALYSTS, write)
    assert effects(office) == 0
    row = last_row(office)
    assert (row.verb, row.actor_id, row.subject) == ("Look.refused", ANA, "account-1")
    assert (row.reason_code, parsed(row.after)["message"]) == (type(error).__name__, error.message)
    assert execute(office, token, command).repeated is False
    assert effects(office) == 1


def test_a_role_that_was_taken_away_a_moment_ago_no_longer_counts(staffed: Staffed) -> None:
    """X-21: the session is the same, the page is open, the right is gone."""
    token = staffed.token(ANA)
    assert execute(staffed, token).repeated is False
    with staffed.ledger.write() as connection:
        connection.execute(update(people).where(people.c.person_id == ANA).values(roles="viewer"))
    for command in (Look(idempotency_key="key-2"), Look()):
        with pytest.raises(RightsError, match="You no longer have this right"):
            execute(staffed, token, command)
    assert effects(staffed) == 1
    assert last_row(staffed).verb == "Look.refused"
    assert last_row(staffed).actor_role == "viewer"


def test_a_person_without_the_role_is_refused(office: Staffed) -> None:
    """X-21."""
    with pytest.raises(RightsError):
        execute(office, office.token(RITA))
    assert effects(office) == 0


@pytest.mark.parametrize("token", ["", "invented", "' or 1=1 --"])
def test_a_token_nobody_gave_out_is_refused(office: Staffed, token: str) -> None:
    """X-22, S-22."""
    with pytest.raises(SessionError):
        execute(office, token)
    assert effects(office) == 0
    assert last_row(office).actor_id == "unknown"


def test_a_session_that_was_idle_too_long_is_refused(staffed: Staffed) -> None:
    """X-22: at sixteen minutes, and at the very fifteenth."""
    token = staffed.token(ANA)
    staffed.forward(minutes=14, seconds=59)
    assert execute(staffed, token).repeated is False
    staffed.forward(minutes=15)
    with pytest.raises(SessionError, match="ran out"):
        execute(staffed, token, Look(idempotency_key="key-2"))
    assert effects(staffed) == 1
    assert (last_row(staffed).actor_id, last_row(staffed).verb) == (ANA, "Look.refused")


def test_a_session_ends_after_eight_hours_however_busy(office: Staffed) -> None:
    """X-22."""
    token = office.token(ANA)
    for _ in range(8 * 6 - 1):
        office.forward(minutes=10)
        office.gate.who(token)
    office.forward(minutes=9, seconds=59)
    assert office.gate.who(token).person.person_id == ANA
    office.forward(seconds=1)
    with pytest.raises(SessionError, match="ran out"):
        execute(office, token)
    assert effects(office) == 0


def test_looking_keeps_a_session_awake_without_writing_each_time(office: Staffed) -> None:
    token = office.token(ANA)

    def seen() -> int:
        with office.ledger.read() as connection:
            return int(connection.scalar(select(sign_ins.c.last_seen_at)) or 0)

    first = seen()
    office.forward(seconds=59)
    office.gate.who(token)
    assert seen() == first
    office.forward(seconds=1)
    office.gate.who(token)
    assert seen() == first + 60_000_000


def test_a_revoked_session_is_refused_at_once(office: Staffed) -> None:
    """X-22."""
    token = office.token(ANA)
    with office.ledger.write() as connection:
        connection.execute(update(sign_ins).values(revoked_at=1))
    with pytest.raises(SessionError, match="was ended"):
        execute(office, token)
    assert effects(office) == 0


def test_a_person_who_left_is_refused_at_once(office: Staffed) -> None:
    """X-22."""
    token = office.token(ANA)
    with office.ledger.write() as connection:
        connection.execute(update(people).where(people.c.person_id == ANA).values(is_active=False))
    with pytest.raises(SessionError, match="no longer work here"):
        execute(office, token)
    assert effects(office) == 0


def test_a_session_moved_to_another_person_acts_as_that_person_only(office: Staffed) -> None:
    """X-22: the identity is read with the session, never taken from the page."""
    token = office.token(ANA)
    with office.ledger.write() as connection:
        connection.execute(update(sign_ins).values(person_id=RITA))
    with pytest.raises(RightsError):
        execute(office, token)
    assert last_row(office).actor_id == RITA


def test_a_weighty_command_needs_a_sign_in_of_the_last_ten_minutes(office: Staffed) -> None:
    token = office.token(ANA)
    office.forward(minutes=10)
    assert execute(office, token, needs_recent=True).repeated is False
    office.forward(seconds=1)
    with pytest.raises(RightsError, match="last ten minutes"):
        execute(office, token, Look(idempotency_key="key-2"), needs_recent=True)
    assert execute(office, token, Look(idempotency_key="key-2")).repeated is False
    assert execute(office, office.token(ANA), Look(idempotency_key="key-3"), needs_recent=True).repeated is False


def test_nobody_does_more_in_an_hour_than_is_usual(staffed: Staffed) -> None:
    """T-02: a bucket of an hour, which fills evenly; another person has their own."""
    most = limits()["lookups"]
    token = staffed.token(ANA)
    for number in range(most):
        execute(staffed, token, Look(idempotency_key=f"k{number}"), costs={"lookups": 1})
    with pytest.raises(ConflictError, match=f"At most {most} lookups an hour by one person"):
        execute(staffed, token, Look(idempotency_key="over"), costs={"lookups": 1})
    assert effects(staffed) == most
    assert execute(staffed, token, Look(idempotency_key="k0"), costs={"lookups": 1}).repeated is True
    other = staffed.token(OLU)
    assert execute(staffed, other, Look(idempotency_key="other"), costs={"lookups": 1}).repeated is False
    staffed.forward(seconds=3600 / most)
    assert execute(staffed, token, Look(idempotency_key="over"), costs={"lookups": 1}).repeated is False
    with pytest.raises(ConflictError):
        execute(staffed, token, Look(idempotency_key="more"), costs={"lookups": 1})


def test_a_clock_set_back_gives_nobody_more(office: Staffed) -> None:
    most, token = limits()["lookups"], office.token(ANA)
    execute(office, token, costs={"lookups": most})
    office.forward(hours=-2)
    with pytest.raises(ConflictError):
        execute(office, office.token(ANA), Look(idempotency_key="key-2"), costs={"lookups": 1})


@pytest.mark.parametrize("words", ["half a \ud800 character", "a \x00 in between"])
def test_what_no_database_can_keep_is_refused(staffed: Staffed, words: str) -> None:
    """X-15."""
    with pytest.raises(InvalidCommandError, match="cannot be kept"):
        execute(staffed, staffed.token(ANA), Look(reason=words))
    assert effects(staffed) == 0
    assert last_row(staffed).verb == "Look.refused"


def test_text_that_only_looks_like_an_escape_is_kept(office: Staffed) -> None:
    execute(office, office.token(ANA), Look(reason=r"typed \u0000 by hand"))
    with office.ledger.read() as connection:
        assert connection.scalar(select(lookups.c.reason)) == r"typed \u0000 by hand"


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_command_without_a_usable_key_is_refused(office: Staffed, key: str) -> None:
    with pytest.raises(InvalidCommandError):
        execute(office, office.token(ANA), Look(idempotency_key=key))
    assert effects(office) == 0


def test_a_ledger_that_cannot_be_written_says_so_and_leaves_pages_readable(office: Staffed) -> None:
    """F-14."""
    token = office.token(ANA)
    office.forward(minutes=2)
    gate = Gate(Full(office), office.clock)
    assert gate.who(token).person.person_id == ANA
    with pytest.raises(StorageError, match="Not saved"):
        gate.execute(token, Look(), ANALYSTS, look(Look()))
    assert effects(office) == 0


class Full:
    """A ledger on a full disk."""

    def __init__(self, office: Staffed) -> None:
        self.read = office.ledger.read

    def write(self) -> Any:
        raise StorageError("Not saved: database or disk is full.")


def test_only_the_hash_of_a_token_is_kept(office: Staffed) -> None:
    token = office.token(ANA)
    execute(office, token)
    content = office.home.ledger_file.read_bytes()
    content += office.home.ledger_file.with_name("ledger.sqlite-wal").read_bytes()
    assert token.encode() not in content
    assert token_hash(token).encode() in content
