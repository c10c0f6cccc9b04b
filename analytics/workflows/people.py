"""Who works here: signing in and out, a person's own settings, and what an administrator may change about people."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from uuid6 import uuid7

from analytics.views.text import counted
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.gate import IDLE, LONGEST, Gate, Written, session_id, token_hash
from analytics.workflows.recording import UNDO_WINDOW
from data.audit_chain import AuditEntry, append_audit, canonical, parsed
from data.errors import ConflictError, InvalidCommandError, RightsError, SessionError
from data.moments import micros
from data.records import Person, Receipt, Role, SignedIn
from data.tables import commands, people, sign_ins

EVERYONE = frozenset(Role)
ADMINS = frozenset({Role.ADMIN})
# Nobody both decides about accounts and keeps the installation (D.2).
DECIDERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
LONGEST_NAME = 80
# What a person may set for themselves, and the values it may take.
SETTINGS: Mapping[str, frozenset[str]] = {
    "keys": frozenset({"single", "alt", "off"}),
    "blur_comments": frozenset({"on", "off"}),
    "less_motion": frozenset({"on", "off"}),
    "text_size": frozenset({"small", "normal", "large"}),
    "break_prompt": frozenset({"off", "30", "50", "90"}),
    UNDO_WINDOW: frozenset({"policy", "60", "120", "300"}),
}
# Made-up people: two of each duty that needs a second person.
DEMO_PEOPLE: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("demo-rita", "Rita Marlow", frozenset({Role.REVIEWER})),
    ("demo-theo", "Theo Lindqvist", frozenset({Role.REVIEWER})),
    ("demo-sena", "Sena Okafor", frozenset({Role.SENIOR_REVIEWER})),
    ("demo-ivo", "Ivo Castell", frozenset({Role.SENIOR_REVIEWER})),
    ("demo-ana", "Ana Brandt", frozenset({Role.ANALYST})),
    ("demo-olu", "Olu Farrow", frozenset({Role.ANALYST})),
    ("demo-max", "Max Verhoeven", frozenset({Role.MANAGER})),
    ("demo-lena", "Lena Sato", frozenset({Role.MANAGER})),
    ("demo-kit", "Kit Halloran", frozenset({Role.ADMIN})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSettings:
    idempotency_key: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson:
    """`subject` is the login of the identity provider."""

    idempotency_key: str
    name: str
    subject: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRoles:
    idempotency_key: str
    person_id: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetActive:
    """Let a person in or keep them out; history keeps their name."""

    idempotency_key: str
    person_id: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeSessions:
    idempotency_key: str
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One person as an administrator sees them."""

    person: Person
    subject: str
    sessions: int
    last_seen_at: int | None


