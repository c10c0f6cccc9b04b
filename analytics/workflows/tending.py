"""What becomes of cases by themselves as time passes: leases run out, snoozes end, second looks begin, cases close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select, update

from analytics.casework.states import resting
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.queue import KNOWN_ANSWER, SECOND_REVIEW
from analytics.workflows.recording import DRAWN, note_event
from analytics.workflows.setting_aside import reopen
from data.audit_chain import AuditEntry, append_audit
from data.moments import micros
from data.records import ActionState, CaseState
from data.tables import actions, cases, decision_events, decisions, leases, outbox

OPENED = "second_review_opened"
_UNSETTLED = (ActionState.QUEUED, ActionState.IN_FLIGHT, ActionState.DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """How many cases moved by themselves."""

    expired: int
    woken: int
    second_reviews: int
    closed: int

    @property
    def moved(self) -> int:
        return self.expired + self.woken + self.second_reviews + self.closed


def tend_queue(ledger: LedgerLike, *, now: datetime) -> Tended:
    """Move what time alone moves; doing it twice moves nothing twice."""
    at = micros(now)
    with ledger.read() as connection:
        if not _is_due(connection, at):
            return Tended(expired=0, woken=0, second_reviews=0, closed=0)
    with ledger.write() as connection:
        tended = Tended(
            expired=_end_leases(connection, at),
            woken=_wake(connection, at),
            second_reviews=_begin_second_looks(connection, at),
            closed=_close(connection, at),
        )
        if tended.moved:
            facts = {name: getattr(tended, name) for name in Tended.__dataclass_fields__}
            entry = AuditEntry(
                actor_id="worker", actor_role="machine", verb="TendQueue", subject="queue", after={"facts": facts}
            )
            append_audit(connection, entry, at=at)
    return tended


def _is_due(connection: Connection, now: int) -> bool:
    due = (_expired(now), _asleep(now), _is_done(now))
    return any(connection.execute(select(cases.c.case_id).where(one).limit(1)).first() for one in due) or bool(
        _drawn(connection, now)
    )


def _expired(now: int) -> ColumnElement[bool]:
    over = exists().where(leases.c.case_id == cases.c.case_id, leases.c.expires_at <= now)
    return (cases.c.state == CaseState.LEASED) & over


def _asleep(now: int) -> ColumnElement[bool]:
    return (cases.c.state == CaseState.SNOOZED) & (cases.c.snoozed_until <= now)


def _end_leases(connection: Connection, now: int) -> int:
    """Put cases back whose holder went away; the fence stays, so what they send later is still refused."""
    return sum(
        connection.execute(
            update(cases)
            .where(_expired(now), cases.c.escalated_by.is_not(None) if is_escalated else cases.c.escalated_by.is_(None))
            .values(state=resting(is_escalated=is_escalated).value, updated_at=now)
        ).rowcount
        for is_escalated in (True, False)
    )


def _wake(connection: Connection, now: int) -> int:
    return sum(
        connection.execute(
            update(cases)
            .where(_asleep(now), cases.c.escalated_by.is_not(None) if is_escalated else cases.c.escalated_by.is_(None))
            .values(state=resting(is_escalated=is_escalated).value, snoozed_until=None, updated_at=now)
        ).rowcount
        for is_escalated in (True, False)
    )


def _begin_second_looks(connection: Connection, now: int) -> int:
    """Bring back the cases drawn for a second look once their decision can no longer be undone."""
    found = _drawn(connection, now)
    for decision_id, case_id in found:
        note_event(connection, decision_id, OPENED, at=now)
        reopen(connection, case_id, SECOND_REVIEW, now)
    return len(found)


def _drawn(connection: Connection, now: int) -> list[tuple[str, str]]:
    later = decision_events.alias("later")
    is_settled = exists().where(
        later.c.decision_id == decisions.c.decision_id, later.c.event.in_(("undone", "overturned", OPENED))
    )
    query = (
        select(decisions.c.decision_id, decisions.c.case_id)
        .join(decision_events, decision_events.c.decision_id == decisions.c.decision_id)
        .join(cases, cases.c.case_id == decisions.c.case_id)
        .where(decision_events.c.event == DRAWN, decisions.c.undo_until <= now, ~is_settled)
        .where(cases.c.state.in_((CaseState.DECIDED, CaseState.CLOSED)), cases.c.lane != KNOWN_ANSWER)
    )
    return [(row.decision_id, row.case_id) for row in connection.execute(query)]


def _is_done(now: int) -> ColumnElement[bool]:
    """Decided for good: nobody can undo it and everything asked of the platform has ended."""
    can_be_undone = exists().where(decisions.c.case_id == cases.c.case_id, decisions.c.undo_until > now)
    is_open = exists().where(
        decisions.c.case_id == cases.c.case_id,
        actions.c.decision_id == decisions.c.decision_id,
        outbox.c.action_id == actions.c.action_id,
        outbox.c.state.in_(_UNSETTLED),
    )
    return (cases.c.state == CaseState.DECIDED) & ~can_be_undone & ~is_open


def _close(connection: Connection, now: int) -> int:
    done = update(cases).where(_is_done(now)).values(state=CaseState.CLOSED.value, updated_at=now)
    return connection.execute(done).rowcount
