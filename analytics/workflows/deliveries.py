"""The delivery side of the desk: every action with its state, its tries, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from analytics.workflows.deliver import LedgerLike
from data.moments import of_micros
from data.platform import switches
from data.records import Action, ActionKind, ActionState
from data.tables import actions, attempts, outbox

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which actions to list; None means any."""

    state: ActionState | None = None
    kind: ActionKind | None = None
    account_id: str | None = None
    case_id: str | None = None
    decision_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPage:
    """One page of actions, newest first, with the number of all that fit."""

    actions: tuple[Action, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver an action."""

    number: int
    started_at: datetime
    finished_at: datetime
    status: int | None
    result: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryState:
    """Whether actions may leave now, and if not, why and until when."""

    circuit: str
    circuit_reason: str
    needs_person: bool
    retry_at: datetime | None
    is_paused: bool
    pause_reason: str
    alarms: tuple[str, ...]
    worker_seen_at: datetime | None


class Deliveries:
    """Reads for the deliveries page."""

    def __init__(self, ledger: LedgerLike, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock

    def list(self, which: DeliveryFilter | None = None, *, page: int = 1) -> ActionPage:
        """Return one page of actions, newest first; a page past the end is the last one."""
        which = which or DeliveryFilter()
        wanted = _wanted(which)
        # Every action has its one place in the outbox, so only a state has to be looked up there.
        counted = actions if which.state is None else actions.join(outbox)
        with self._ledger.read() as connection:
            total = connection.scalar(select(func.count()).select_from(counted).where(*wanted)) or 0
            pages = max(1, -(-total // PAGE_SIZE))
            page = min(max(1, page), pages)
            query = (
                _rows().where(*wanted).order_by(actions.c.created_at.desc(), actions.c.decision_id, actions.c.position)
            )
            rows = connection.execute(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
        return ActionPage(actions=tuple(map(_action, rows)), total=total, page=page, pages=pages)

    def attempts(self, action_id: str) -> tuple[Attempt, ...]:
        """List the tries of one action, first to last."""
        query = select(attempts).where(attempts.c.action_id == action_id).order_by(attempts.c.number)
        with self._ledger.read() as connection:
            return tuple(map(_attempt, connection.execute(query)))

    def counts(self) -> dict[ActionKind, dict[ActionState, int]]:
        """Count actions by kind and state."""
        query = (
            select(actions.c.kind, outbox.c.state, func.count().label("actions"))
            .join(outbox, outbox.c.action_id == actions.c.action_id)
            .group_by(actions.c.kind, outbox.c.state)
        )
        found: dict[ActionKind, dict[ActionState, int]] = {}
        with self._ledger.read() as connection:
            for kind, state, count in connection.execute(query):
                found.setdefault(ActionKind(kind), {})[ActionState(state)] = count
        return found

    def state(self) -> DeliveryState:
        """Say whether actions may leave now."""
        with self._ledger.read() as connection:
            circuit, pause = switches.read_circuit(connection), switches.read_pause(connection)
            alarms = switches.read_alarms(connection)
            seen = switches.last_beat(connection)
        return DeliveryState(
            circuit=circuit.phase.value,
            circuit_reason=circuit.reason if circuit.phase is not switches.Phase.CLOSED else "",
            needs_person=circuit.needs_person,
            retry_at=_at(circuit.retry_at),
            is_paused=pause.is_paused,
            pause_reason=pause.reason,
            alarms=tuple(str(alarm["text"]) for alarm in alarms.values()),
            worker_seen_at=_at(seen),
        )


def _wanted(which: DeliveryFilter) -> list[ColumnElement[bool]]:
    columns = {
        outbox.c.state: which.state,
        actions.c.kind: which.kind,
        actions.c.account_id: which.account_id,
        actions.c.case_id: which.case_id,
        actions.c.decision_id: which.decision_id,
    }
    return [column == value for column, value in columns.items() if value is not None]


def _rows() -> Select[Any]:
    columns = (outbox.c.state, outbox.c.not_before, outbox.c.attempts, outbox.c.last_error, outbox.c.receipt)
    return select(actions, *columns, outbox.c.finished_at).join(outbox, outbox.c.action_id == actions.c.action_id)


def _action(row: Row[Any]) -> Action:
    return Action(
        action_id=row.action_id,
        decision_id=row.decision_id,
        case_id=row.case_id,
        account_id=row.account_id,
        kind=ActionKind(row.kind),
        state=ActionState(row.state),
        position=row.position,
        engagements=row.engagements,
        not_before=of_micros(row.not_before),
        attempts=row.attempts,
        last_error=row.last_error,
        receipt=row.receipt,
        created_at=of_micros(row.created_at),
        finished_at=_at(row.finished_at),
    )


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        number=row.number,
        started_at=of_micros(row.started_at),
        finished_at=of_micros(row.finished_at),
        status=row.status,
        result=row.result,
        detail=row.detail,
    )


def _at(value: int | None) -> datetime | None:
    return None if value is None else of_micros(value)
