"""The outbox: which action may leave next, who holds it, and how it ended. Every call is one step of a transaction.

An action leaves when its time has come, everything before it in its plan is done, and what it reverses is settled.
A claim is a conditional update, so an undo or a stop that comes at the same moment either wins or loses wholly.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from uuid6 import uuid7

from data.records import ActionKind, ActionState
from data.tables import actions, attempts, outbox

# The worker stopped before the answer was recorded: the action may have taken effect.
LOST = "lost"
# After these answers nobody knows whether the action took effect, so only a repeat under the same id may settle it.
UNSETTLED = (LOST, "unknown", "in_flight")

_PENDING = (ActionState.QUEUED, ActionState.IN_FLIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One action held by one worker until a time; `number` counts the tries, this one included."""

    action_id: str
    decision_id: str
    account_id: str
    kind: ActionKind
    body: str
    body_hash: str
    engagements: int
    number: int
    worker_id: str
    until: int
    # what it reverses was cancelled before it left, so there is nothing to reverse
    is_moot: bool


def next_due(connection: Connection, now: int, held: Collection[ActionKind] = ()) -> str | None:
    """Find the action that may leave now and has waited longest; kinds in `held` stay where they are."""
    return connection.scalars(_next_due(), {"now": now, "held": list(held)}).first()


@cache
def _next_due() -> Select[str]:
    """Build the question once: the worker asks it before every action, and building takes longer than answering."""
    held = actions.c.kind.not_in(bindparam("held", expanding=True))
    return (
        select(outbox.c.action_id)
        .join(actions, actions.c.action_id == outbox.c.action_id)
        .where(_is_free(bindparam("now")), ~_is_blocked(), ~_waits_for_reversed(), held)
        .order_by(outbox.c.not_before, actions.c.decision_id, actions.c.position)
        .limit(1)
    )


def claim(connection: Connection, action_id: str, worker_id: str, now: int, until: int) -> Claim | None:
    """Take the action for this worker; None when it was taken, undone or stopped meanwhile."""
    before = connection.execute(select(outbox).where(outbox.c.action_id == action_id)).one()
    taken = connection.execute(
        update(outbox)
        .where(outbox.c.action_id == action_id, _is_free(now))
        .values(
            state=ActionState.IN_FLIGHT,
            attempts=outbox.c.attempts + 1,
            claimed_by=worker_id,
            claimed_until=until,
            updated_at=now,
        )
    )
    if taken.rowcount != 1:
        return None
    if before.state == ActionState.IN_FLIGHT:
        _note_lost(connection, action_id, before.attempts, before.updated_at, now)
    return _read_claim(connection, action_id, worker_id, until)


def finish(
    connection: Connection, held: Claim, state: ActionState, now: int, *, receipt: str = "", error: str = ""
) -> bool:
    """End the action; False when the claim was lost and another worker holds it now."""
    values = {"state": state, "finished_at": now, "receipt": receipt, "last_error": error}
    return _release(connection, held, now, values)


def put_back(connection: Connection, held: Claim, not_before: int, now: int, error: str) -> bool:
    """Queue the action again for later, under the same id."""
    return _release(connection, held, now, {"state": ActionState.QUEUED, "not_before": not_before, "last_error": error})


def unclaim(connection: Connection, held: Claim, now: int) -> None:
    """Give a claim back within the transaction that took it: nothing was sent, so it does not count as a try."""
    values = {"state": ActionState.QUEUED, "attempts": held.number - 1}
    _release(connection, held, now, values)


def note_attempt(
    connection: Connection, held: Claim, span: tuple[int, int], *, status: int | None, result: str, detail: str
) -> None:
    """Write down one try with its start and end; tries are never changed."""
    connection.execute(
        insert(attempts).values(
            attempt_id=str(uuid7()),
            action_id=held.action_id,
            number=held.number,
            started_at=span[0],
            finished_at=span[1],
            status=status,
            result=result,
            detail=detail,
        )
    )


def undo(connection: Connection, decision_id: str, now: int) -> int:
    """Cancel every action of a decision, or none: 0 means that something already left and it is too late."""
    mine = outbox.c.action_id.in_(select(actions.c.action_id).where(actions.c.decision_id == decision_id))
    # Where several may write at once, the rows are locked first, so that no claim slips between count and change.
    wanted = len(connection.execute(select(outbox.c.action_id).where(mine).with_for_update()).all())
    was_tried = exists().where(attempts.c.action_id == outbox.c.action_id)
    untouched = and_(mine, outbox.c.state == ActionState.QUEUED, outbox.c.attempts == 0, ~was_tried)
    ready = connection.scalar(select(func.count()).select_from(outbox).where(untouched))
    if not wanted or ready != wanted:
        return 0
    return _cancel(connection, untouched, now, "undone")


