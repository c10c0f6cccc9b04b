"""Carry decided actions to the platform: each once, in the order of its plan, never faster than is safe.

An action keeps its id for life and the platform acts once per id, so "send again" is the answer to every doubt.
Nothing here decides anything: what is in the outbox was decided by a person.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from data.moments import micros
from data.platform import outbox, switches
from data.platform.connector import Reply, Result
from data.platform.contract import REVERSING, body_hash
from data.platform.outbox import Claim
from data.platform.settings import DeliverySettings, load_settings
from data.records import ActionKind, ActionState

_SECOND = 1_000_000
_HOUR = 3_600 * _SECOND
# The stretch that says what an ordinary hour of removals is.
_USUAL_DAYS = 28
_RESTRICTING = tuple(kind for kind in ActionKind if kind not in REVERSING)

# Answers after which the same request may still succeed.
_RETRIED = frozenset({Result.UNKNOWN, Result.SLOW_DOWN, Result.IN_FLIGHT})
_ENDS: dict[Result, ActionState] = {
    Result.DELIVERED: ActionState.DELIVERED,
    Result.ALREADY_ABSENT: ActionState.ALREADY_ABSENT,
    Result.NOT_ECHOED: ActionState.DEAD,
    Result.BODY_CHANGED: ActionState.DEAD,
    Result.REFUSED: ActionState.DEAD,
    Result.FORBIDDEN: ActionState.DEAD,
}


class LedgerLike(Protocol):
    """What delivery needs of the ledger: transactions."""

    def write(self) -> AbstractContextManager[Connection]: ...
    def read(self) -> AbstractContextManager[Connection]: ...


class Sender(Protocol):
    """One call to the platform."""

    def send(self, action_id: str, body: str) -> Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one round of delivery did."""

    delivered: int = 0
    already_absent: int = 0
    dead: int = 0
    cancelled: int = 0
    retried: int = 0
    # answers that came after another worker had taken the action over
    overtaken: int = 0

    @property
    def sent(self) -> int:
        return self.delivered + self.already_absent + self.dead + self.retried + self.overtaken

    @property
    def moved(self) -> int:
        return self.sent + self.cancelled


@dataclass(frozen=True, slots=True)
class _Round:
    """What stays the same during one round."""

    ledger: LedgerLike
    connector: Sender
    now: Callable[[], datetime]
    worker_id: str
    settings: DeliverySettings
    rng: random.Random

    def micros(self) -> int:
        return micros(self.now())


def deliver_due(
    ledger: LedgerLike,
    connector: Sender,
    *,
    now: Callable[[], datetime],
    worker_id: str,
    limit: int = 100,
    settings: DeliverySettings | None = None,
    rng: random.Random | None = None,
) -> DeliveryReport:
    """Send up to `limit` actions whose time has come; each is claimed just before it is sent."""
    run = _Round(ledger, connector, now, worker_id, settings or load_settings(), rng or random.Random())
    tally: Counter[str] = Counter()
    for _ in range(limit):
        held = _claim_next(run)
        if held is None:
            break
        tally[_carry(run, held)] += 1
    return DeliveryReport(**tally)


def _claim_next(run: _Round) -> Claim | None:
    with run.ledger.read() as connection:
        if outbox.next_due(connection, run.micros()) is None:
            return None
    with run.ledger.write() as connection:
        now = run.micros()
        circuit = switches.read_circuit(connection)
        if not circuit.lets_pass(now):
            return None
        until = now + int(run.settings.claim.lease_seconds * _SECOND)
        held = _claim_allowed(connection, run, now, until)
        if held is not None and circuit.phase is not switches.Phase.CLOSED:
            switches.write_circuit(connection, circuit.probing(until), now)
        return held


def _claim_allowed(connection: Connection, run: _Round, now: int, until: int) -> Claim | None:
    """Claim the next action that the pause lets through, pausing first when this one would go too fast."""
    pause = switches.read_pause(connection)
    while True:
        action_id = outbox.next_due(connection, now, _RESTRICTING if pause.is_paused else ())
        held = outbox.claim(connection, action_id, run.worker_id, now, until) if action_id else None
        if held is None or held.kind is not ActionKind.REMOVE_ENGAGEMENTS:
            return held
        limit = _hourly_limit(connection, run.settings, now)
        if outbox.removed_between(connection, max(now - _HOUR, pause.resumed_at or 0), now + 1) <= limit:
            return held
        outbox.unclaim(connection, held, now)
        pause = _pause(connection, limit, now)


