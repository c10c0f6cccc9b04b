"""What analysts and managers write: look-ups, notes, views, names of services.

Every command goes through the gate, which checks the person's rights afresh, the idempotency key, and writes the audit
row in the same transaction. None of them reaches the outbox.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, insert, select
from uuid6 import uuid7

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.gate import Gate, Written
from data.errors import InvalidCommandError, RightsError
from data.moments import micros
from data.records import CaseState, Receipt, Role, SignedIn
from data.tables import account_notes, cases, leases, lookups, saved_views, service_events

READERS = frozenset({Role.ANALYST, Role.MANAGER})
NAMERS = frozenset({Role.ANALYST, Role.SENIOR_REVIEWER})
LOOKERS = frozenset({Role.ANALYST, Role.MANAGER, Role.SENIOR_REVIEWER})
# One reason opens an account for this long.
LOOKUP_LASTS = timedelta(hours=8)
BLIND = "This account's case is decided before what the machine makes of it is seen."
_IS_BLIND = cases.c.is_blind & (cases.c.state == CaseState.LEASED)
LONGEST_NAME, LONGEST_TEXT = 80, 2_000
# What happened to a service: the event, its detail, and the sentence for the person.
_Told = tuple[str, dict[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    idempotency_key: str
    account_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    idempotency_key: str
    account_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveView:
    idempotency_key: str
    page: str
    name: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameService:
    idempotency_key: str
    service_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeService:
    idempotency_key: str
    service_id: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitService:
    idempotency_key: str
    service_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view: the page it opens and the address it stands for."""

    view_id: str
    page: str
    name: str
    content: str
    person_id: str


