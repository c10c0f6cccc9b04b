"""What the ledger holds about an appeal: the decision, its actions, who took part, how many appeals came before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from analytics.casework.freezing import thaw
from analytics.views.appeals import TIMED, Complaint
from data.errors import InvalidCommandError
from data.moments import of_micros
from data.records import Action, Appeal, AppealState, Decision, Evidence, Kind, Outcome, ReasonCode
from data.tables import (
    appeal_outcomes,
    appeals,
    bulk_events,
    case_events,
    case_files,
    decision_engagements,
    decision_events,
    decisions,
    handles,
)


def list_appeals(connection: Connection, state: AppealState | None) -> tuple[Appeal, ...]:
    """List appeals in the order in which they came; open ones only, answered ones only, or all."""
    query = _appeals().order_by(appeals.c.filed_at, appeals.c.appeal_id)
    if state is AppealState.OPEN:
        query = query.where(appeal_outcomes.c.outcome.is_(None))
    elif state is not None:
        query = query.where(appeal_outcomes.c.outcome == state.value)
    return tuple(appeal_of(row) for row in connection.execute(query))


def read_appeal(connection: Connection, appeal_id: str) -> Appeal:
    row = connection.execute(_appeals().where(appeals.c.appeal_id == appeal_id)).one_or_none()
    if row is None:
        raise InvalidCommandError("There is no such appeal.", "Open the list again.")
    return appeal_of(row)


def read_complaint(connection: Connection, appeal: Appeal, done: Sequence[Action]) -> Complaint:
    """Put an appeal together with what it is about; the first reviewer's name and note stay out (P-18)."""
    channel = connection.scalar(select(appeals.c.channel).where(appeals.c.appeal_id == appeal.appeal_id))
    is_recount = channel == "recount"
    return Complaint(
        appeal=replace(appeal, decided_by=None),
        decision=_decision(connection, appeal.decision_id),
        actions=tuple(action for action in done if not is_recount or action.kind in TIMED),
        is_recount=is_recount,
        evidence=_evidence(connection, appeal.case_id),
        handle=connection.scalar(select(handles.c.handle).where(handles.c.account_id == appeal.account_id)) or "",
        removed=removed_counts(connection, appeal.decision_id),
    )


def _evidence(connection: Connection, case_id: str) -> tuple[Evidence, ...]:
    """Return the reasons that the case was decided on, as they were frozen."""
    content = connection.scalar(select(case_files.c.content).where(case_files.c.case_id == case_id))
    return tuple(thaw(content).evidence) if content else ()


def deciders_of(connection: Connection, case_id: str) -> frozenset[str]:
    """Name everybody who had a part in a case: who decided, escalated, looked a second time, approved its bulk."""
    of_case = select(decisions.c.decision_id).where(decisions.c.case_id == case_id)
    bulk_ids = select(decisions.c.bulk_id).where(decisions.c.case_id == case_id, decisions.c.bulk_id.is_not(None))
    queries = (
        select(decisions.c.person_id).where(decisions.c.case_id == case_id),
        select(decision_events.c.person_id).where(decision_events.c.decision_id.in_(of_case)),
        select(case_events.c.person_id).where(case_events.c.case_id == case_id, case_events.c.event == "escalated"),
        select(bulk_events.c.person_id).where(bulk_events.c.bulk_id.in_(bulk_ids)),
    )
    found: set[str] = set()
    for query in queries:
        found |= {person for person in connection.scalars(query) if person}
    return frozenset(found)


def removed_counts(connection: Connection, decision_id: str) -> dict[str, int]:
    """Return how many engagements a decision removed, by kind."""
    query = select(decision_engagements).where(decision_engagements.c.decision_id == decision_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return {}
    return {Kind.LIKE: row.removed_likes, Kind.FOLLOW: row.removed_follows, Kind.COMMENT: row.removed_comments}


def appeal_of(row: Row[Any]) -> Appeal:
    return Appeal(
        appeal_id=row.appeal_id,
        case_id=row.case_id,
        decision_id=row.decision_id,
        account_id=row.account_id,
        state=AppealState(row.outcome) if row.outcome else AppealState.OPEN,
        text=row.text,
        filed_at=of_micros(row.filed_at),
        decided_at=of_micros(row.answered_at) if row.answered_at else None,
        decided_by=row.answered_by,
        grounds=row.grounds or "",
    )


def _appeals() -> Select[Any]:
    answered = (
        appeal_outcomes.c.outcome,
        appeal_outcomes.c.grounds,
        appeal_outcomes.c.decided_at.label("answered_at"),
        appeal_outcomes.c.person_id.label("answered_by"),
    )
    return select(appeals, *answered).outerjoin(appeal_outcomes, appeal_outcomes.c.appeal_id == appeals.c.appeal_id)


def _decision(connection: Connection, decision_id: str) -> Decision:
    row = connection.execute(select(decisions).where(decisions.c.decision_id == decision_id)).one()
    events = {
        event.event: event.at
        for event in connection.execute(select(decision_events).where(decision_events.c.decision_id == decision_id))
    }
    return Decision(
        decision_id=row.decision_id,
        case_id=row.case_id,
        account_id=row.account_id,
        person_id="",
        outcome=Outcome(row.outcome),
        reason=ReasonCode(row.reason),
        note="",
        decided_at=of_micros(row.decided_at),
        policy_version=row.policy_version,
        step=row.step,
        undone_at=of_micros(events["undone"]) if "undone" in events else None,
        overturned_at=of_micros(events["overturned"]) if "overturned" in events else None,
    )
