"""The run of a bulk: the worker decides case by case, each in its own transaction, so it can be stopped and resumed.

Every case takes the desk's own path: lease, fence, version, the same writing. Rights are read afresh for each; a case
that moved on since the list was frozen is left alone, with the reason.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Select, and_, exists, insert, or_, select
from uuid6 import uuid7

from analytics.casework.bulk import BulkState
from analytics.casework.policy import Policy, Step
from analytics.workflows import leases
from analytics.workflows.bulk import AUTHORS, check_ready, note_bulk, person_of, roles_of
from analytics.workflows.bulk_reads import SKIPPED, BulkRecord, last_event, left_to_do, read_bulk
from analytics.workflows.case_files import Thawed, read_file
from analytics.workflows.deciding import acting_role, check_words, chosen_rows, step_now
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.gate import Written
from analytics.workflows.policy import load_policy
from analytics.workflows.queue import Viewer, may_take, one_case
from analytics.workflows.recording import Finding, Rules, write_finding
from analytics.workflows.review_commands import Decide
from data.audit_chain import AuditEntry, append_audit
from data.errors import CommandError, ConflictError
from data.home import Home
from data.moments import micros
from data.platform.settings import load_settings
from data.records import CaseState, Kind, Outcome, ReasonCode, SignedIn
from data.tables import bulk_events, case_events

log = structlog.get_logger("bulk")

# Why a run leaves a case alone.
MOVED_ON, NOT_FOR_AUTHOR, SEVERE, NOTHING = "moved_on", "not_for_author", "severe", "nothing_proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One case when its turn came."""

    record: BulkRecord
    who: SignedIn
    case: Row[Any]
    file: Thawed
    proposed: frozenset[str]
    step: Step
    at: datetime


