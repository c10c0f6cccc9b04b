"""What an answered appeal does: cancel what waits, reverse what took effect, take the strike away, tell the owner."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, or_, select, update
from uuid6 import uuid7

from analytics.casework.appeals import GivenBack, Taken, give_back
from analytics.casework.notices import Consequence, NextTime, NoticeFacts, NoticeName, render_notice
from analytics.views.text import counted
from analytics.workflows.appeal_reads import removed_counts
from analytics.workflows.notice_texts import keep_notice, load_notices
from analytics.workflows.policy import load_policy
from analytics.workflows.recording import note_event
from analytics.workflows.recounting import RECOUNT, recount
from data.moments import micros
from data.platform import outbox as sending
from data.platform.connector import Result
from data.platform.contract import ActionBody, action_body, body_hash
from data.records import ActionKind, ActionState, AppealState, NoticeText
from data.tables import actions, attempts, cases, decision_engagements, outbox

# After these the platform may have acted, whatever it answered.
_DOUBTFUL = (*sending.UNSETTLED, Result.NOT_ECHOED, Result.BODY_CHANGED)
_TIMED = frozenset({ActionKind.LIMIT, ActionKind.SUSPEND})
_NAMES = {AppealState.UPHELD: NoticeName.UPHELD, AppealState.OVERTURNED: NoticeName.OVERTURNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overturned:
    """How much was cancelled before it left, and how much is being given back."""

    cancelled: int
    reversing: int
    engagements: int
    recounts: int

    @property
    def sentence(self) -> str:
        parts = []
        if self.engagements:
            parts.append(f"{counted(self.engagements, 'engagement')} go back")
        if self.cancelled:
            parts.append(f"{counted(self.cancelled, 'action')} will not be sent")
        if self.recounts:
            parts.append(f"{counted(self.recounts, 'later restriction')} waits for a second look")
        told = ", ".join(parts) or "nothing had taken effect"
        return f"Overturned: {told}. The owner is told."


def overturn(connection: Connection, appeal: Row[Any], person_id: str, now: datetime) -> Overturned:
    """Undo everything a decision did, in the caller's transaction; a recount gives back the timed step alone."""
    is_recount = appeal.channel == RECOUNT
    cancelled = 0
    if not is_recount:
        why = {"appeal_id": appeal.appeal_id}
        note_event(connection, appeal.decision_id, "overturned", at=micros(now), person_id=person_id, detail=why)
        cancelled = sending.stop(connection, [appeal.decision_id], micros(now))
        cancelled += _bury(connection, appeal.decision_id, micros(now))
    taken = _taken(connection, appeal.decision_id, now, only=_TIMED if is_recount else None)
    back = [one for one in give_back(taken) if not _is_shared(connection, appeal, one, now)]
    for one in back:
        _send(connection, appeal, one, now)
    restored = {engagement_id for one in back for engagement_id in one.engagement_ids}
    counts = _by_kind(connection, appeal.decision_id, restored)
    tell_outcome(connection, appeal, AppealState.OVERTURNED, now, counts)
    again = () if is_recount else recount(connection, appeal.account_id, load_policy(), now)
    return Overturned(cancelled=cancelled, reversing=len(back), engagements=len(restored), recounts=len(again))


def tell_outcome(
    connection: Connection,
    appeal: Row[Any],
    outcome: AppealState,
    now: datetime,
    counts: dict[str, int] | None = None,
) -> None:
    """Write the outcome notice and queue it behind what is given back."""
    language = connection.scalar(select(cases.c.language).where(cases.c.case_id == appeal.case_id)) or "en"
    facts = NoticeFacts(
        removed=removed_counts(connection, appeal.decision_id) if counts is None else counts,
        appeal_until=now,
        next_time=NextTime(consequence=Consequence.SAME),
    )
    name = _NAMES[outcome]
    text = render_notice(load_notices()[name], language, facts)
    ids = {"decision_id": appeal.decision_id, "account_id": appeal.account_id}
    keep_notice(connection, **ids, name=name, text=text, at=now)
    _queue(connection, appeal, ActionKind.WARN, _place(connection, appeal, outcome), now, notice=text)


def _place(connection: Connection, appeal: Row[Any], outcome: AppealState) -> int:
    """An upheld owner is told at once, whatever else is stuck; an overturned one when everything is given back."""
    if outcome is AppealState.UPHELD:
        return 0
    last = connection.scalar(select(func.max(actions.c.position)).where(actions.c.decision_id == appeal.decision_id))
    return (last or 0) + 1


