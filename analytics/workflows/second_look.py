"""A second person looks at a decided case without knowing the first finding (P-16)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from analytics.workflows import leases
from analytics.workflows.gate import Written
from analytics.workflows.queue import KNOWN_ANSWER
from analytics.workflows.recording import note_event
from analytics.workflows.review_commands import Decide
from data.errors import InvalidCommandError, StaleCaseError
from data.moments import micros
from data.records import CaseState, Outcome, SignedIn
from data.tables import cases, decision_events, decisions

AGREED, DISAGREED = "second_review_agreed", "second_review_disagreed"


def second_look(connection: Connection, command: Decide, case: Row[Any], who: SignedIn, now: datetime) -> Written:
    """Compare with the first finding, which stands: a second look measures, it restricts and gives back nothing."""
    if command.outcome is Outcome.ESCALATE:
        raise InvalidCommandError("A second look is a yes or a no.", "Skip it if you cannot tell.")
    first = first_verdict(connection, case.case_id)
    if first is None:
        raise StaleCaseError(f"{leases.MOVED_ON}: its first finding is gone.", "Skip it.")
    event = AGREED if first.outcome == command.outcome else DISAGREED
    detail = {"reason": command.reason.value, "chosen": len(command.engagement_ids), "lane": case.lane}
    note_event(connection, first.decision_id, event, at=micros(now), person_id=who.person.person_id, detail=detail)
    leases.end(connection, case.case_id, micros(now))
    connection.execute(
        update(cases)
        .where(cases.c.case_id == case.case_id)
        .values(state=CaseState.CLOSED.value, version=case.version + 1, updated_at=micros(now))
    )
    return Written(
        subject=case.case_id,
        message="Your second look is kept; nothing was changed by it.",
        facts={"event": event, "decision_id": first.decision_id, "outcome": command.outcome.value},
        case_version=case.version + 1,
        fence=command.fence,
        reason_code=command.reason.value,
    )


def first_verdict(connection: Connection, case_id: str) -> Row[str, str, str, int] | None:
    """Return the standing verdict on a case that was not given to measure somebody."""
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
    query = (
        select(decisions.c.decision_id, decisions.c.outcome, decisions.c.policy_version, decisions.c.undo_until)
        .where(decisions.c.case_id == case_id, decisions.c.lane != KNOWN_ANSWER)
        .where(decisions.c.outcome.in_((Outcome.CONFIRM, Outcome.REJECT)), decisions.c.decision_id.not_in(undone))
        .order_by(decisions.c.decided_at.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()