class Investigation:
    """Commands of analysts and managers, and the small reads that belong to them."""

    def __init__(self, gate: Gate, ledger: LedgerLike, clock: Callable[[], datetime]) -> None:
        self._gate = gate
        self._ledger = ledger
        self._clock = clock

    def may_open(self, token: str, account_id: str) -> bool:
        """Whether the person may see this account now: by a look-up of today, or by holding its case (T-01)."""
        who = self._gate.who(token)
        since = micros(self._clock() - LOOKUP_LASTS)
        held = self._held(who).where(cases.c.account_id == account_id)
        looked = select(lookups.c.lookup_id).where(
            lookups.c.account_id == account_id, lookups.c.person_id == who.person.person_id, lookups.c.at >= since
        )
        with self._ledger.read() as connection:
            if self._is_blind(connection, who, account_id):
                return False
            has_looked = bool(who.person.roles & LOOKERS) and connection.execute(looked).first() is not None
            return has_looked or connection.execute(held).first() is not None

    def may_look_up(self, token: str) -> bool:
        """Whether the person may open an account without holding its case, for a reason that is kept."""
        return bool(self._gate.who(token).person.roles & LOOKERS)

    def decides_blind(self, token: str, account_id: str) -> bool:
        """Whether the person holds a case of this account that is decided before the machine's opinion (S-01)."""
        who = self._gate.who(token)
        with self._ledger.read() as connection:
            return self._is_blind(connection, who, account_id)

    def _is_blind(self, connection: Connection, who: SignedIn, account_id: str) -> bool:
        query = self._held(who).where(cases.c.account_id == account_id, _IS_BLIND)
        return connection.execute(query).first() is not None

    def held(self, token: str) -> tuple[str, ...]:
        """List the accounts of the cases that the person holds now."""
        held = self._held(self._gate.who(token))
        query = held.where(~_IS_BLIND).order_by(leases.c.taken_at.desc())
        with self._ledger.read() as connection:
            return tuple(connection.scalars(query))

    def _held(self, who: SignedIn) -> Select[tuple[str]]:
        mine = leases.join(cases, cases.c.case_id == leases.c.case_id)
        query = select(cases.c.account_id).select_from(mine).where(leases.c.person_id == who.person.person_id)
        return query.where(leases.c.expires_at > micros(self._clock()))

    def look_up(self, token: str, command: LookUp) -> Receipt:
        """Open an account outside a case; the reason is kept."""

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            reason = words_of(command.reason, "Say why you need to see this account.")
            if self._is_blind(connection, who, command.account_id):
                raise RightsError(BLIND, "Decide its case first, or give it back.")
            row = {"lookup_id": str(uuid7()), "account_id": command.account_id, "person_id": who.person.person_id}
            connection.execute(insert(lookups).values(**row, reason=reason, at=micros(now)))
            return Written(subject=command.account_id, message="Opened. Your reason is kept.", facts={"reason": reason})

        return self._gate.execute(token, command, LOOKERS, write, costs={"lookups": 1})

    def note(self, token: str, command: AddNote) -> Receipt:
        """Add a note that follows the account."""
        if not self.may_open(token, command.account_id):
            raise RightsError("This account is not open to you.", "Look it up with a reason first.")

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            words = words_of(command.text, "The note is empty.")
            row = {"note_id": str(uuid7()), "account_id": command.account_id, "person_id": who.person.person_id}
            connection.execute(insert(account_notes).values(**row, text=words, at=micros(now)))
            return Written(subject=command.account_id, message="The note is kept with the account.", facts={})

        return self._gate.execute(token, command, LOOKERS, write)

    def save_view(self, token: str, command: SaveView) -> Receipt:
        """Keep an address or a query under a name."""

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            name = words_of(command.name, "Give the view a name.", LONGEST_NAME)
            if command.page not in {"explore", "query", "report"}:
                raise InvalidCommandError("Views of this page cannot be saved.")
            row = {"view_id": str(uuid7()), "person_id": who.person.person_id, "page": command.page, "name": name}
            connection.execute(insert(saved_views).values(**row, content=command.content, created_at=micros(now)))
            return Written(subject=name, message=f"Saved as {name}.", facts={"page": command.page})

        return self._gate.execute(token, command, READERS, write)

    def views(self, page: str) -> tuple[View, ...]:
        """List the saved views of a page, by name; they are shared."""
        query = select(saved_views).where(saved_views.c.page == page, saved_views.c.is_deleted.is_(False))
        with self._ledger.read() as connection:
            rows = connection.execute(query.order_by(saved_views.c.name, saved_views.c.created_at)).all()
        return tuple(
            View(view_id=row.view_id, page=row.page, name=row.name, content=row.content, person_id=row.person_id)
            for row in rows
        )

    def name_service(self, token: str, command: NameService) -> Receipt:
        """Give a service its name."""

        def told() -> _Told:
            name = words_of(command.name, "Give the service a name.", LONGEST_NAME)
            return "named", {"name": name}, f"{command.service_id} is now called {name}."

        return self._service(token, command, told)

    def merge_service(self, token: str, command: MergeService) -> Receipt:
        """Treat a service as part of another."""

        def told() -> _Told:
            if command.into == command.service_id:
                raise InvalidCommandError("A service cannot be merged into itself.", "Choose another one.")
            return "merged", {"into": command.into}, f"{command.service_id} now counts as part of {command.into}."

        return self._service(token, command, told)

    def split_service(self, token: str, command: SplitService) -> Receipt:
        """Let a merged service stand alone again."""
        return self._service(token, command, lambda: ("split", {}, f"{command.service_id} stands alone again."))

    def _service(self, token: str, command: Any, told: Callable[[], _Told]) -> Receipt:
        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            kind, detail, message = told()
            row = {"event_id": str(uuid7()), "service_id": command.service_id, "event": kind}
            stored = json.dumps(detail, sort_keys=True)
            connection.execute(
                insert(service_events).values(**row, detail=stored, person_id=who.person.person_id, at=micros(now))
            )
            return Written(subject=command.service_id, message=message, facts={"event": kind, **detail})

        return self._gate.execute(token, command, NAMERS, write)


def words_of(text: str, hint: str, longest: int = LONGEST_TEXT) -> str:
    words = " ".join(text.split())
    if not words:
        raise InvalidCommandError("Something is missing.", hint)
    if len(words) > longest:
        raise InvalidCommandError(f"At most {longest} characters fit here.", "Say it shorter.")
    return words
