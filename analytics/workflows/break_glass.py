"""The way in when the identity provider is down: one named person, an alarm, and somebody else who looks (D.2)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.gate import Gate, Written, session_id, token_hash
from analytics.workflows.investigation import words_of
from data.audit_chain import AuditEntry, append_audit, parsed
from data.errors import ConflictError, RightsError, SessionError
from data.moments import micros, of_micros
from data.platform import switches
from data.records import Receipt, Role, SignedIn
from data.tables import audit, people, sign_ins

REVIEWERS = frozenset({Role.MANAGER, Role.ADMIN})
REVIEW_WITHIN = timedelta(hours=24)
_VERB, _KIND = "BreakGlass", "emergency-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEmergency:
    """`emergency_id` is the one of the list; the note says what the look found."""

    idempotency_key: str
    emergency_id: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One sign-in past the identity provider that nobody has looked at yet."""

    emergency_id: str
    person_id: str
    name: str
    reason: str
    at: datetime

    @property
    def due(self) -> datetime:
        return self.at + REVIEW_WITHIN


def break_glass(ledger: LedgerLike, *, subject: str, reason: str, now: datetime) -> str:
    """Start a session for the person with this login and return its code, for the sign-in page.

    The code is a session like any other: it ends after fifteen minutes without use. An alarm stands from this moment on
    until another person has looked. Raises SessionError for a login that is not known or not let in.
    """
    why, token = words_of(reason, "Say why the identity provider cannot be asked."), secrets.token_urlsafe(32)
    kind, at = f"{_KIND}{session_id(token)}", micros(now)
    with ledger.write() as connection:
        row = connection.execute(select(people).where(people.c.subject == subject.strip(), people.c.is_active)).first()
        if row is None:
            raise SessionError("Nobody with this login may sign in.", "Use the login under which they were added.")
        session = {"token_hash": token_hash(token), "person_id": row.person_id, "created_at": at}
        connection.execute(insert(sign_ins).values(**session, last_seen_at=at, authenticated_at=at))
        told = {"reason": why, "way": "break glass"}
        entry = AuditEntry(
            actor_id=row.person_id,
            actor_role="command",
            session_id=session_id(token),
            verb=_VERB,
            subject=kind,
            after=told,
        )
        append_audit(connection, entry, at=at)
        due = f"{now + REVIEW_WITHIN:%-d %b, %H:%M} UTC"
        # Monitors read it, so it names nobody.
        text = f"Somebody signed in past the identity provider; a second person must look before {due}."
        switches.raise_alarm(connection, kind, text, at)
    return token


class Emergencies:
    """Emergency sign-ins that wait for a look, and the look."""

    def __init__(self, gate: Gate, ledger: LedgerLike) -> None:
        self._gate, self._ledger = gate, ledger

    def is_open(self) -> bool:
        """Whether a code was given out that nobody has looked at; only then does the sign-in page ask for one."""
        with self._ledger.read() as connection:
            return any(kind.startswith(_KIND) for kind in switches.read_alarms(connection))

    def listed(self, token: str) -> tuple[Emergency, ...]:
        """List the sign-ins that wait for a look, the oldest first."""
        with self._gate.reading(token) as (connection, who):
            if not who.person.roles & REVIEWERS:
                raise RightsError("You do not see emergency sign-ins.", "Ask a manager.")
            kinds = [kind for kind in switches.read_alarms(connection) if kind.startswith(_KIND)]
            return tuple(sorted((_emergency(connection, kind) for kind in kinds), key=lambda one: one.at))

    def review(self, token: str, command: ReviewEmergency) -> Receipt:
        """Keep what a second person found, and end the alarm."""

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            note = words_of(command.note, "Say what you found.")
            if command.emergency_id not in switches.read_alarms(connection):
                raise ConflictError("Somebody has looked at it already.", "Open the page again.")
            found = _emergency(connection, command.emergency_id)
            if found.person_id == who.person.person_id:
                raise ConflictError("Nobody looks at their own emergency sign-in.", "Ask a manager or administrator.")
            switches.clear_alarm(connection, command.emergency_id, micros(now))
            facts = {"note": note, "person_id": found.person_id, "is_late": now > found.due}
            return Written(subject=command.emergency_id, message="Kept. The alarm is off.", facts=facts)

        return self._gate.execute(token, command, REVIEWERS, write)


def _emergency(connection: Connection, kind: str) -> Emergency:
    query = (
        select(audit.c.at, audit.c.after, audit.c.actor_id, people.c.name)
        .select_from(audit.join(people, people.c.person_id == audit.c.actor_id))
        .where(audit.c.subject == kind, audit.c.verb == _VERB)
    )
    row = connection.execute(query).first()
    if row is None:
        raise ConflictError("There is no such emergency sign-in.", "Open the page again.")
    reason = str(parsed(row.after).get("reason", ""))
    return Emergency(emergency_id=kind, person_id=row.actor_id, name=row.name, reason=reason, at=of_micros(row.at))
