"""What a person may do about a delivery that is stuck: try a dead letter again, let a stopped delivery go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from analytics.workflows.deliver import resume
from analytics.workflows.gate import Gate, Write, Written
from data.errors import ConflictError, InvalidCommandError
from data.moments import micros
from data.platform import outbox, switches
from data.records import Receipt, Role, SignedIn

RETRIERS = frozenset({Role.SENIOR_REVIEWER, Role.MANAGER, Role.ADMIN})
RESUMERS = frozenset({Role.MANAGER, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAction:
    idempotency_key: str
    action_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeDelivery:
    idempotency_key: str


DeliveryCommand = RetryAction | ResumeDelivery


class DeliveryCommands:
    """Commands of the deliveries page."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def execute(self, token: str, command: DeliveryCommand) -> Receipt:
        """Carry out one command once."""
        if isinstance(command, RetryAction):
            return self._gate.execute(token, command, RETRIERS, _retry(command.action_id))
        return self._gate.execute(token, command, RESUMERS, _resume)


def _retry(action_id: str) -> Write:
    def write(connection: Connection, _who: SignedIn, now: datetime) -> Written:
        if not outbox.revive(connection, action_id, micros(now)):
            raise ConflictError("This action is not waiting for a person.", "Open the list again.")
        return Written(subject=action_id, message="The action will be tried again.", facts={"event": "retried"})

    return write


def _resume(connection: Connection, _who: SignedIn, now: datetime) -> Written:
    circuit, pause = switches.read_circuit(connection), switches.read_pause(connection)
    if not pause.is_paused and circuit.phase is switches.Phase.CLOSED:
        raise InvalidCommandError("Delivery is not stopped.", "Open the page again.")
    resume(connection, micros(now))
    return Written(
        subject="delivery", message="Delivery goes on.", facts={"pause": pause.reason, "circuit": circuit.reason}
    )
