"""What the ledger holds about bulks: which cases would fit, what is frozen, how the sample and the run stand."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select

from analytics.casework.bulk import BulkRules, BulkState, Candidate, Sample, list_hash, parse_bulk_rules
from analytics.casework.ladder import step_for
from analytics.casework.policy import Policy
from analytics.workflows.findings import findings_of, parts
from analytics.workflows.protection import protected_among
from data.errors import ConfigError, InvalidCommandError
from data.moments import micros, of_micros
from data.records import ActionState, CaseState, Outcome
from data.tables import (
    actions,
    appeals,
    bulk_events,
    bulks,
    case_events,
    case_files,
    cases,
    decision_events,
    decisions,
    outbox,
    people,
)

SHIPPED = Path(__file__).parents[2] / "data" / "reference" / "bulk.toml"
SAMPLE_LANE, QUEUE_LANE = "bulk_sample", "queue"
SKIPPED = "bulk_skipped"
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkQuery:
    """Which waiting cases a bulk is made of; None means any."""

    service_id: str | None = None
    group_id: str | None = None
    least_score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLine:
    """One bulk in the list of all."""

    bulk_id: str
    author: str
    reason: str
    cases: int
    created_at: datetime
    state: BulkState


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    person_id: str
    name: str
    at: datetime
    list_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: cases decided in it, cases left alone with the reason, actions by state."""

    decided: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    undone: int = 0
    partly: int = 0
    actions: Mapping[ActionState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRecord:
    """One bulk as it stands now; `hash_now` is counted afresh from the frozen list."""

    bulk_id: str
    author_id: str
    author: str
    query: BulkQuery
    reason: str
    note: str
    case_ids: tuple[str, ...]
    list_hash: str
    hash_now: str
    sample_ids: tuple[str, ...]
    sample_seed: int
    created_at: datetime
    state: BulkState
    state_at: datetime
    detail: str
    sample: Sample
    approval: Approval | None
    progress: Progress

    @property
    def to_decide(self) -> int:
        """How many cases the run itself has to see to."""
        return len(self.case_ids) - len(self.sample_ids)


@cache
def load_bulk_rules(path: Path = SHIPPED) -> BulkRules:
    """Read and check the reviewed numbers."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be used: {error}.", "Restore it from the repository.") from error
    return parse_bulk_rules(told)


def fitting(connection: Connection, query: BulkQuery, policy: Policy, now: datetime) -> tuple[Candidate, ...]:
    """List the waiting cases of a query that a bulk may hold; cases that measure reviewers stay out."""
    where = [
        cases.c.state == CaseState.OPEN,
        cases.c.lane == QUEUE_LANE,
        cases.c.is_blind.is_(False),
        cases.c.escalated_by.is_(None),
        cases.c.score >= query.least_score,
    ]
    where += [
        column == value
        for column, value in ((cases.c.service_id, query.service_id), (cases.c.group_id, query.group_id))
        if value is not None
    ]
    return _candidates(connection, where, policy, now)


def has_proposal(candidate: Candidate) -> bool:
    """Whether the machine proposes to remove anything from this account."""
    return any(candidate.proposed.values())


def frozen(connection: Connection, case_ids: Collection[str], policy: Policy, now: datetime) -> tuple[Candidate, ...]:
    """List the cases of a frozen list, whatever became of them."""
    found: list[Candidate] = []
    for part in parts(sorted(case_ids)):
        found += _candidates(connection, [cases.c.case_id.in_(part)], policy, now)
    return tuple(found)


def _candidates(
    connection: Connection, where: Sequence[ColumnElement[bool]], policy: Policy, now: datetime
) -> tuple[Candidate, ...]:
    before = select(func.count()).select_from(appeals).where(appeals.c.account_id == cases.c.account_id)
    query = (
        select(cases, case_files.c.content_hash, before.scalar_subquery().label("prior_appeals"))
        .join(case_files, case_files.c.case_id == cases.c.case_id)
        .where(*where)
        .order_by(cases.c.number)
    )
    rows = connection.execute(query).all()
    accounts = [row.account_id for row in rows]
    past = findings_of(connection, accounts)
    protected = protected_among(connection, accounts, policy.protected.release, now)
    return tuple(
        Candidate(
            case_id=row.case_id,
            account_id=row.account_id,
            evidence_hash=row.content_hash,
            proposed={kind: getattr(row, f"proposed_{kind}s") for kind in ("like", "follow", "comment")},
            age_days=None if row.account_created_at is None else (micros(now) - row.account_created_at) // _DAY,
            followers=row.followers,
            is_verified=row.is_verified,
            prior_appeals=row.prior_appeals,
            is_severe=bool(
                policy.step(step_for(past.get(row.account_id, ()), now, policy.strikes, len(policy.steps))).approvals
            ),
            is_protected=row.account_id in protected,
        )
        for row in rows
    )


def list_bulks(connection: Connection) -> tuple[BulkLine, ...]:
    """List all bulks, the newest first."""
    query = select(bulks, people.c.name).join(people, people.c.person_id == bulks.c.author_id)
    rows = connection.execute(query.order_by(bulks.c.created_at.desc(), bulks.c.bulk_id.desc())).all()
    return tuple(
        BulkLine(
            bulk_id=row.bulk_id,
            author=row.name,
            reason=row.reason,
            cases=len(json.loads(row.case_ids)),
            created_at=of_micros(row.created_at),
            state=BulkState(last_event(connection, row.bulk_id).event),
        )
        for row in rows
    )


def read_bulk(connection: Connection, bulk_id: str) -> BulkRecord:
    row = connection.execute(select(bulks).where(bulks.c.bulk_id == bulk_id)).one_or_none()
    if row is None:
        raise InvalidCommandError("There is no such bulk.", "Open the list again.")
    return _record(connection, row)


def _record(connection: Connection, row: Row[Any]) -> BulkRecord:
    case_ids, sample_ids = tuple(json.loads(row.case_ids)), tuple(json.loads(row.sample_ids))
    event = last_event(connection, row.bulk_id)
    return BulkRecord(
        bulk_id=row.bulk_id,
        author_id=row.author_id,
        author=_name(connection, row.author_id),
        query=BulkQuery(**json.loads(row.query)),
        reason=row.reason,
        note=row.note,
        case_ids=case_ids,
        list_hash=row.list_hash,
        hash_now=hash_now(connection, case_ids, row.reason),
        sample_ids=sample_ids,
        sample_seed=row.sample_seed,
        created_at=of_micros(row.created_at),
        state=BulkState(event.event),
        state_at=of_micros(event.at),
        detail=str(json.loads(event.detail).get("why", "")),
        sample=sample_of(connection, sample_ids, row.created_at),
        approval=_approval(connection, row.bulk_id),
        progress=progress_of(connection, row.bulk_id),
    )


def last_event(connection: Connection, bulk_id: str) -> Row[Any]:
    query = select(bulk_events).where(bulk_events.c.bulk_id == bulk_id)
    return connection.execute(query.order_by(bulk_events.c.at.desc(), bulk_events.c.event_id.desc()).limit(1)).one()


def hash_now(connection: Connection, case_ids: Sequence[str], reason: str) -> str:
    """Count the fingerprint of a frozen list afresh, from the evidence as it lies in the ledger now."""
    hashes: dict[str, str] = {}
    for part in parts(sorted(case_ids)):
        query = select(case_files.c.case_id, case_files.c.content_hash).where(case_files.c.case_id.in_(part))
        hashes |= {row.case_id: row.content_hash for row in connection.execute(query)}
    return list_hash({case_id: hashes.get(case_id, "") for case_id in case_ids}, reason)


def sample_of(connection: Connection, sample_ids: Sequence[str], since: int) -> Sample:
    """Count the verdicts on the sampled cases; only a confirmation of the whole proposal counts as one."""
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
    query = (
        select(decisions.c.case_id, decisions.c.outcome, decisions.c.is_partial)
        .where(decisions.c.case_id.in_(list(sample_ids)), decisions.c.decided_at >= since)
        .where(decisions.c.decision_id.not_in(undone))
        .order_by(decisions.c.decided_at)
    )
    last = {row.case_id: row for row in connection.execute(query)}
    whole = [row for row in last.values() if row.outcome == Outcome.CONFIRM and not row.is_partial]
    return Sample(size=len(sample_ids), decided=len(last), confirmed=len(whole))


def _approval(connection: Connection, bulk_id: str) -> Approval | None:
    query = select(bulk_events).where(bulk_events.c.bulk_id == bulk_id, bulk_events.c.event == BulkState.APPROVED)
    row = connection.execute(query.order_by(bulk_events.c.at.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    name = _name(connection, row.person_id)
    return Approval(person_id=row.person_id, name=name, at=of_micros(row.at), list_hash=row.list_hash)


def progress_of(connection: Connection, bulk_id: str) -> Progress:
    """Count what a run did, and where its actions are."""
    mine = decisions.c.bulk_id == bulk_id
    was_undone = exists().where(
        decision_events.c.decision_id == decisions.c.decision_id, decision_events.c.event == "undone"
    )
    skips = select(case_events.c.reason).where(case_events.c.event == SKIPPED, case_events.c.note == bulk_id)
    states = (
        select(actions.c.decision_id, outbox.c.state)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .join(decisions, decisions.c.decision_id == actions.c.decision_id)
        .where(mine, actions.c.reverses.is_(None))
    )
    rows = connection.execute(states).all()
    by_decision: dict[str, set[str]] = {}
    for row in rows:
        by_decision.setdefault(row.decision_id, set()).add(row.state)
    partly = [1 for found in by_decision.values() if ActionState.CANCELLED in found and len(found) > 1]
    return Progress(
        decided=connection.scalar(select(func.count()).select_from(decisions).where(mine)) or 0,
        skipped=Counter(connection.scalars(skips)),
        undone=connection.scalar(select(func.count()).select_from(decisions).where(mine, was_undone)) or 0,
        partly=len(partly),
        actions=Counter(ActionState(row.state) for row in rows),
    )


def left_to_do(connection: Connection, record: BulkRecord) -> tuple[str, ...]:
    """List the cases that the run has not seen yet, in the order of the list."""
    done = set(connection.scalars(select(decisions.c.case_id).where(decisions.c.bulk_id == record.bulk_id)))
    skips = select(case_events.c.case_id).where(case_events.c.event == SKIPPED, case_events.c.note == record.bulk_id)
    done |= {*connection.scalars(skips), *record.sample_ids}
    return tuple(case_id for case_id in record.case_ids if case_id not in done)


def _name(connection: Connection, person_id: str | None) -> str:
    return connection.scalar(select(people.c.name).where(people.c.person_id == person_id)) or ""