def stop(connection: Connection, decision_ids: Collection[str], now: int) -> int:
    """Cancel what has not left yet; an action whose outcome is unknown goes on, so that it ends with the truth."""
    mine = outbox.c.action_id.in_(select(actions.c.action_id).where(actions.c.decision_id.in_(list(decision_ids))))
    unsettled = exists().where(attempts.c.action_id == outbox.c.action_id, attempts.c.result.in_(UNSETTLED))
    return _cancel(connection, and_(mine, outbox.c.state == ActionState.QUEUED, ~unsettled), now, "stopped")


def revive(connection: Connection, action_id: str, now: int) -> bool:
    """Queue a dead letter again; its tries are counted on. One that was given back meanwhile stays dead."""
    is_reversed = exists().where(actions.c.reverses == action_id)
    done = connection.execute(
        update(outbox)
        .where(outbox.c.action_id == action_id, outbox.c.state == ActionState.DEAD, ~is_reversed)
        .values(state=ActionState.QUEUED, not_before=now, finished_at=None, updated_at=now)
    )
    return done.rowcount == 1


def removed_between(connection: Connection, start: int, end: int) -> int:
    """How many engagements were removed, or are being removed, in a span of time."""
    query = (
        select(func.coalesce(func.sum(actions.c.engagements), 0))
        .join(outbox, actions.c.action_id == outbox.c.action_id)
        .where(
            actions.c.kind == ActionKind.REMOVE_ENGAGEMENTS,
            or_(outbox.c.state == ActionState.DELIVERED, outbox.c.state == ActionState.IN_FLIGHT),
            outbox.c.updated_at >= start,
            outbox.c.updated_at < end,
        )
    )
    return int(connection.scalar(query) or 0)


def _is_free(now: int | BindParameter[int]) -> ColumnElement[bool]:
    """Queued and due, or held by a worker whose time is over."""
    return or_(
        and_(outbox.c.state == ActionState.QUEUED, outbox.c.not_before <= now),
        and_(outbox.c.state == ActionState.IN_FLIGHT, outbox.c.claimed_until < now),
    )


def _is_blocked() -> ColumnElement[bool]:
    """Whether an earlier step of the same plan is not done; a dead letter of another kind counts as not done.

    What gives back never waits for a dead letter: each thing that can be given back is.
    """
    earlier, its = actions.alias("earlier"), outbox.alias("earlier_outbox")
    return exists().where(
        earlier.c.decision_id == actions.c.decision_id,
        earlier.c.position < actions.c.position,
        its.c.action_id == earlier.c.action_id,
        or_(
            its.c.state.in_(_PENDING),
            and_(its.c.state == ActionState.DEAD, earlier.c.kind != actions.c.kind, actions.c.reverses.is_(None)),
        ),
    )


def _waits_for_reversed() -> ColumnElement[bool]:
    """Whether what this action reverses is still on its way."""
    reversed_outbox = outbox.alias("reversed_outbox")
    return exists().where(reversed_outbox.c.action_id == actions.c.reverses, reversed_outbox.c.state.in_(_PENDING))


def _read_claim(connection: Connection, action_id: str, worker_id: str, until: int) -> Claim:
    reversed_outbox = outbox.alias("reversed_outbox")
    query = (
        select(actions, outbox.c.attempts, reversed_outbox.c.state.label("reversed_state"))
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .outerjoin(reversed_outbox, reversed_outbox.c.action_id == actions.c.reverses)
        .where(actions.c.action_id == action_id)
    )
    row = connection.execute(query).one()
    return Claim(
        action_id=action_id,
        decision_id=row.decision_id,
        account_id=row.account_id,
        kind=ActionKind(row.kind),
        body=row.body,
        body_hash=row.body_hash,
        engagements=row.engagements,
        number=row.attempts,
        worker_id=worker_id,
        until=until,
        is_moot=row.reversed_state == ActionState.CANCELLED,
    )


def _release(connection: Connection, held: Claim, now: int, values: dict[str, object]) -> bool:
    done = connection.execute(
        update(outbox)
        .where(
            outbox.c.action_id == held.action_id,
            outbox.c.state == ActionState.IN_FLIGHT,
            outbox.c.claimed_by == held.worker_id,
            outbox.c.claimed_until == held.until,
        )
        .values(claimed_by=None, claimed_until=None, updated_at=now, **values)
    )
    return done.rowcount == 1


def _cancel(connection: Connection, which: ColumnElement[bool], now: int, error: str) -> int:
    values = {"state": ActionState.CANCELLED, "finished_at": now, "updated_at": now, "last_error": error}
    return connection.execute(update(outbox).where(which).values(**values)).rowcount


def _note_lost(connection: Connection, action_id: str, number: int, started_at: int, now: int) -> None:
    connection.execute(
        insert(attempts).values(
            attempt_id=str(uuid7()),
            action_id=action_id,
            number=number,
            started_at=started_at,
            finished_at=now,
            status=None,
            result=LOST,
            detail="the worker stopped before the answer was recorded",
        )
    )
