"""Two days of earlier work: cases confirmed in part and whole, rejected, put aside, and one complaint."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from analytics.views.words import Outcome, ReasonCode
from analytics.workspace import Decide, QueueFilter, Skip, Workspace
from tests.delivery_world import Clock

CONFIRMED = ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY
NOT = ReasonCode.NOT_INAUTHENTIC
PAST = (
    *((Outcome.CONFIRM, CONFIRMED),) * 6,
    *((Outcome.REJECT, NOT),) * 2,
    (Outcome.ESCALATE, ReasonCode.POLICY_UNCLEAR),
)


def decide_some(folder: Path, start: datetime) -> None:
    """Let two reviewers work through a few cases, at times that are past."""
    clock = Clock(start)
    workspace = Workspace.open(folder, clock)
    for number, (outcome, reason) in enumerate(PAST):
        who = workspace.people.sign_in_demo(("demo-theo", "demo-ivo")[number % 2])
        decide_next(workspace, clock, who.token, outcome, reason)
        workspace.people.sign_out(who.token)
    who = workspace.people.sign_in_demo("demo-theo")
    lease = workspace.desk.take_next(who.token, QueueFilter(lane="queue"))
    assert lease is not None
    workspace.desk.execute(
        who.token, Skip(idempotency_key=uuid4().hex, case_id=lease.case_id, fence=lease.fence, reason="language")
    )
    workspace.people.sign_out(who.token)
    workspace.ledger.close()


def decide_next(workspace: Workspace, clock: Clock, token: str, outcome: Outcome, reason: ReasonCode) -> str:
    """Take the next case and decide it after a minute; where nothing is proposed, nothing can be confirmed."""
    lease = workspace.desk.take_next(token, QueueFilter(lane="queue"))
    assert lease is not None
    shown_at = clock()
    clock.at += timedelta(seconds=55)
    proposed = workspace.desk.file(token, lease.case_id).proposed
    if outcome is Outcome.CONFIRM and not proposed:
        outcome, reason = Outcome.REJECT, NOT
    command = Decide(
        idempotency_key=uuid4().hex,
        case_id=lease.case_id,
        version=workspace.desk.case(lease.case_id).version,
        fence=lease.fence,
        outcome=outcome,
        reason=reason,
        note="",
        engagement_ids=proposed if outcome is Outcome.CONFIRM else frozenset(),
        shown_at=shown_at,
    )
    workspace.desk.execute(token, command)
    return lease.case_id