class People:
    """Sign-ins, settings, and the administration of people."""

    def __init__(self, ledger: LedgerLike, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._gate = Gate(ledger, clock)

    def who(self, token: str) -> SignedIn:
        """Return who holds a session, with the rights of this moment."""
        return self._gate.who(token)

    def demo_people(self) -> tuple[Person, ...]:
        """List whom one may sign in as without a password; nobody in production."""
        if is_production():
            return ()
        query = select(people).where(people.c.is_demo, people.c.is_active).order_by(people.c.created_at)
        with self._ledger.read() as connection:
            found = [_person(row) for row in connection.execute(query)]
        order = list(Role)
        return tuple(sorted(found, key=lambda one: min(order.index(role) for role in one.roles)))

    def sign_in_demo(self, person_id: str) -> SignedIn:
        """Start a session for a demo person."""
        if is_production():
            raise RightsError("Demo identities cannot sign in here.", "Sign in with your own account.")
        return self._start(people.c.is_demo & (people.c.person_id == person_id), self._clock(), "demo")

    def sign_in_subject(self, subject: str, *, authenticated_at: datetime | None = None) -> SignedIn:
        """Start a session for somebody whom the identity provider has vouched for, at the moment it did."""
        return self._start(people.c.subject == subject, authenticated_at or self._clock(), "identity provider")

    def sign_out(self, token: str) -> None:
        """End a session for good; ending it twice is no fault."""
        now = micros(self._clock())
        with self._ledger.write() as connection:
            mine = (sign_ins.c.token_hash == token_hash(token)) & sign_ins.c.revoked_at.is_(None)
            person_id = connection.scalar(select(sign_ins.c.person_id).where(mine))
            if person_id is not None:
                connection.execute(update(sign_ins).where(mine).values(revoked_at=now))
                append_audit(connection, _sign_entry(person_id, "SignOut", token, {}), at=now)

    def settings(self, token: str) -> dict[str, str]:
        """Return what the person set for themselves."""
        with self._gate.reading(token) as (connection, who):
            mine = people.c.person_id == who.person.person_id
            return parsed(connection.scalar(select(people.c.settings).where(mine)) or "")

    def save_settings(self, token: str, chosen: Mapping[str, str]) -> Receipt:
        """Change some of the person's own settings; the others stay."""
        command = SaveSettings(idempotency_key=str(uuid7()), settings=dict(chosen))

        def write(connection: Connection, who: SignedIn, _now: datetime) -> Written:
            unknown = [name for name, value in chosen.items() if value not in SETTINGS.get(name, ())]
            if unknown:
                raise InvalidCommandError(f"{', '.join(unknown)} cannot be set to this.", "Choose from the list.")
            mine = people.c.person_id == who.person.person_id
            before = parsed(connection.scalar(select(people.c.settings).where(mine)) or "")
            connection.execute(update(people).where(mine).values(settings=canonical({**before, **chosen})))
            was = {name: before.get(name, "") for name in chosen}
            return Written(subject=who.person.person_id, message="Saved.", facts=dict(chosen), before=was)

        return self._gate.execute(token, command, EVERYONE, write)

    def names(self, token: str) -> dict[str, str]:
        """Everybody's name by id, for colleagues."""
        self.who(token)
        with self._ledger.read() as connection:
            rows = connection.execute(select(people.c.person_id, people.c.name)).all()
        return {row.person_id: row.name for row in rows}

    def listed(self, token: str) -> tuple[Listed, ...]:
        """List everybody with their roles and open sessions, for administrators and managers."""
        if not self.who(token).person.roles & (ADMINS | {Role.MANAGER}):
            raise RightsError("You do not see this list.", "Ask an administrator.")
        now = self._clock()
        is_open = (
            sign_ins.c.revoked_at.is_(None)
            & (sign_ins.c.last_seen_at > micros(now - IDLE))
            & (sign_ins.c.created_at > micros(now - LONGEST))
        )
        sessions = func.count(sign_ins.c.token_hash).filter(is_open).label("sessions")
        seen = func.max(sign_ins.c.last_seen_at).label("seen")
        query = select(people, sessions, seen).outerjoin(sign_ins).group_by(people.c.person_id).order_by(people.c.name)
        with self._ledger.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Listed(person=_person(row), subject=row.subject or "", sessions=row.sessions, last_seen_at=row.seen)
            for row in rows
        )

    def add(self, token: str, command: AddPerson) -> Receipt:
        """Let a person in by their login."""
        name, subject = " ".join(command.name.split()), command.subject.strip()

        def write(connection: Connection, _who: SignedIn, now: datetime) -> Written:
            if not name or len(name) > LONGEST_NAME or not subject:
                raise InvalidCommandError(
                    "A name and a login are needed.", f"A name has at most {LONGEST_NAME} letters."
                )
            _check_roles(command.roles)
            if connection.scalar(select(people.c.person_id).where(people.c.subject == subject)) is not None:
                raise ConflictError("This login already belongs to somebody.", "Change their roles instead.")
            person_id = f"p-{uuid7()}"
            row = {"person_id": person_id, "name": name, "subject": subject, "roles": written_roles(command.roles)}
            connection.execute(insert(people).values(row | {"created_at": micros(now)}))
            return Written(subject=person_id, message=f"{name} may sign in.", facts={"roles": command.roles})

        return self._gate.execute(token, command, ADMINS, write, needs_recent=True, costs={"people": 1})

    def change_roles(self, token: str, command: ChangeRoles) -> Receipt:
        """Give a person other roles; their sessions end, so that nothing goes on under the old ones.

        Roles they hold already are no change: nothing is written, not even in the audit chain.
        """
        if (receipt := self._unchanged(token, command)) is not None:
            return receipt

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            row = _other(connection, who, command.person_id)
            _check_roles(command.roles)
            connection.execute(
                update(people).where(people.c.person_id == row.person_id).values(roles=written_roles(command.roles))
            )
            ended = _end_sessions(connection, row.person_id, now)
            return Written(
                subject=row.person_id,
                message=f"{row.name} has other roles now; {counted(ended, 'sign-in')} ended.",
                facts={"roles": command.roles, "sessions_ended": ended},
                before={"roles": sorted(row.roles.split(","))},
            )

        return self._gate.execute(token, command, ADMINS, write, needs_recent=True, costs={"people": 1})

    def set_active(self, token: str, command: SetActive) -> Receipt:
        """Let a person in or keep them out from this moment on."""

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            row = _other(connection, who, command.person_id)
            connection.execute(
                update(people).where(people.c.person_id == row.person_id).values(is_active=command.is_active)
            )
            ended = 0 if command.is_active else _end_sessions(connection, row.person_id, now)
            message = f"{row.name} may sign in again." if command.is_active else f"{row.name} can no longer sign in."
            facts = {"is_active": command.is_active, "sessions_ended": ended}
            return Written(subject=row.person_id, message=message, facts=facts, before={"is_active": row.is_active})

        return self._gate.execute(token, command, ADMINS, write, needs_recent=True, costs={"people": 1})

    def revoke(self, token: str, command: RevokeSessions) -> Receipt:
        """End all sessions of a person, at once."""

        def write(connection: Connection, _who: SignedIn, now: datetime) -> Written:
            row = _known(connection, command.person_id)
            ended = _end_sessions(connection, row.person_id, now)
            message = f"{counted(ended, 'sign-in')} of {row.name} ended."
            return Written(subject=row.person_id, message=message, facts={"sessions_ended": ended})

        return self._gate.execute(token, command, ADMINS, write)

    def _unchanged(self, token: str, command: ChangeRoles) -> Receipt | None:
        """Say that a person has these roles already; None where there is something to do, or to refuse."""
        same = (people.c.person_id == command.person_id) & (people.c.roles == written_roles(command.roles))
        done = select(commands.c.idempotency_key).where(commands.c.idempotency_key == command.idempotency_key)
        with self._gate.reading(token) as (connection, who):
            name = connection.scalar(select(people.c.name).where(same))
            # A second click on a change that was made is told of the change.
            if name is None or not who.person.roles & ADMINS or connection.execute(done).first() is not None:
                return None
        message = f"{name} has these roles already; nothing was changed."
        return Receipt(command="ChangeRoles", subject_id=command.person_id, message=message)

    def _start(self, which: Any, authenticated_at: datetime, way: str) -> SignedIn:
        now, token = self._clock(), secrets.token_urlsafe(32)
        with self._ledger.write() as connection:
            row = connection.execute(select(people).where(which, people.c.is_active)).one_or_none()
            if row is None:
                raise SessionError("You are not known here.", "Ask an administrator to add you.")
            moments = {"created_at": micros(now), "last_seen_at": micros(now)}
            moments |= {"authenticated_at": min(micros(authenticated_at), micros(now))}
            connection.execute(
                insert(sign_ins).values(token_hash=token_hash(token), person_id=row.person_id, **moments)
            )
            append_audit(connection, _sign_entry(row.person_id, "SignIn", token, {"way": way}), at=micros(now))
        return self.who(token)