def _hourly_limit(connection: Connection, settings: DeliverySettings, now: int) -> int:
    """Return the set limit, or a multiple of the usual hour where that is higher."""
    hours = _USUAL_DAYS * 24
    usual = outbox.removed_between(connection, now - hours * _HOUR, now - _HOUR) / hours
    return max(settings.pause.removals_per_hour, int(usual * settings.pause.times_usual))


def _pause(connection: Connection, limit: int, now: int) -> switches.Pause:
    reason = f"More than {limit} engagements would have been removed within an hour."
    paused = switches.Pause(is_paused=True, reason=reason, paused_at=now)
    switches.write_pause(connection, paused, now)
    switches.raise_alarm(connection, "pause", reason, now)
    return paused


def _carry(run: _Round, held: Claim) -> str:
    """Send one claimed action and write down what came of it; the name of the outcome is returned."""
    if held.is_moot:
        return _close(run, held, ActionState.CANCELLED, "what it reverses was never sent")
    if body_hash(held.body) != held.body_hash:
        return _close(run, held, ActionState.DEAD, "the request in the ledger is not the one that was decided")
    started_at = run.micros()
    reply = run.connector.send(held.action_id, held.body)
    with run.ledger.write() as connection:
        now = run.micros()
        outbox.note_attempt(
            connection, held, (started_at, now), status=reply.status, result=reply.result, detail=reply.detail
        )
        _tell_circuit(connection, run.settings, reply, now)
        return _record(connection, run, held, reply, now)


def _close(run: _Round, held: Claim, state: ActionState, error: str) -> str:
    with run.ledger.write() as connection:
        is_mine = outbox.finish(connection, held, state, run.micros(), error=error)
    return state.value if is_mine else "overtaken"


def _record(connection: Connection, run: _Round, held: Claim, reply: Reply, now: int) -> str:
    if reply.result not in _RETRIED:
        state = _ENDS[reply.result]
        is_mine = outbox.finish(connection, held, state, now, receipt=reply.receipt, error=reply.detail)
    elif held.number % run.settings.retry.max_attempts == 0:
        state = ActionState.DEAD
        error = f"gave up after {held.number} tries; the last: {reply.detail}"
        is_mine = outbox.finish(connection, held, state, now, error=error)
    else:
        state = ActionState.QUEUED
        wait = run.settings.retry.wait_seconds(held.number, reply.retry_after_seconds, run.rng)
        is_mine = outbox.put_back(connection, held, now + int(wait * _SECOND) + 1, now, reply.detail)
    if not is_mine:
        return "overtaken"
    return "retried" if state is ActionState.QUEUED else state.value


def _tell_circuit(connection: Connection, settings: DeliverySettings, reply: Reply, now: int) -> None:
    """Open or close the circuit by this answer, and raise or clear its alarm."""
    before = switches.read_circuit(connection)
    if reply.result is Result.FORBIDDEN:
        after = before.forbidden(now, reply.detail)
    elif reply.result in (Result.UNKNOWN, Result.SLOW_DOWN):
        after = before.failed(settings.circuit, now, reply.detail)
    else:
        after = before if before.needs_person else switches.Circuit()
    if reply.result is Result.NOT_ECHOED:
        switches.raise_alarm(connection, "contract", "The platform answered for another action than ours.", now)
    if after == before:
        return
    switches.write_circuit(connection, after, now)
    if after.phase is switches.Phase.CLOSED:
        switches.clear_alarm(connection, "circuit", now)
    elif before.phase is switches.Phase.CLOSED or after.needs_person:
        switches.raise_alarm(connection, "circuit", f"Delivery stopped: {after.reason}.", now)


def resume(connection: Connection, now: int) -> None:
    """Close the circuit and lift the pause, after a person looked: the hour's count starts afresh."""
    switches.write_circuit(connection, switches.Circuit(), now)
    pause = switches.read_pause(connection)
    switches.write_pause(connection, replace(pause, is_paused=False, reason="", paused_at=None, resumed_at=now), now)
    for kind in ("circuit", "pause", "contract"):
        switches.clear_alarm(connection, kind, now)
