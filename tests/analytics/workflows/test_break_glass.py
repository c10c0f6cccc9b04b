"""D.2: past the identity provider only for a named person, with an alarm, and somebody else looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from analytics.workflows.break_glass import Emergencies, Emergency, ReviewEmergency, break_glass
from analytics.workflows.metrics import health
from analytics.workflows.people import AddPerson, SetActive
from data.errors import ConflictError, InvalidCommandError, RightsError, SessionError
from data.moments import micros
from data.records import Role
from data.tables import audit, sign_ins
from tests.delivery_world import NOON
from tests.ledger_fixtures import Staffed

KIT, MAX, RITA, SENA, ANA = "demo-kit", "demo-max", "demo-rita", "demo-sena", "demo-ana"
LOGIN = "ada@example.org"


@pytest.fixture
def emergencies(office: Staffed) -> Emergencies:
    command = AddPerson(idempotency_key="add", name="Ada Long", subject=LOGIN, roles=frozenset({Role.ADMIN}))
    office.people.add(office.token(KIT), command)
    return Emergencies(office.gate, office.ledger)


def let_in(office: Staffed, login: str = LOGIN, reason: str = "The provider is down") -> str:
    return break_glass(office.ledger, subject=login, reason=reason, now=office.clock())


def alarms(office: Staffed) -> list[str]:
    with office.ledger.read() as connection:
        return [one for one in health(connection, micros(office.clock())).problems if "identity provider" in one]


def review(emergencies: Emergencies, token: str, found: Emergency, note: str = "It was Ada", key: str = "r") -> str:
    command = ReviewEmergency(idempotency_key=key, emergency_id=found.emergency_id, note=note)
    return emergencies.review(token, command).message


def test_a_code_is_a_session_of_that_person_and_an_alarm_stands_at_once(
    office: Staffed, emergencies: Emergencies
) -> None:
    assert not emergencies.is_open()
    code = let_in(office)
    who = office.people.who(code)

    assert (who.person.name, who.expires_at) == ("Ada Long", NOON + timedelta(minutes=15))
    assert emergencies.is_open()
    assert alarms(office) == [
        "Somebody signed in past the identity provider; a second person must look before 25 Nov, 12:00 UTC."
    ]
    (found,) = emergencies.listed(office.token(MAX))
    assert (found.name, found.reason, found.at, found.due) == (
        "Ada Long",
        "The provider is down",
        NOON,
        NOON + timedelta(hours=24),
    )
    with office.ledger.read() as connection:
        rows = connection.execute(select(audit.c.after).where(audit.c.verb == "BreakGlass")).scalars().all()
        hashes = connection.execute(select(sign_ins.c.token_hash)).scalars().all()
    assert len(rows) == 1
    assert code not in rows[0]
    assert code not in hashes


def test_a_code_that_nobody_uses_is_worth_nothing_after_a_quarter_of_an_hour(
    office: Staffed, emergencies: Emergencies
) -> None:
    code = let_in(office)
    office.forward(minutes=15)
    with pytest.raises(SessionError):
        office.people.who(code)
    assert emergencies.is_open()


def test_another_person_looks_and_the_alarm_is_off(office: Staffed, emergencies: Emergencies) -> None:
    code = let_in(office)
    (found,) = emergencies.listed(office.token(MAX))
    with pytest.raises(ConflictError, match="their own"):
        review(emergencies, code, found)
    with pytest.raises(InvalidCommandError):
        review(emergencies, office.token(MAX), found, note=" ", key="empty")
    assert len(alarms(office)) == 1
    assert review(emergencies, office.token(MAX), found, key="max") == "Kept. The alarm is off."
    assert (alarms(office), emergencies.is_open(), emergencies.listed(office.token(KIT))) == ([], False, ())
    with pytest.raises(ConflictError, match="already"):
        review(emergencies, office.token(KIT), found, key="kit")


def test_two_emergencies_are_two_alarms(office: Staffed, emergencies: Emergencies) -> None:
    let_in(office)
    office.forward(minutes=1)
    let_in(office, reason="Still down")
    first, second = emergencies.listed(office.token(MAX))
    review(emergencies, office.token(MAX), first)

    assert [one.reason for one in emergencies.listed(office.token(MAX))] == [second.reason]
    assert len(alarms(office)) == 1


def test_a_login_that_may_not_sign_in_is_refused_and_leaves_nothing(office: Staffed, emergencies: Emergencies) -> None:
    person_id = next(one.person.person_id for one in office.people.listed(office.token(KIT)) if one.subject == LOGIN)
    for login, reason in (("nobody@example.org", "x"), ("", "x"), (LOGIN, "  ")):
        with pytest.raises((SessionError, InvalidCommandError)):
            let_in(office, login, reason)
    command = SetActive(idempotency_key="out", person_id=person_id, is_active=False)
    office.people.set_active(office.token(KIT), command)
    with pytest.raises(SessionError):
        let_in(office)

    assert (alarms(office), emergencies.is_open()) == ([], False)


@pytest.mark.parametrize("person", [RITA, SENA, ANA])
def test_only_managers_and_administrators_look(office: Staffed, emergencies: Emergencies, person: str) -> None:
    let_in(office)
    (found,) = emergencies.listed(office.token(MAX))
    with pytest.raises(RightsError):
        emergencies.listed(office.token(person))
    with pytest.raises(RightsError):
        review(emergencies, office.token(person), found)
    assert len(alarms(office)) == 1