def is_production() -> bool:
    return os.environ.get("UNBOUGHT_MODE", "").strip().lower() == "production"


def add_demo_people(ledger: LedgerLike, *, now: datetime) -> int:
    """Add the made-up people of the demo, once; returns how many were new."""
    with ledger.write() as connection:
        known = set(connection.scalars(select(people.c.person_id)))
        fresh = [one for one in DEMO_PEOPLE if one[0] not in known]
        for person_id, name, roles in fresh:
            row = {"person_id": person_id, "name": name, "roles": written_roles(roles), "is_demo": True}
            connection.execute(insert(people).values(row | {"created_at": micros(now)}))
        if fresh:
            told = {"people": [person_id for person_id, _, _ in fresh]}
            entry = AuditEntry(
                actor_id="demo", actor_role="command", verb="AddDemoPeople", subject="people", after=told
            )
            append_audit(connection, entry, at=micros(now))
    return len(fresh)


def admit_first(ledger: LedgerLike, *, name: str, subject: str, now: datetime) -> str:
    """Add the first administrator from the command line; once there is one, administrators add everybody else."""
    with ledger.write() as connection:
        admins = [row.roles for row in connection.execute(select(people.c.roles).where(~people.c.is_demo))]
        if any(Role.ADMIN in roles.split(",") for roles in admins):
            raise ConflictError("There is an administrator already.", "They add people on the People page.")
        if not name.strip() or not subject.strip():
            raise InvalidCommandError("A name and a login are needed.")
        person_id = f"p-{uuid7()}"
        row = {"person_id": person_id, "name": name.strip()[:LONGEST_NAME], "subject": subject.strip()}
        connection.execute(insert(people).values(row | {"roles": Role.ADMIN.value, "created_at": micros(now)}))
        entry = AuditEntry(
            actor_id="operator", actor_role="command", subject=person_id, verb="AdmitFirst", after={"role": "admin"}
        )
        append_audit(connection, entry, at=micros(now))
    return person_id