class BulkChore:
    """The worker's share in every run: a few cases each time it is its turn."""

    def __init__(self, home: Home, ledger: LedgerLike, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._rules = Rules(policy=load_policy(), delivery=load_settings(home.root), rng=random.SystemRandom())

    def tend(self) -> None:
        run_bulks(self._ledger, self._clock, self._rules)


def run_bulks(ledger: LedgerLike, now: Callable[[], datetime], rules: Rules, *, most: int = 25) -> int:
    """Decide up to `most` cases of the runs that were started; return how many were seen to."""
    with ledger.read() as connection:
        started = list(connection.scalars(_running()))
    seen = 0
    for bulk_id in started:
        seen += _run(ledger, bulk_id, now, rules, most - seen)
    return seen


def _running() -> Select[Any]:  # Any: one column
    """Select the bulks whose last event is their start, the oldest start first."""
    later = bulk_events.alias("later")
    is_over = exists().where(
        later.c.bulk_id == bulk_events.c.bulk_id,
        or_(
            later.c.at > bulk_events.c.at,
            and_(later.c.at == bulk_events.c.at, later.c.event_id > bulk_events.c.event_id),
        ),
    )
    query = select(bulk_events.c.bulk_id).where(bulk_events.c.event == BulkState.EXECUTING, ~is_over)
    return query.order_by(bulk_events.c.at, bulk_events.c.bulk_id)


def _is_running(connection: Connection, bulk_id: str) -> bool:
    return bool(last_event(connection, bulk_id).event == BulkState.EXECUTING)


def _run(ledger: LedgerLike, bulk_id: str, now: Callable[[], datetime], rules: Rules, most: int) -> int:
    with ledger.read() as connection:
        record = read_bulk(connection, bulk_id)
        waiting = left_to_do(connection, record)
    for seen, case_id in enumerate(waiting[:most]):
        with ledger.write() as connection:
            if not _goes_on(connection, record, now()):
                return seen
            _see_to(connection, record, case_id, now(), rules)
    if len(waiting) <= most:
        with ledger.write() as connection:
            _finish(connection, record, now())
    return min(len(waiting), most)


def _goes_on(connection: Connection, record: BulkRecord, now: datetime) -> bool:
    """Whether nobody stopped the run and everybody behind it still has the right; else the run ends here."""
    if not _is_running(connection, record.bulk_id):
        return False
    try:
        # The approval counts from the start of the run: a long run does not outlive it half way.
        check_ready(connection, record, record.state_at)
        _check_author(connection, record)
    except CommandError as error:
        detail = {"why": error.message}
        note_bulk(connection, record.bulk_id, BulkState.REFUSED, None, now, digest=record.list_hash, detail=detail)
        _audit(connection, record, "BulkRefused", detail, now)
        log.warning("a run was refused", bulk_id=record.bulk_id)
        return False
    return True


def _check_author(connection: Connection, record: BulkRecord) -> None:
    if not roles_of(connection, record.author_id) & AUTHORS:
        raise ConflictError("Its author may no longer decide.")


def _see_to(connection: Connection, record: BulkRecord, case_id: str, now: datetime, rules: Rules) -> None:
    """Decide one case on the desk's own path, or write down why it is left alone."""
    case = one_case(connection, case_id)
    if case is None or case.state != CaseState.OPEN:
        _leave(connection, record, case_id, MOVED_ON, now)
        return
    file = read_file(connection, case_id)
    turn = _Turn(
        record=record,
        who=SignedIn(token="", person=person_of(connection, record.author_id), expires_at=now),
        case=case,
        file=file,
        proposed=_proposed(file),
        step=step_now(connection, case.account_id, rules.policy, now),
        at=now,
    )
    if why := _objection(connection, turn):
        _leave(connection, record, case_id, why, now)
        return
    written = write_finding(connection, _finding(connection, turn, rules.policy), rules)
    _audit_written(connection, record, written, now)


def _proposed(file: Thawed) -> frozenset[str]:
    return frozenset(one for one in file.proposed if file.kinds[one] != Kind.UNFOLLOW)


def _objection(connection: Connection, turn: _Turn) -> str:
    if not may_take(connection, Viewer.of(turn.who, turn.at), turn.case.case_id):
        return NOT_FOR_AUTHOR
    if turn.step.approvals:
        return SEVERE
    return "" if turn.proposed else NOTHING


def _finding(connection: Connection, turn: _Turn, policy: Policy) -> Finding:
    """Take the case and return what its author finds: the whole proposal, as in the sample."""
    case, record, person_id = turn.case, turn.record, turn.who.person.person_id
    lease = leases.grant(connection, case, person_id, micros(turn.at), policy)
    command = Decide(
        idempotency_key=record.bulk_id,
        case_id=case.case_id,
        version=case.version,
        fence=lease.fence,
        outcome=Outcome.CONFIRM,
        reason=ReasonCode(record.reason),
        note=record.note,
        engagement_ids=turn.proposed,
    )
    check_words(command)
    return Finding(
        decision_id=str(uuid7()),
        case=one_case(connection, case.case_id) or case,
        file=turn.file,
        person_id=person_id,
        role=acting_role(turn.who, ()),
        command=command,
        outcome=Outcome.CONFIRM,
        chosen=chosen_rows(turn.file, command),
        step=turn.step.number,
        at=turn.at,
        bulk_id=record.bulk_id,
    )


def _leave(connection: Connection, record: BulkRecord, case_id: str, why: str, now: datetime) -> None:
    row = {"event_id": str(uuid7()), "case_id": case_id, "event": SKIPPED, "person_id": record.author_id}
    connection.execute(insert(case_events).values(**row, reason=why, note=record.bulk_id, at=micros(now)))
    _audit(connection, record, "BulkSkip", {"case_id": case_id, "why": why}, now)


def _finish(connection: Connection, record: BulkRecord, now: datetime) -> None:
    """End a run that saw to every case; a stop that came first stands."""
    if not _is_running(connection, record.bulk_id) or left_to_do(connection, record):
        return
    note_bulk(connection, record.bulk_id, BulkState.DONE, None, now, digest=record.list_hash)
    _audit(connection, record, "BulkDone", {"cases": len(record.case_ids)}, now)
    log.info("a run is done", bulk_id=record.bulk_id, cases=len(record.case_ids))


def _audit(connection: Connection, record: BulkRecord, verb: str, after: dict[str, Any], now: datetime) -> None:
    entry = AuditEntry(
        actor_id="worker",
        actor_role="worker",
        on_behalf_of=record.author_id,
        verb=verb,
        subject=record.bulk_id,
        after=after,
    )
    append_audit(connection, entry, at=micros(now))


def _audit_written(connection: Connection, record: BulkRecord, written: Written, now: datetime) -> None:
    entry = AuditEntry(
        actor_id=record.author_id,
        actor_role="bulk",
        verb="Decide",
        subject=written.subject,
        case_version=written.case_version,
        fence=written.fence,
        before=written.before,
        after={"bulk_id": record.bulk_id, "facts": written.facts},
        reason_code=written.reason_code,
        model_hash=written.model_hash,
        explanation_hash=written.explanation_hash,
        policy_version=written.policy_version,
    )
    append_audit(connection, entry, at=micros(now))
