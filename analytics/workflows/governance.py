"""What is set for everybody: thresholds by two people, targets by name, published periods."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from uuid6 import uuid7

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.figures import Period
from analytics.workflows.gate import Gate, Write, Written
from analytics.workflows.investigation import READERS, words_of
from analytics.workflows.reports import Reports, freeze, is_decided_in, is_frozen
from data.errors import ConflictError, InvalidCommandError
from data.moments import micros
from data.records import Receipt, Role, SignedIn
from data.tables import settings_events

ANALYSTS = frozenset({Role.ANALYST})
MANAGERS = frozenset({Role.MANAGER})
THRESHOLDS = "detection.thresholds"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeThresholds:
    """A candidate that will run in the shadow of the live one; `value` is a stored setting."""

    idempotency_key: str
    value: Mapping[str, Any]  # Any: JSON
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveThresholds:
    """A second person makes a candidate the live setting; `event_id` names exactly what they saw."""

    idempotency_key: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTarget:
    idempotency_key: str
    metric_id: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """`again` says that the period is published already, and that another report is to stand beside that one."""

    idempotency_key: str
    period: Period
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Thresholds somebody proposed; live when somebody else approved them."""

    event_id: str
    value: Mapping[str, Any]  # Any: JSON
    proposed_by: str
    proposed_at: int
    approved_by: str | None
    approved_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A value to reach, with who set it and when."""

    metric_id: str
    value: float
    person_id: str
    at: int


class Governance:
    """Commands that change what holds for everybody, and what is in force."""

    def __init__(self, gate: Gate, ledger: LedgerLike, reports: Reports) -> None:
        self._gate = gate
        self._ledger = ledger
        self._reports = reports

    def propose_thresholds(self, token: str, command: ProposeThresholds) -> Receipt:
        """Put a candidate beside the live setting."""
        reason = words_of(command.reason, "Say what the candidate is for.")
        value = json.dumps({**command.value, "reason": reason}, sort_keys=True)
        return self._gate.execute(token, command, ANALYSTS, _setting(THRESHOLDS, value, "proposed", _CANDIDATE))

    def approve_thresholds(self, token: str, command: ApproveThresholds) -> Receipt:
        """Make a candidate live; never the person who proposed it (D.2)."""

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            row = connection.execute(
                select(settings_events).where(settings_events.c.event_id == command.event_id)
            ).one_or_none()
            if row is None or row.name != THRESHOLDS or row.event != "proposed":
                raise InvalidCommandError("There is no such candidate.", "Open the list again.")
            if row.person_id == who.person.person_id:
                raise ConflictError("You proposed this candidate yourself.", "Ask a second person to approve it.")
            value = json.dumps({**json.loads(row.value), "candidate": row.event_id}, sort_keys=True)
            return _setting(THRESHOLDS, value, "approved", _LIVE)(connection, who, now)

        return self._gate.execute(token, command, READERS, write)

    def candidates(self) -> tuple[Candidate, ...]:
        """List what was proposed, newest first, with who approved it."""
        query = (
            select(settings_events).where(settings_events.c.name == THRESHOLDS).order_by(settings_events.c.at.desc())
        )
        with self._ledger.read() as connection:
            rows = connection.execute(query).all()
        approved = {json.loads(row.value).get("candidate"): row for row in rows if row.event == "approved"}
        return tuple(
            Candidate(
                event_id=row.event_id,
                value=json.loads(row.value),
                proposed_by=row.person_id,
                proposed_at=row.at,
                approved_by=approved[row.event_id].person_id if row.event_id in approved else None,
                approved_at=approved[row.event_id].at if row.event_id in approved else None,
            )
            for row in rows
            if row.event == "proposed"
        )

    def live_thresholds(self) -> Mapping[str, Any] | None:
        """Return the newest approved thresholds; None while the shipped ones are in force."""
        with self._ledger.read() as connection:
            return live_thresholds(connection)

    def set_target(self, token: str, command: SetTarget) -> Receipt:
        """Set a target for a figure; it always shows who set it and when."""
        value = json.dumps({"value": command.value})
        message = f"The target of {command.metric_id} is set."
        return self._gate.execute(
            token, command, MANAGERS, _setting(f"target.{command.metric_id}", value, "approved", message)
        )

    def targets(self) -> dict[str, Target]:
        """Return the newest target of each figure."""
        query = select(settings_events).where(settings_events.c.name.like("target.%")).order_by(settings_events.c.at)
        with self._ledger.read() as connection:
            rows = connection.execute(query).all()
        return {
            row.name.removeprefix("target."): Target(
                metric_id=row.name.removeprefix("target."),
                value=float(json.loads(row.value)["value"]),
                person_id=row.person_id,
                at=row.at,
            )
            for row in rows
        }

    def publish_report(self, token: str, command: PublishReport) -> Receipt:
        """Freeze a period's figures for good; never of a period without a decision, and a second time only if said."""
        content = self._reports.draft(command.period)

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            _check_period(connection, command, now)
            report_id = freeze(connection, content, command.period, person_id=who.person.person_id, now=now)
            facts = {"since": content["since"], "until": content["until"], "as_of_seq": content["as_of_seq"]}
            return Written(subject=report_id, message="The report is published and frozen.", facts=facts)

        return self._gate.execute(token, command, MANAGERS, write)


def _check_period(connection: Connection, command: PublishReport, now: datetime) -> None:
    if command.period.until > now:
        raise InvalidCommandError(
            "This period is not over, so its figures still change.", "Publish it once its last day has passed."
        )
    if not is_decided_in(connection, command.period):
        raise InvalidCommandError(
            "Nothing was decided in this period, so there is nothing to publish.", "Choose a period with decisions."
        )
    if is_frozen(connection, command.period) and not command.again:
        raise ConflictError("This period is published already.", "Say that you publish it again, or open the report.")


def live_thresholds(connection: Connection) -> Mapping[str, Any] | None:
    """Read the thresholds that the next detection is made with, as far as anybody approved some."""
    query = (
        select(settings_events.c.value)
        .where(settings_events.c.name == THRESHOLDS, settings_events.c.event == "approved")
        .order_by(settings_events.c.at.desc(), settings_events.c.event_id.desc())
    )
    row = connection.execute(query).first()
    return None if row is None else dict(json.loads(row[0]))


_CANDIDATE = "The candidate now runs in the shadow of the live setting."
_LIVE = "The candidate is live from the next detection on."


def _setting(name: str, value: str, event: str, message: str) -> Write:
    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        event_id = str(uuid7())
        row = {"event_id": event_id, "name": name, "value": value, "event": event}
        connection.execute(insert(settings_events).values(**row, person_id=who.person.person_id, at=micros(now)))
        return Written(subject=event_id, message=message, facts={"name": name, "event": event})

    return write
