"""What an operator's monitoring reads: figures in Prometheus text and a health answer, without personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Column, ColumnElement, Connection, func, select

from analytics.workflows.queue import KNOWN_ANSWER
from data.platform import switches
from data.records import ActionState, CaseState
from data.tables import actions, appeal_outcomes, appeals, audit, cases, decisions, leases, outbox

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECOND = 1_000_000
# A worker shows a sign of life every five seconds.
SILENT_WORKER_SECONDS = 60
# Due and not delivered for this long is worth a look.
LATE_DELIVERY_SECONDS = 900
_WAITING = (ActionState.QUEUED, ActionState.IN_FLIGHT)
# A decided case that is shown again to measure people is no work and no verdict; to count it would tell of it, too.
_IS_WORK = cases.c.lane != KNOWN_ANSWER
_UNDECIDED = (CaseState.OPEN, CaseState.LEASED, CaseState.SNOOZED, CaseState.ESCALATED)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a person must look, and at what."""

    problems: tuple[str, ...]


def health(connection: Connection, now: int) -> Health:
    """List what is stuck: a silent worker, late deliveries, dead letters, alarms."""
    found = []
    beat = switches.last_beat(connection)
    if beat is None or now - beat > SILENT_WORKER_SECONDS * _SECOND:
        found.append("The worker shows no sign of life.")
    late = oldest_due_seconds(connection, now)
    if late > LATE_DELIVERY_SECONDS:
        found.append(f"An action has been due for {late / 60:.0f} minutes.")
    dead = count_by(connection, outbox.c.state).get(ActionState.DEAD, 0)
    if dead:
        found.append(f"{dead} dead letters wait for a person.")
    found += [str(alarm["text"]) for alarm in switches.read_alarms(connection).values()]
    return Health(tuple(found))


def prometheus_text(connection: Connection, now: int) -> str:
    """Render every figure as Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(_Figures(list(figures(connection, now))))
    return generate_latest(registry).decode()


def oldest_due_seconds(connection: Connection, now: int) -> float:
    """Return for how long the oldest action that may leave has been waiting; 0 when none does."""
    query = select(func.min(outbox.c.not_before)).where(outbox.c.state.in_(_WAITING), outbox.c.not_before <= now)
    since = connection.scalar(query)
    return 0.0 if since is None else (now - since) / _SECOND


def figures(connection: Connection, now: int) -> Iterator[GaugeMetricFamily]:
    """Yield the figures, labelled by kind and state and never by person or account."""
    of_cases = count_by(connection, cases.c.state, _IS_WORK)
    verdicts = count_by(connection, decisions.c.outcome, decisions.c.lane != KNOWN_ANSWER)
    yield _labelled("unbought_cases", "Cases by state", "state", of_cases)
    yield _labelled("unbought_decisions", "Decisions by outcome", "outcome", verdicts)
    yield _actions(connection)
    yield _plain(
        "unbought_oldest_due_action_seconds",
        "How long the oldest due action waits",
        oldest_due_seconds(connection, now),
    )
    yield _plain("unbought_oldest_case_seconds", "Age of the oldest undecided case", _oldest_case(connection, now))
    yield _plain("unbought_leases_expired", "Leases past their time", expired_leases(connection, now))
    yield _plain("unbought_appeals_open", "Appeals without a decision", _open_appeals(connection))
    yield _plain("unbought_audit_rows", "Length of the audit chain", connection.scalar(select(func.max(audit.c.seq))))
    yield from _delivery(connection, now)


def _delivery(connection: Connection, now: int) -> Iterator[GaugeMetricFamily]:
    circuit, pause = switches.read_circuit(connection), switches.read_pause(connection)
    is_open = circuit.phase is not switches.Phase.CLOSED
    yield _plain("unbought_circuit_open", "1 while the platform is left alone", float(is_open))
    yield _plain("unbought_delivery_paused", "1 while removals are paused", float(pause.is_paused))
    yield _plain("unbought_alarms", "Alarms waiting for a person", len(switches.read_alarms(connection)))
    beat = switches.last_beat(connection)
    age = (now - beat) / _SECOND if beat is not None else float("inf")
    yield _plain("unbought_worker_silent_seconds", "Time since the worker's last sign of life", age)


class _Figures(Collector):
    def __init__(self, found: list[GaugeMetricFamily]) -> None:
        self._found = found

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._found


def _plain(name: str, text: str, value: float | None) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value or 0))


def _labelled(name: str, text: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def _actions(connection: Connection) -> GaugeMetricFamily:
    query = (
        select(actions.c.kind, outbox.c.state, func.count().label("count"))
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .group_by(actions.c.kind, outbox.c.state)
        .order_by(actions.c.kind, outbox.c.state)
    )
    family = GaugeMetricFamily("unbought_actions", "Actions by kind and state", labels=["kind", "state"])
    for kind, state, count in connection.execute(query):
        family.add_metric([kind, state], count)
    return family


def count_by(connection: Connection, column: Column[str], *where: ColumnElement[bool]) -> dict[str, int]:
    """Count the rows of each value of a column."""
    query = select(column, func.count()).where(*where).group_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _oldest_case(connection: Connection, now: int) -> float:
    query = select(func.min(cases.c.opened_at)).where(cases.c.state.in_(_UNDECIDED), _IS_WORK)
    opened = connection.scalar(query)
    return 0.0 if opened is None else (now - opened) / _SECOND


def expired_leases(connection: Connection, now: int) -> int:
    """Cases whose holder let the time run out; a lease of a decided case is only its last holder's name."""
    held = leases.join(cases, (cases.c.case_id == leases.c.case_id) & (cases.c.state == CaseState.LEASED))
    return connection.scalar(select(func.count()).select_from(held).where(leases.c.expires_at <= now)) or 0


def _open_appeals(connection: Connection) -> int:
    every = select(func.count()).select_from(appeals.outerjoin(appeal_outcomes))
    return connection.scalar(every.where(appeal_outcomes.c.appeal_id.is_(None))) or 0
