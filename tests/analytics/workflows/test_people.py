"""People: who may sign in, what they set for themselves, and what an administrator may and may not change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from analytics.workflows.gate import token_hash
from analytics.workflows.people import (
    DECIDERS,
    DEMO_PEOPLE,
    AddPerson,
    ChangeRoles,
    RevokeSessions,
    SetActive,
    add_demo_people,
)
from data.errors import ConflictError, InvalidCommandError, RightsError, SessionError
from data.records import Role
from data.tables import audit, people, sign_ins
from tests.delivery_world import NOON
from tests.ledger_fixtures import Staffed

KIT, RITA, ANA, MAX = "demo-kit", "demo-rita", "demo-ana", "demo-max"
REVIEWER, ADMIN = frozenset({Role.REVIEWER}), frozenset({Role.ADMIN})


def add(office: Staffed, roles: frozenset[Role] = REVIEWER, subject: str = "ada@example.org", key: str = "add") -> str:
    command = AddPerson(idempotency_key=key, name="Ada  Long", subject=subject, roles=roles)
    return office.people.add(office.token(KIT), command).subject_id


def test_two_of_each_duty_that_needs_a_second_person_and_nobody_is_both_judge_and_keeper() -> None:
    """P-19, D.2."""
    held = [role for _, _, roles in DEMO_PEOPLE for role in roles]
    counted = {role: held.count(role) for role in Role if role is not Role.VIEWER}
    assert min(counted.values()) >= 1
    assert {role for role, count in counted.items() if count >= 2} >= {Role.REVIEWER, Role.MANAGER, Role.ANALYST}
    assert [name for _, name, roles in DEMO_PEOPLE if Role.ADMIN in roles and roles & DECIDERS] == []


def test_the_demo_people_are_added_once(staffed: Staffed) -> None:
    assert add_demo_people(staffed.ledger, now=NOON) == 0
    assert [one.name for one in staffed.people.demo_people()][:2] == ["Rita Marlow", "Theo Lindqvist"]
    assert len(staffed.people.demo_people()) == len(DEMO_PEOPLE)
    assert all(one.is_demo for one in staffed.people.demo_people())


def test_signing_in_and_out(staffed: Staffed) -> None:
    started = staffed.people.sign_in_demo(RITA)
    assert (started.person.name, started.person.roles) == ("Rita Marlow", REVIEWER)
    assert started.expires_at == NOON + timedelta(minutes=15)
    assert staffed.people.who(started.token) == started
    staffed.people.sign_out(started.token)
    staffed.people.sign_out(started.token)
    with pytest.raises(SessionError):
        staffed.people.who(started.token)
    with staffed.ledger.read() as connection:
        told = connection.execute(select(audit.c.verb, audit.c.actor_id).where(audit.c.seq > 1)).all()
    assert [tuple(row) for row in told] == [("SignIn", RITA), ("SignOut", RITA)]


def test_every_sign_in_has_its_own_token(office: Staffed) -> None:
    first, second = office.token(RITA), office.token(RITA)
    assert first != second
    office.people.sign_out(first)
    assert office.people.who(second).person.person_id == RITA


@pytest.mark.parametrize("person_id", ["nobody", "", "demo-rita' or '1'='1"])
def test_a_stranger_cannot_sign_in(office: Staffed, person_id: str) -> None:
    with pytest.raises(SessionError):
        office.people.sign_in_demo(person_id)


def test_in_production_nobody_signs_in_without_a_password(office: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    """X-25."""
    monkeypatch.setenv("UNBOUGHT_MODE", "production")
    assert office.people.demo_people() == ()
    with pytest.raises(RightsError):
        office.people.sign_in_demo(RITA)


def test_a_person_of_the_identity_provider_signs_in_by_subject_only(office: Staffed) -> None:
    person_id = add(office)
    with pytest.raises(SessionError):
        office.people.sign_in_demo(person_id)
    started = office.people.sign_in_subject("ada@example.org", authenticated_at=office.clock() - timedelta(minutes=9))
    assert (started.person.person_id, started.person.name) == (person_id, "Ada Long")
    with pytest.raises(SessionError):
        office.people.sign_in_subject("ben@example.org")


def test_a_sign_in_the_provider_remembers_from_earlier_is_not_recent(office: Staffed) -> None:
    """D.2: what counts is when the person proved who they are, not when this page was opened."""
    add(office, roles=ADMIN)
    earlier = office.people.sign_in_subject("ada@example.org", authenticated_at=NOON - timedelta(minutes=11))
    command = ChangeRoles(idempotency_key="k", person_id=RITA, roles=frozenset({Role.ANALYST}))
    with pytest.raises(RightsError, match="last ten minutes"):
        office.people.change_roles(earlier.token, command)
    fresh = office.people.sign_in_subject("ada@example.org", authenticated_at=NOON + timedelta(days=1))
    with office.ledger.read() as connection:
        mine = sign_ins.c.token_hash == token_hash(fresh.token)
        told = connection.scalar(select(sign_ins.c.authenticated_at).where(mine))
    assert told == int(NOON.timestamp()) * 1_000_000


def test_settings_belong_to_the_person_and_keep_the_others(staffed: Staffed) -> None:
    token = staffed.token(RITA)
    assert staffed.people.settings(token) == {}
    staffed.people.save_settings(token, {"keys": "alt"})
    staffed.people.save_settings(token, {"blur_comments": "on"})
    assert staffed.people.settings(token) == {"keys": "alt", "blur_comments": "on"}
    assert staffed.people.settings(staffed.token(RITA)) == {"keys": "alt", "blur_comments": "on"}
    assert staffed.people.settings(staffed.token(ANA)) == {}


@pytest.mark.parametrize("chosen", [{"keys": "loud"}, {"colour": "red"}, {"keys": ""}])
def test_a_setting_that_does_not_exist_is_refused(office: Staffed, chosen: dict[str, str]) -> None:
    token = office.token(RITA)
    with pytest.raises(InvalidCommandError):
        office.people.save_settings(token, chosen)
    assert office.people.settings(token) == {}


def test_only_administrators_change_people(office: Staffed) -> None:
    """X-21."""
    for person_id in (RITA, ANA, MAX, "demo-sena"):
        token = office.token(person_id)
        with pytest.raises(RightsError):
            office.people.change_roles(token, ChangeRoles(idempotency_key=person_id, person_id=RITA, roles=ADMIN))
        with pytest.raises(RightsError):
            office.people.revoke(token, RevokeSessions(idempotency_key=f"r{person_id}", person_id=ANA))
    assert roles_of(office, RITA) == "reviewer"


def test_changing_roles_ends_every_session_of_the_person(staffed: Staffed) -> None:
    """D.2."""
    first, second, other = staffed.token(RITA), staffed.token(RITA), staffed.token(ANA)
    command = ChangeRoles(idempotency_key="k", person_id=RITA, roles=frozenset({Role.ANALYST, Role.MANAGER}))
    assert staffed.people.change_roles(staffed.token(KIT), command).message == (
        "Rita Marlow has other roles now; 2 sign-ins ended."
    )
    for token in (first, second):
        with pytest.raises(SessionError):
            staffed.people.who(token)
    assert staffed.people.who(other).person.person_id == ANA
    assert roles_of(staffed, RITA) == "analyst,manager"
    again = staffed.people.sign_in_demo(RITA)
    assert again.person.roles == {Role.ANALYST, Role.MANAGER}


@pytest.mark.parametrize("decider", sorted(DECIDERS))
def test_nobody_both_decides_and_administers(office: Staffed, decider: Role) -> None:
    """D.2."""
    both = frozenset({decider, Role.ADMIN})
    with pytest.raises(ConflictError, match="Nobody reviews and administers at once"):
        office.people.change_roles(office.token(KIT), ChangeRoles(idempotency_key="k", person_id=RITA, roles=both))
    with pytest.raises(ConflictError):
        add(office, roles=both)
    assert roles_of(office, RITA) == "reviewer"


def test_nobody_changes_their_own_rights(office: Staffed) -> None:
    token = office.token(KIT)
    mine = ChangeRoles(idempotency_key="k", person_id=KIT, roles=frozenset({Role.ADMIN, Role.MANAGER}))
    with pytest.raises(ConflictError, match="own rights"):
        office.people.change_roles(token, mine)
    with pytest.raises(ConflictError, match="own rights"):
        office.people.set_active(token, SetActive(idempotency_key="k2", person_id=KIT, is_active=False))


def test_an_administrator_always_stays(office: Staffed) -> None:
    add(office, roles=ADMIN)
    ada = office.people.sign_in_subject("ada@example.org").token
    office.people.set_active(ada, SetActive(idempotency_key="k", person_id=KIT, is_active=False))
    assert office.people.who(ada).person.roles == ADMIN
    office.people.set_active(ada, SetActive(idempotency_key="k1", person_id=KIT, is_active=True))
    office.people.change_roles(ada, ChangeRoles(idempotency_key="k2", person_id=KIT, roles=frozenset({Role.MANAGER})))
    assert roles_of(office, KIT) == "manager"


def test_an_administrator_who_lost_the_role_cannot_take_it_from_the_last_one(office: Staffed) -> None:
    person_id = add(office, roles=ADMIN)
    ada = office.people.sign_in_subject("ada@example.org").token
    command = ChangeRoles(idempotency_key="k", person_id=person_id, roles=frozenset({Role.MANAGER}))
    office.people.change_roles(office.token(KIT), command)
    with pytest.raises(SessionError):
        office.people.set_active(ada, SetActive(idempotency_key="k3", person_id=KIT, is_active=False))
    assert [one.person.person_id for one in listed(office) if Role.ADMIN in one.person.roles] == [KIT]


def test_a_person_who_is_kept_out_is_out_at_once_and_may_come_back(office: Staffed) -> None:
    token = office.token(RITA)
    kit = office.token(KIT)
    office.people.set_active(kit, SetActive(idempotency_key="k", person_id=RITA, is_active=False))
    with pytest.raises(SessionError):
        office.people.who(token)
    with pytest.raises(SessionError):
        office.people.sign_in_demo(RITA)
    assert RITA not in [one.person_id for one in office.people.demo_people()]
    office.people.set_active(kit, SetActive(idempotency_key="k2", person_id=RITA, is_active=True))
    with pytest.raises(SessionError):
        office.people.who(token)
    assert office.people.who(office.token(RITA)).person.person_id == RITA


def test_revoking_ends_the_sessions_of_one_person(office: Staffed) -> None:
    token, other = office.token(RITA), office.token(ANA)
    told = office.people.revoke(office.token(KIT), RevokeSessions(idempotency_key="k", person_id=RITA))
    assert told.message == "1 sign-in of Rita Marlow ended."
    with pytest.raises(SessionError):
        office.people.who(token)
    assert office.people.who(other).person.person_id == ANA


def test_a_login_belongs_to_one_person(office: Staffed) -> None:
    add(office)
    with pytest.raises(ConflictError, match="already belongs"):
        add(office, key="again")


@pytest.mark.parametrize(("name", "subject", "roles"), [("", "a@b", REVIEWER), ("A", " ", REVIEWER), ("A", "a", ())])
def test_a_person_needs_a_name_a_login_and_a_role(
    office: Staffed, name: str, subject: str, roles: frozenset[Role]
) -> None:
    command = AddPerson(idempotency_key="k", name=name, subject=subject, roles=frozenset(roles))
    with pytest.raises(InvalidCommandError):
        office.people.add(office.token(KIT), command)


def test_the_list_counts_open_sessions_only(staffed: Staffed) -> None:
    staffed.token(RITA)
    staffed.people.sign_out(staffed.token(RITA))
    staffed.forward(minutes=10)
    staffed.token(RITA)
    staffed.forward(minutes=6)
    found = {one.person.person_id: one for one in listed(staffed)}
    assert found[RITA].sessions == 1
    assert found[ANA].sessions == 0
    assert (found[RITA].person.name, found[RITA].subject, found[RITA].person.is_demo) == ("Rita Marlow", "", True)
    assert found[RITA].last_seen_at == int((NOON + timedelta(minutes=10)).timestamp()) * 1_000_000


def test_the_list_is_for_managers_and_administrators(office: Staffed) -> None:
    assert len(office.people.listed(office.token(MAX))) == len(DEMO_PEOPLE)
    with pytest.raises(RightsError):
        office.people.listed(office.token(RITA))


def test_the_names_of_people_are_not_in_the_audit_chain(office: Staffed) -> None:
    """C.7: pseudonyms in the chain, names in a table that can be erased."""
    add(office)
    office.people.change_roles(office.token(KIT), ChangeRoles(idempotency_key="k", person_id=RITA, roles=REVIEWER))
    with office.ledger.read() as connection:
        told = str(connection.execute(select(audit)).all())
    assert "Marlow" not in told
    assert "Ada" not in told
    assert "example.org" not in told


def listed(office: Staffed) -> tuple:
    return office.people.listed(office.token(KIT))


def roles_of(office: Staffed, person_id: str) -> str:
    with office.ledger.read() as connection:
        return str(connection.scalar(select(people.c.roles).where(people.c.person_id == person_id)))


def test_roles_a_person_holds_already_are_no_change(staffed: Staffed) -> None:
    """D.2: nobody is signed out by a press that changes nothing, and nothing is written."""
    rita, kit = staffed.token(RITA), staffed.token(KIT)

    def written() -> int:
        with staffed.ledger.read() as connection:
            return len(connection.execute(select(audit.c.seq)).all())

    before = written()
    receipt = staffed.people.change_roles(kit, ChangeRoles(idempotency_key="k", person_id=RITA, roles=REVIEWER))

    assert receipt.message == "Rita Marlow has these roles already; nothing was changed."
    assert staffed.people.who(rita).person.person_id == RITA
    assert written() == before
    with pytest.raises(RightsError):
        staffed.people.change_roles(rita, ChangeRoles(idempotency_key="m", person_id=RITA, roles=REVIEWER))


def test_a_second_click_on_a_change_of_roles_is_told_of_the_change(staffed: Staffed) -> None:
    staffed.token(RITA)
    command = ChangeRoles(idempotency_key="k", person_id=RITA, roles=frozenset({Role.ANALYST}))
    kit = staffed.token(KIT)
    first, second = (staffed.people.change_roles(kit, command) for _ in range(2))

    assert second.message == first.message == "Rita Marlow has other roles now; 1 sign-in ended."
    assert (first.repeated, second.repeated) == (False, True)
