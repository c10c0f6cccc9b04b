"""Stopping a run: what has not left is cancelled; what left wholly or partly is said (U-13)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from analytics.casework.states import moved
from analytics.views.text import counted
from analytics.workflows.bulk_reads import BulkRecord, left_to_do
from analytics.workflows.recording import note_event
from analytics.workflows.undoing import UNDONE
from data.moments import micros
from data.platform import outbox as sending
from data.records import ActionState, CaseState
from data.tables import actions, cases, decision_events, decisions, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What a stop found: actions cancelled, decisions of which nothing had left, decisions only partly carried out."""

    cancelled: int
    undone: int
    partly: int
    undecided: int

    @property
    def sentence(self) -> str:
        parts = [f"{counted(self.cancelled, 'action')} cancelled", f"{counted(self.undone, 'case')} open again"]
        parts += [f"{counted(self.undecided, 'case')} never reached"] if self.undecided else []
        parts += [f"{counted(self.partly, 'case')} partly done: see the report"] if self.partly else []
        return f"Stopped: {', '.join(parts)}."


def stop_run(connection: Connection, record: BulkRecord, person_id: str, now: datetime) -> Stopped:
    """Cancel everything of a run that waits, in the caller's transaction; nothing claimed later can be sent."""
    mine = list(connection.scalars(select(decisions.c.decision_id).where(decisions.c.bulk_id == record.bulk_id)))
    cancelled = sending.stop(connection, mine, micros(now))
    states = _states(connection, record.bulk_id)
    gone = [one for one, found in states.items() if found == {ActionState.CANCELLED}]
    for decision_id in gone:
        _take_back(connection, decision_id, person_id, now)
    partly = [one for one, found in states.items() if ActionState.CANCELLED in found and len(found) > 1]
    return Stopped(
        cancelled=cancelled, undone=len(gone), partly=len(partly), undecided=len(left_to_do(connection, record))
    )


def _states(connection: Connection, bulk_id: str) -> dict[str, set[str]]:
    """Return where the actions of each decision of the run are; decisions taken back before are left out."""
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == UNDONE)
    query = (
        select(actions.c.decision_id, outbox.c.state)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .join(decisions, decisions.c.decision_id == actions.c.decision_id)
        .where(decisions.c.bulk_id == bulk_id, decisions.c.decision_id.not_in(undone))
        .where(actions.c.reverses.is_(None))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(query):
        found[row.decision_id].add(row.state)
    return found


def _take_back(connection: Connection, decision_id: str, person_id: str, now: datetime) -> None:
    """Undo a decision of which nothing left: it is no strike, and its case waits again."""
    why = {"why": "bulk_stopped"}
    note_event(connection, decision_id, UNDONE, at=micros(now), person_id=person_id, detail=why)
    case = connection.execute(
        select(cases)
        .join(decisions, decisions.c.case_id == cases.c.case_id)
        .where(decisions.c.decision_id == decision_id)
    ).one()
    if case.state == CaseState.DECIDED:
        state = moved(CaseState.DECIDED, CaseState.OPEN)
        values = {"state": state.value, "version": case.version + 1, "updated_at": micros(now)}
        connection.execute(update(cases).where(cases.c.case_id == case.case_id).values(**values))
