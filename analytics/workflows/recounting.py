"""After an overturned decision: which later restrictions still run although the ladder would be milder today.

Nothing is lifted by itself. Each such restriction becomes an appeal of its own, so that a person who took no part
decides whether it still stands; its removals and its strike are not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, or_, select

from analytics.casework.ladder import step_for
from analytics.casework.policy import Policy
from analytics.workflows.appeal_intake import Filing, take_in
from analytics.workflows.findings import findings_of
from data.moments import micros, of_micros
from data.records import ActionKind, ActionState
from data.tables import actions, decision_events, decisions, outbox

RECOUNT = "recount"


def recount(connection: Connection, account_id: str, policy: Policy, now: datetime) -> tuple[str, ...]:
    """File a recount for every decision whose timed step still runs and would be a milder step today."""
    findings = findings_of(connection, [account_id]).get(account_id, [])
    filed = []
    for row in _running(connection, account_id, now):
        at = of_micros(row.decided_at)
        before = [finding for finding in findings if finding.decided_at < at]
        fresh = step_for(before, at, policy.strikes, len(policy.steps))
        if fresh < row.step:
            filing = Filing(decision_id=row.decision_id, text=_words(row.step, fresh), channel=RECOUNT)
            filed.append(take_in(connection, filing, now).appeal_id)
    return tuple(filed)


def _words(step: int, fresh: int) -> str:
    return (
        f"An earlier decision about this account was overturned. By the ladder this one would now be step {fresh}, "
        f"and it was step {step}. Decide whether the restriction that still runs should stand."
    )


def _running(connection: Connection, account_id: str, now: datetime) -> Sequence[Row[Any, Any, Any]]:
    """List decisions that stand and whose limit or suspension has not ended, been cancelled or been lifted."""
    reversal = actions.alias("reversal")
    is_gone = exists().where(
        decision_events.c.decision_id == decisions.c.decision_id,
        decision_events.c.event.in_(("undone", "overturned")),
    )
    query = (
        select(decisions.c.decision_id, decisions.c.decided_at, decisions.c.step)
        .join(actions, actions.c.decision_id == decisions.c.decision_id)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .where(decisions.c.account_id == account_id, ~is_gone)
        .where(actions.c.kind.in_([ActionKind.LIMIT, ActionKind.SUSPEND]))
        .where(outbox.c.state != ActionState.CANCELLED)
        .where(or_(actions.c.ends_at.is_(None), actions.c.ends_at > micros(now)))
        .where(~exists().where(reversal.c.reverses == actions.c.action_id))
        .order_by(decisions.c.decided_at)
        .distinct()
    )
    return connection.execute(query).all()
