"""The state that all workers share: circuit, pause, alarms and heartbeats, one JSON value a name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from data.platform.settings import Circuit as CircuitSettings
from data.tables import switches

HEARTBEAT_PREFIX = "worker:"
_SECOND = 1_000_000


class Phase(StrEnum):
    """closed: all calls pass; open: none; half_open: one probe at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Whether calls may pass; `needs_person` means that no waiting heals it."""

    phase: Phase = Phase.CLOSED
    failures: int = 0
    opened_at: int | None = None
    retry_at: int | None = None
    cooling_seconds: float = 0.0
    reason: str = ""
    needs_person: bool = False

    def lets_pass(self, now: int) -> bool:
        if self.phase is Phase.CLOSED:
            return True
        return not self.needs_person and self.retry_at is not None and now >= self.retry_at

    def probing(self, until: int) -> Circuit:
        """Let one call through; the next one may go when its time is over."""
        return self if self.phase is Phase.CLOSED else replace(self, phase=Phase.HALF_OPEN, retry_at=until)

    def failed(self, settings: CircuitSettings, now: int, reason: str) -> Circuit:
        """Count a failure; enough of them in a row, or a failed probe, open the circuit for longer each time."""
        failures = self.failures + 1
        if self.phase is Phase.CLOSED and failures < settings.failures_to_open:
            return replace(self, failures=failures, reason=reason)
        cooling = min(max(self.cooling_seconds * 2, settings.cooling_seconds), settings.longest_cooling_seconds)
        return replace(
            self,
            phase=Phase.OPEN,
            failures=failures,
            opened_at=self.opened_at or now,
            retry_at=now + int(cooling * _SECOND),
            cooling_seconds=cooling,
            reason=reason,
        )

    def forbidden(self, now: int, reason: str) -> Circuit:
        """Open until a person closes it: the platform does not accept who we are."""
        return Circuit(phase=Phase.OPEN, opened_at=now, reason=reason, needs_person=True, failures=self.failures + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The stop of everything that restricts people, after too many removals in an hour."""

    is_paused: bool = False
    reason: str = ""
    paused_at: int | None = None
    resumed_at: int | None = None


def read_circuit(connection: Connection) -> Circuit:
    found = read(connection, "circuit")
    return Circuit(**found | {"phase": Phase(found["phase"])}) if found else Circuit()


def write_circuit(connection: Connection, circuit: Circuit, now: int) -> None:
    write(connection, "circuit", asdict(circuit), now)


def read_pause(connection: Connection) -> Pause:
    return Pause(**(read(connection, "pause") or {}))


def write_pause(connection: Connection, pause: Pause, now: int) -> None:
    write(connection, "pause", asdict(pause), now)


def read_alarms(connection: Connection) -> dict[str, dict[str, Any]]:
    """List what a person must look at, by kind: circuit, contract, pause."""
    return read(connection, "alarms") or {}


def raise_alarm(connection: Connection, kind: str, text: str, now: int) -> None:
    write(connection, "alarms", read_alarms(connection) | {kind: {"text": text, "at": now}}, now)


def clear_alarm(connection: Connection, kind: str, now: int) -> None:
    alarms = read_alarms(connection)
    if alarms.pop(kind, None) is not None:
        write(connection, "alarms", alarms, now)


def beat(connection: Connection, worker_id: str, now: int, detail: dict[str, Any]) -> None:
    """Leave a sign of life of one worker."""
    write(connection, f"{HEARTBEAT_PREFIX}{worker_id}", detail | {"at": now}, now)


def last_beat(connection: Connection) -> int | None:
    """Return the newest sign of life of any worker, or None."""
    query = select(switches.c.updated_at).where(switches.c.name.startswith(HEARTBEAT_PREFIX))
    return max(connection.scalars(query), default=None)


def read(connection: Connection, name: str) -> dict[str, Any]:
    """Return the value of one switch, empty when it was never set."""
    text = connection.scalar(select(switches.c.value).where(switches.c.name == name))
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def write(connection: Connection, name: str, value: dict[str, Any], now: int) -> None:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    changed = connection.execute(update(switches).where(switches.c.name == name).values(value=text, updated_at=now))
    if changed.rowcount == 0:
        connection.execute(insert(switches).values(name=name, value=text, updated_at=now))
