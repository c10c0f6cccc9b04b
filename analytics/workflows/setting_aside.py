"""What a reviewer does with a case beside deciding it: put it back, skip, snooze, keep a note, ask for more time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from uuid6 import uuid7

from analytics.casework.policy import Policy
from analytics.casework.states import moved
from analytics.views.words import SKIP_REASONS
from analytics.workflows import leases
from analytics.workflows.gate import Write, Written
from analytics.workflows.queue import CONFLICT, KNOWN_ANSWER, SKIPPED, SNOOZED, conflict_name, one_case
from analytics.workflows.review_commands import (
    LONGEST_NOTE,
    DeclareConflict,
    ExtendLease,
    MarkKnownAnswer,
    ReleaseCase,
    SaveDraft,
    Skip,
    Snooze,
)
from analytics.workflows.second_look import first_verdict
from data.errors import ConflictError, InvalidCommandError
from data.moments import micros
from data.records import CaseState, SignedIn
from data.tables import case_events, cases, decision_events, known_answers, settings_events


def release_case(command: ReleaseCase) -> Write:
    """Put a case back where it waits."""

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        row = one_case(connection, command.case_id)
        if row is None or row.lease_person != who.person.person_id or row.state != CaseState.LEASED:
            raise ConflictError("You do not hold this case.", "Open the queue again.")
        leases.let_go(connection, row, micros(now))
        return Written(subject=command.case_id, message="The case is back in the queue.", facts={})

    return write


def skip(command: Skip) -> Write:
    """Leave a case to others, with the reason; skips by reason are figures of their own (P-08)."""
    if command.reason not in SKIP_REASONS:
        raise InvalidCommandError("This is no reason to skip.", "Choose one of the list.")

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        row = leases.checked(connection, command.case_id, command.fence, who.person.person_id, now)
        _note(connection, command.case_id, SKIPPED, who, now, reason=command.reason, note=command.note)
        leases.let_go(connection, row, micros(now))
        tail = " You will not be given this account again." if command.reason == CONFLICT else ""
        return Written(
            subject=command.case_id,
            message=f"Case {row.number} skipped.{tail}",
            facts={"reason": command.reason},
            fence=command.fence,
            reason_code=command.reason,
        )

    return write


def snooze(command: Snooze) -> Write:
    """Let a case rest until a moment; then it waits again, for anybody."""

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        row = leases.checked(connection, command.case_id, command.fence, who.person.person_id, now)
        if command.until <= now:
            raise InvalidCommandError("This moment is over already.", "Choose a later one.")
        _note(connection, command.case_id, SNOOZED, who, now, reason=command.reason)
        leases.end(connection, command.case_id, micros(now))
        state = moved(CaseState(row.state), CaseState.SNOOZED)
        connection.execute(
            update(cases)
            .where(cases.c.case_id == command.case_id)
            .values(state=state, snoozed_until=micros(command.until), updated_at=micros(now))
        )
        return Written(
            subject=command.case_id,
            message=f"Case {row.number} rests for now.",
            facts={"until": command.until, "reason": command.reason},
            fence=command.fence,
        )

    return write


def save_draft(command: SaveDraft) -> Write:
    """Keep a half-written note with the lease."""
    if len(command.text) > LONGEST_NOTE:
        raise InvalidCommandError(f"A note holds at most {LONGEST_NOTE:,} characters.", "Say it shorter.")

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        leases.checked(connection, command.case_id, command.fence, who.person.person_id, now)
        leases.keep_draft(connection, command.case_id, command.text)
        return Written(subject=command.case_id, message="Kept.", facts={}, fence=command.fence)

    return write


def extend_lease(command: ExtendLease, policy: Policy) -> Write:
    """Give the holder the full time again (WCAG 2.2.1)."""

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        row = leases.checked(connection, command.case_id, command.fence, who.person.person_id, now)
        until = leases.extend(connection, row, micros(now), policy)
        return Written(
            subject=command.case_id, message="You have more time.", facts={"until": until}, fence=command.fence
        )

    return write


def declare_conflict(command: DeclareConflict) -> Write:
    """Keep an account away from a person for good (X-23)."""

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        row = {"event_id": str(uuid7()), "name": conflict_name(who.person.person_id), "value": command.account_id}
        connection.execute(insert(settings_events).values(**row, person_id=who.person.person_id, at=micros(now)))
        return Written(subject=command.account_id, message="You will not be given this account.", facts={})

    return write


def mark_known_answer(command: MarkKnownAnswer, policy: Policy) -> Write:
    """Show a decided case to others, to see how people decide what is known; its own deciders never get it."""

    def write(connection: Connection, _who: SignedIn, now: datetime) -> Written:
        row, first = one_case(connection, command.case_id), first_verdict(connection, command.case_id)
        if row is None or first is None or row.state not in (CaseState.DECIDED, CaseState.CLOSED):
            raise InvalidCommandError("Only a decided case can be a known answer.", "Choose another one.")
        if micros(now) < first.undo_until or _is_disputed(connection, first.decision_id):
            raise ConflictError("This decision is not settled.", "Choose one that was neither undone nor overturned.")
        known = select(known_answers.c.case_id).where(known_answers.c.case_id == command.case_id)
        if connection.execute(known).first():
            raise ConflictError("This case is a known answer already.")
        until = now + policy.review.known_answer_for
        told = {"case_id": command.case_id, "outcome": first.outcome, "policy_version": first.policy_version}
        connection.execute(insert(known_answers).values(**told, valid_until=micros(until), created_at=micros(now)))
        reopen(connection, command.case_id, KNOWN_ANSWER, micros(now))
        return Written(
            subject=command.case_id,
            message=f"Case {row.number} is now shown to others as a known answer.",
            facts={"outcome": first.outcome, "valid_until": until},
            before={"state": row.state, "version": row.version},
            case_version=row.version + 1,
            policy_version=first.policy_version,
        )

    return write


def reopen(connection: Connection, case_id: str, lane: str, now: int) -> None:
    """Put a decided case into a lane that measures; the machine's opinion is not shown there."""
    told = {"state": CaseState.OPEN.value, "lane": lane, "is_blind": True, "escalated_by": None, "updated_at": now}
    connection.execute(update(cases).where(cases.c.case_id == case_id).values(**told, version=cases.c.version + 1))


def _is_disputed(connection: Connection, decision_id: str) -> bool:
    query = select(decision_events.c.event_id).where(
        decision_events.c.decision_id == decision_id, decision_events.c.event == "overturned"
    )
    return connection.execute(query).first() is not None


def _note(
    connection: Connection, case_id: str, event: str, who: SignedIn, now: datetime, *, reason: str, note: str = ""
) -> None:
    row = {"event_id": str(uuid7()), "case_id": case_id, "event": event, "person_id": who.person.person_id}
    connection.execute(insert(case_events).values(**row, reason=reason, note=note.strip(), at=micros(now)))