def written_roles(roles: frozenset[Role]) -> str:
    """Write roles as the ledger keeps them."""
    return ",".join(sorted(roles))


def _check_roles(roles: frozenset[Role]) -> None:
    if not roles:
        raise InvalidCommandError("A person needs a role.", "To keep somebody out, deactivate them.")
    if Role.ADMIN in roles and roles & DECIDERS:
        raise ConflictError("Nobody reviews and administers at once.", "Give the two roles to two people.")


def _known(connection: Connection, person_id: str) -> Row[Any]:
    row = connection.execute(select(people).where(people.c.person_id == person_id)).one_or_none()
    if row is None:
        raise InvalidCommandError("There is no such person.", "Open the list again.")
    return row


def _other(connection: Connection, who: SignedIn, person_id: str) -> Row[Any]:
    """Return a person other than the one who asks; so an administrator always stays."""
    if person_id == who.person.person_id:
        raise ConflictError("Nobody changes their own rights.", "Ask another administrator.")
    return _known(connection, person_id)


def _end_sessions(connection: Connection, person_id: str, now: datetime) -> int:
    theirs = (sign_ins.c.person_id == person_id) & sign_ins.c.revoked_at.is_(None)
    return connection.execute(update(sign_ins).where(theirs).values(revoked_at=micros(now))).rowcount


def _sign_entry(person_id: str, verb: str, token: str, after: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(
        actor_id=person_id,
        actor_role="self",
        subject=person_id,
        session_id=session_id(token),
        verb=verb,
        after=after,
    )


def _person(row: Row[Any]) -> Person:
    roles = frozenset(Role(role) for role in row.roles.split(",") if role)
    return Person(person_id=row.person_id, name=row.name, roles=roles, is_demo=row.is_demo, is_active=row.is_active)
