"""Take a decision back while nothing of it has left: the case returns to whoever decided it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, select, update

from analytics.casework.policy import Policy
from analytics.casework.states import moved, resting
from analytics.views.text import counted
from analytics.workflows import leases
from analytics.workflows.gate import Written
from analytics.workflows.queue import one_case
from analytics.workflows.recording import note_event
from analytics.workflows.review_commands import Undo
from data.errors import ConflictError, InvalidCommandError
from data.moments import micros, of_micros
from data.platform import outbox as sending
from data.records import ActionKind, ActionState, CaseState, Outcome, SignedIn
from data.tables import actions, cases, decision_engagements, decision_events, decisions, outbox

UNDONE = "undone"
# No undo window is longer than five minutes; keeps the look-up to a stretch of the index.
_LONGEST = 300 * 1_000_000
_TOO_LATE = ConflictError("Too late to undo: it is on its way to the platform.", "Ask for an appeal to reverse it.")
_LEAVING = (ActionState.QUEUED, ActionState.IN_FLIGHT)
_REMOVED = (
    decision_engagements.c.removed_likes
    + decision_engagements.c.removed_follows
    + decision_engagements.c.removed_comments
)
# Written once, as what is asked with every look.
_LAST = (
    select(decisions, cases.c.number, cases.c.version, cases.c.state, func.coalesce(_REMOVED, 0).label("removed"))
    .select_from(
        decisions.join(cases, cases.c.case_id == decisions.c.case_id).outerjoin(
            decision_engagements, decision_engagements.c.decision_id == decisions.c.decision_id
        )
    )
    .where(
        decisions.c.decided_at >= bindparam("since"),
        decisions.c.person_id == bindparam("person"),
        decisions.c.undo_until > bindparam("now"),
        decisions.c.bulk_id.is_(None),
        ~exists().where(decision_events.c.decision_id == decisions.c.decision_id, decision_events.c.event == UNDONE),
    )
    .order_by(decisions.c.decided_at.desc(), decisions.c.decision_id.desc())
    .limit(1)
)
_WORDS = {Outcome.CONFIRM: "confirmed", Outcome.REJECT: "closed as not inauthentic", Outcome.ESCALATE: "escalated"}


def undo(command: Undo, policy: Policy) -> Callable[[Connection, SignedIn, datetime], Written]:
    """Return what undoes a decision: every action of it is cancelled, or the decision stands (F-11)."""

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        decision = _decision(connection, command.decision_id, who.person.person_id, now)
        case = one_case(connection, decision.case_id)
        if case is None or case.version != decision.case_version + 1 or case.state == CaseState.LEASED:
            raise ConflictError("Too late to undo: a colleague has the case now.", "Talk to them.")
        cancelled = _cancel(connection, decision.decision_id, micros(now))
        note_event(connection, decision.decision_id, UNDONE, at=micros(now), person_id=who.person.person_id)
        _reopen(connection, case, who.person.person_id, micros(now), policy)
        return Written(
            subject=case.case_id,
            message=f"Undone: case {case.number} is back with you, and nothing was sent.",
            facts={"decision_id": decision.decision_id, "cancelled": cancelled},
            before={"state": case.state, "version": case.version},
            decision_id=decision.decision_id,
            case_version=case.version + 1,
            policy_version=decision.policy_version,
        )

    return write


def undoable(connection: Connection, person_id: str, now: int) -> tuple[str, str, datetime] | None:
    """Return the person's last decision while it can be taken back: its id, what it was in words, and until when."""
    row = connection.execute(_LAST, {"person": person_id, "now": now, "since": now - _LONGEST}).one_or_none()
    if row is None or row.version != row.case_version + 1 or row.state == CaseState.LEASED:
        return None
    what = f"Case {row.number} {_WORDS[Outcome(row.outcome)]}"
    words = f"{what}, {counted(row.removed, 'engagement')}," if row.removed else what
    return row.decision_id, words, of_micros(row.undo_until)


def _decision(connection: Connection, decision_id: str, person_id: str, now: datetime) -> Row[Any]:
    row = connection.execute(select(decisions).where(decisions.c.decision_id == decision_id)).one_or_none()
    if row is None:
        raise InvalidCommandError("There is no such decision.")
    if row.person_id != person_id:
        raise ConflictError("Only whoever decided can undo it.", "Ask them, or wait for an appeal.")
    if row.bulk_id is not None:
        raise ConflictError("A decision of a bulk is stopped with the bulk.", "Open the bulk page.")
    undone = select(decision_events.c.event_id).where(
        decision_events.c.decision_id == decision_id, decision_events.c.event == UNDONE
    )
    if connection.execute(undone).first():
        raise ConflictError("This decision was undone already.")
    if micros(now) >= row.undo_until:
        raise ConflictError("Too late to undo: the time for it is over.", "Ask for an appeal to reverse it.")
    return row


def _cancel(connection: Connection, decision_id: str, now: int) -> int:
    """Cancel everything, or refuse; only an urgent reset may already be gone, since it was never to wait."""
    wanted = connection.scalar(select(func.count()).select_from(actions).where(actions.c.decision_id == decision_id))
    if not wanted:
        return 0
    if done := sending.undo(connection, decision_id, now):
        return done
    if not _was_urgent(connection, decision_id):
        raise _TOO_LATE
    stopped = sending.stop(connection, [decision_id], now)
    left = (
        select(actions.c.kind, outbox.c.state)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .where(actions.c.decision_id == decision_id, outbox.c.state != ActionState.CANCELLED)
    )
    if any(row.kind != ActionKind.RESET_PASSWORD or row.state in _LEAVING for row in connection.execute(left)):
        raise _TOO_LATE
    return stopped


def _was_urgent(connection: Connection, decision_id: str) -> bool:
    """Whether the reset was to leave at once, before anything could be undone."""
    reset = (
        select(outbox.c.action_id)
        .join(actions, actions.c.action_id == outbox.c.action_id)
        .where(actions.c.decision_id == decision_id, actions.c.kind == ActionKind.RESET_PASSWORD)
        .where(outbox.c.not_before <= actions.c.created_at)
    )
    return connection.execute(reset).first() is not None


def _reopen(connection: Connection, case: Row[Any], person_id: str, now: int, policy: Policy) -> None:
    """Give the case back to its decider; what they took up meanwhile goes back to the queue, its draft kept."""
    other = leases.held(connection, person_id, now)
    if other is not None and (row := one_case(connection, other.case_id)) is not None:
        leases.let_go(connection, row, now)
    escalated_by = _escalated_by(connection, case.case_id)
    state, before = resting(is_escalated=escalated_by is not None), CaseState(case.state)
    state = state if state is before else moved(before, state)
    connection.execute(
        update(cases)
        .where(cases.c.case_id == case.case_id)
        .values(state=state, version=case.version + 1, escalated_by=escalated_by, updated_at=now)
    )
    again = one_case(connection, case.case_id)
    if again is not None:
        leases.grant(connection, again, person_id, now, policy)


def _escalated_by(connection: Connection, case_id: str) -> str | None:
    """Return who escalated the case before the decision that is being undone, if anybody did."""
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == UNDONE)
    query = (
        select(decisions.c.person_id)
        .where(decisions.c.case_id == case_id, decisions.c.outcome == Outcome.ESCALATE)
        .where(decisions.c.decision_id.not_in(undone))
        .order_by(decisions.c.decided_at.desc())
        .limit(1)
    )
    return connection.scalar(query)
