"""The desk: what reviewers see, take, decide and take back. Every write goes through the gate."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row
from uuid6 import uuid7

from analytics.casework.approvals import Confirmer, still_needed
from analytics.casework.ladder import strikes
from analytics.casework.plan import Confirmation, plan_for
from analytics.casework.policy import Policy, Step
from analytics.workflows import leases, queue, undoing
from analytics.workflows.case_files import CaseFile, case_file, read_file
from analytics.workflows.deciding import acting_role, confirmers, decide, step_now
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.findings import findings_of
from analytics.workflows.gate import Gate, Write, Written
from analytics.workflows.notice_texts import load_notices
from analytics.workflows.policy import load_policy
from analytics.workflows.queue import DESK, Found, QueueFilter, Viewer, Waiting
from analytics.workflows.recording import Rules, is_found_by_software
from analytics.workflows.review_commands import (
    Command,
    Decide,
    DeclareConflict,
    ExtendLease,
    MarkKnownAnswer,
    ReleaseCase,
    SaveDraft,
    Skip,
    Snooze,
    TakeCase,
    Undo,
)
from analytics.workflows.service_titles import titles
from analytics.workflows.setting_aside import (
    declare_conflict,
    extend_lease,
    mark_known_answer,
    release_case,
    save_draft,
    skip,
    snooze,
)
from data.errors import InvalidCommandError, RightsError
from data.moments import micros
from data.platform.settings import DeliverySettings, load_settings
from data.records import Case, CaseState, Lease, Outcome, Plan, ReasonCode, Receipt, Role, SignedIn

__all__ = [
    "Decide",
    "DeclareConflict",
    "Desk",
    "ExtendLease",
    "MarkKnownAnswer",
    "QueueFilter",
    "SaveDraft",
    "Skip",
    "Snooze",
    "Undo",
]

_LOOK_ALIKES = 12
_SENIORS = frozenset({Role.SENIOR_REVIEWER})


class Desk:
    """Review of cases for whoever may; holds no person, each call names its session."""

    def __init__(
        self,
        gate: Gate,
        ledger: LedgerLike,
        clock: Callable[[], datetime],
        *,
        policy: Policy | None = None,
        delivery: DeliverySettings | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._gate, self._ledger, self._clock = gate, ledger, clock
        self._policy = policy or load_policy()
        self._rules = Rules(policy=self._policy, delivery=delivery or load_settings(), rng=rng or random.SystemRandom())

    def waiting(self, token: str) -> Waiting:
        """Count what waits, and what the person decided today."""
        with self._looking(token) as (connection, viewer):
            return queue.waiting(connection, viewer)

    def queue(self, token: str, chosen: QueueFilter, page: int = 1) -> Found:
        """Return one page of what waits, most urgent first."""
        with self._looking(token) as (connection, viewer):
            return queue.listed(connection, viewer, chosen, page, self._policy)

    def services(self, token: str) -> tuple[str, ...]:
        """List the services that waiting cases are suspected of."""
        with self._looking(token) as (connection, viewer):
            return queue.services(connection, viewer)

    def service_names(self, token: str) -> dict[str, str]:
        """Return what the services of waiting cases are called, by id."""
        with self._looking(token) as (connection, viewer):
            return titles(connection, queue.services(connection, viewer))

    def mine(self, token: str) -> Lease | None:
        """Return the case this person holds, in whichever tab they took it."""
        with self._looking(token) as (connection, viewer):
            return leases.held(connection, viewer.person_id, viewer.now)

    def peek(self, token: str, chosen: QueueFilter | None = None) -> str | None:
        """Return the case that would come next and make it ready to be shown, without taking it (U-04)."""
        with self._looking(token) as (connection, viewer):
            case_id = queue.next_case(connection, viewer, chosen or QueueFilter(), self._policy)
            if case_id is not None:
                read_file(connection, case_id)
        return case_id

    def take_next(self, token: str, chosen: QueueFilter) -> Lease | None:
        """Lock the most urgent case in one step, or return the one already held; None when nothing waits."""
        with self._looking(token) as (connection, viewer):
            mine = leases.held(connection, viewer.person_id, viewer.now)
        if mine is not None:
            return mine
        command = TakeCase(idempotency_key=str(uuid7()), chosen=chosen)
        return self._taken(token, command, lambda connection, viewer: self._next(connection, viewer, command))

    def take(self, token: str, case_id: str) -> Lease:
        """Lock one case of the queue."""
        command = TakeCase(idempotency_key=str(uuid7()), case_id=case_id)
        lease = self._taken(token, command, lambda _connection, _viewer: case_id)
        if lease is None:
            raise InvalidCommandError("There is no such case.", "Open the queue again.")
        return lease

    def release(self, token: str) -> Receipt | None:
        """Put the held case back; None when none is held."""
        mine = self.mine(token)
        if mine is None:
            return None
        command = ReleaseCase(idempotency_key=str(uuid7()), case_id=mine.case_id)
        return self._gate.execute(token, command, DESK, release_case(command))

    def case(self, case_id: str) -> Case:
        """Return one case as it stands now."""
        with self._ledger.read() as connection:
            row = _row(connection, case_id)
            return queue.records(connection, [row], self._policy, micros(self._clock()))[0]

    def file(self, token: str, case_id: str) -> CaseFile:
        """Return what this case shows to whoever holds it, or decided it."""
        now = self._clock()
        with self._looking(token) as (connection, viewer):
            row = _row(connection, case_id)
            has_decided = _check_may_read(connection, row, viewer)
            past = findings_of(connection, [row.account_id]).get(row.account_id, ())
            found = strikes(past, now, self._policy.strikes)
            return case_file(row, read_file(connection, case_id), len(found), is_revealed=has_decided)

    def plan(self, token: str, case_id: str, chosen: frozenset[str], reason: ReasonCode | None = None) -> Plan:
        """Return what a confirmation of these engagements would do, and the notice word for word."""
        now = self._clock()
        with self._reading(token) as (connection, who):
            row = _row(connection, case_id)
            _check_may_read(connection, row, Viewer.of(who, now))
            file = read_file(connection, case_id)
            step = step_now(connection, row.account_id, self._policy, now)
            before = confirmers(connection, case_id)
        told = Confirmation(
            step=step.number,
            case_number=row.number,
            removed=file.counts(chosen),
            at=now,
            language=row.language,
            reason=reason,
            is_blind=row.is_blind,
            automated_detection=is_found_by_software(row.lane, file),
        )
        return plan_for(
            told,
            self._policy,
            load_notices(),
            needs_second_person=bool(_needed(step, before, who)),
            is_protected=step.is_protected,
        )

    def look_alikes(self, token: str, case_id: str) -> tuple[Case, ...]:
        """List waiting cases of the same service or group (U-12)."""
        with self._looking(token) as (connection, viewer):
            return queue.alike(connection, viewer, case_id, self._policy, _LOOK_ALIKES)

    def undoable(self, token: str) -> tuple[str, str, datetime] | None:
        """Return the person's last decision while it can be taken back: its id, what it was, and until when."""
        with self._looking(token) as (connection, viewer):
            return undoing.undoable(connection, viewer.person_id, viewer.now)

    def execute(self, token: str, command: Command) -> Receipt:
        """Do what a reviewer asked, once (S-10)."""
        match command:
            case Decide():
                costs = {"decisions": 1, "resets": int(command.outcome is Outcome.CONFIRM)}
                return self._gate.execute(token, command, DESK, decide(command, self._rules), costs=costs)
            case MarkKnownAnswer():
                return self._gate.execute(token, command, _SENIORS, mark_known_answer(command, self._policy))
            case _:
                return self._gate.execute(token, command, DESK, self._write(command))

    def _write(self, command: Command) -> Write:
        match command:
            case Undo():
                return undoing.undo(command, self._policy)
            case Skip():
                return skip(command)
            case Snooze():
                return snooze(command)
            case SaveDraft():
                return save_draft(command)
            case ExtendLease():
                return extend_lease(command, self._policy)
            case DeclareConflict():
                return declare_conflict(command)
            case _:
                raise InvalidCommandError("The desk does not know this command.", "Open the page again.")

    def _next(self, connection: Connection, viewer: Viewer, command: TakeCase) -> str | None:
        mine = leases.held(connection, viewer.person_id, viewer.now)
        return mine.case_id if mine else queue.next_case(connection, viewer, command.chosen, self._policy)

    def _taken(self, token: str, command: TakeCase, choose: Callable[[Connection, Viewer], str | None]) -> Lease | None:
        """Choose and lock in one transaction, so that nobody else can choose the same case."""
        found: list[Lease] = []

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            viewer = Viewer.of(who, now)
            case_id = choose(connection, viewer)
            if case_id is None:
                return Written(subject="queue", message="Nothing waits any more.", facts={})
            lease = leases.take(connection, viewer, case_id, self._policy)
            found.append(lease)
            return Written(
                subject=case_id, message="The case is yours.", facts={"until": lease.expires_at}, fence=lease.fence
            )

        self._gate.execute(token, command, DESK, write)
        return found[0] if found else None

    @contextmanager
    def _reading(self, token: str) -> Iterator[tuple[Connection, SignedIn]]:
        with self._gate.reading(token) as (connection, who):
            if not who.person.roles & DESK:
                raise RightsError("Cases are for reviewers.", "Ask an administrator if you should see them.")
            yield connection, who

    @contextmanager
    def _looking(self, token: str) -> Iterator[tuple[Connection, Viewer]]:
        with self._reading(token) as (connection, who):
            yield connection, Viewer.of(who, self._clock())


def _row(connection: Connection, case_id: str) -> Row[Any]:
    row = queue.one_case(connection, case_id)
    if row is None:
        raise InvalidCommandError("There is no such case.", "Open the queue again.")
    return row


def _needed(step: Step, before: list[Confirmer], who: SignedIn) -> tuple[Role, ...]:
    """Return which roles would still have to agree after this person confirmed."""
    role = acting_role(who, still_needed(step, before) if before else ())
    return still_needed(step, [*before, Confirmer(who.person.person_id, role)])


def _check_may_read(connection: Connection, row: Row[Any], viewer: Viewer) -> bool:
    """Refuse whoever neither holds the case nor decided it (T-01); say whether they decided it already."""
    is_held = row.state == CaseState.LEASED and row.lease_person == viewer.person_id and row.lease_until > viewer.now
    if is_held:
        return False
    if not queue.has_decided(connection, row.case_id, viewer.person_id):
        raise RightsError("You do not hold this case.", "Take it from the queue first.")
    return True