def _bury(connection: Connection, decision_id: str, now: int) -> int:
    """Cancel dead letters that surely had no effect, so that nobody sends them again after the overturn."""
    mine = outbox.c.action_id.in_(select(actions.c.action_id).where(actions.c.decision_id == decision_id))
    values = {"state": ActionState.CANCELLED.value, "finished_at": now, "updated_at": now, "last_error": "overturned"}
    dead = update(outbox).where(mine, outbox.c.state == ActionState.DEAD, ~_is_doubtful(outbox.c.action_id))
    return connection.execute(dead.values(**values)).rowcount


def _is_doubtful(action_id: Any) -> ColumnElement[bool]:  # Any: a column
    """Whether a try ended so that the platform may have acted, whatever it answered."""
    return exists().where(attempts.c.action_id == action_id, attempts.c.result.in_(_DOUBTFUL))


def _taken(
    connection: Connection, decision_id: str, now: datetime, only: Collection[ActionKind] | None
) -> Sequence[Taken]:
    """List the decision's own actions that were not cancelled and not reversed before."""
    reversal = actions.alias("reversal")
    query = (
        select(actions, outbox.c.state, _is_doubtful(actions.c.action_id).label("is_doubtful"))
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .where(actions.c.decision_id == decision_id, actions.c.reverses.is_(None))
        .where(outbox.c.state != ActionState.CANCELLED, ~exists().where(reversal.c.reverses == actions.c.action_id))
    )
    if only is not None:
        # The step ended by itself, or it is still on its way and must be lifted when it arrives.
        still = or_(actions.c.ends_at.is_(None), actions.c.ends_at > micros(now))
        query = query.where(actions.c.kind.in_(list(only)), still)
    return [
        Taken(
            action_id=row.action_id,
            kind=ActionKind(row.kind),
            state=ActionState(row.state),
            position=row.position,
            engagement_ids=ActionBody.model_validate_json(row.body).engagement_ids,
            is_unsettled=bool(row.is_doubtful) or only is not None,
        )
        for row in connection.execute(query.order_by(actions.c.position))
    ]


def _is_shared(connection: Connection, appeal: Row[Any], back: GivenBack, now: datetime) -> bool:
    """Whether another decision that stands holds the same restriction: then lifting it would lift that one too."""
    kinds = {ActionKind.LIFT_LIMIT: ActionKind.LIMIT, ActionKind.REINSTATE: ActionKind.SUSPEND}
    if back.kind not in kinds:
        return False
    reversal = actions.alias("reversal")
    query = (
        select(actions.c.action_id)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .where(actions.c.account_id == appeal.account_id, actions.c.decision_id != appeal.decision_id)
        .where(actions.c.kind == kinds[back.kind], outbox.c.state != ActionState.CANCELLED)
        .where(or_(actions.c.ends_at.is_(None), actions.c.ends_at > micros(now)))
        .where(~exists().where(reversal.c.reverses == actions.c.action_id))
        .limit(1)
    )
    return connection.execute(query).first() is not None


def _send(connection: Connection, appeal: Row[Any], back: GivenBack, now: datetime) -> None:
    _queue(connection, appeal, back.kind, back.position, now, back=back)


def _queue(
    connection: Connection,
    appeal: Row[Any],
    kind: ActionKind,
    position: int,
    now: datetime,
    *,
    back: GivenBack | None = None,
    notice: NoticeText | None = None,
) -> None:
    """Write one action and its place in the outbox; giving back has no undo window and no delay."""
    action_id, chosen = str(uuid7()), back.engagement_ids if back else ()
    body = action_body(kind, appeal.account_id, appeal.decision_id, engagement_ids=chosen, notice=notice)
    row = {"decision_id": appeal.decision_id, "case_id": appeal.case_id, "account_id": appeal.account_id}
    row |= {"kind": kind.value, "position": position, "body": body, "body_hash": body_hash(body)}
    row |= {"engagements": len(chosen), "reverses": back.reverses if back else None, "created_at": micros(now)}
    connection.execute(insert(actions).values(action_id=action_id, **row))
    waiting = {"state": ActionState.QUEUED.value, "not_before": micros(now), "updated_at": micros(now)}
    connection.execute(insert(outbox).values(action_id=action_id, **waiting))


def _by_kind(connection: Connection, decision_id: str, restored: Collection[str]) -> dict[str, int]:
    """Count the engagements that go back, by kind, from what the decision kept of them."""
    stored = connection.scalar(
        select(decision_engagements.c.engagements).where(decision_engagements.c.decision_id == decision_id)
    )
    if not stored or not restored:
        return {}
    rows = pl.read_parquet(io.BytesIO(stored), columns=["engagement_id", "kind"])
    chosen = rows.filter(pl.col("engagement_id").is_in(list(restored)))
    return dict(chosen.group_by("kind").len().iter_rows())
