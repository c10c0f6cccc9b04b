"""Grows a prepared home's ledger to as many cases as asked for: copies of its own rows, spread over half a year.

Rows are inserted in bulk through data/tables.py, in the proportions of a desk that keeps up: four of five cases are
decided, two of three decisions confirm, three confirmations of a hundred are appealed. The audit chain grows with them,
one row a decision and one a lease, so that it verifies.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from uuid6 import uuid7

from data.audit_chain import FIRST, canonical, head, key_of, row_hash
from data.home import Home
from data.ledger import Ledger
from data.tables import (
    actions,
    appeal_outcomes,
    appeals,
    audit,
    case_files,
    cases,
    decision_engagements,
    decision_events,
    decisions,
    fences,
    handles,
    known_answers,
    leases,
    notices,
    outbox,
    statements,
)

Row = dict[str, Any]
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
SPAN_DAYS = 180
CHUNK = 5_000
REVIEWERS = ("demo-rita", "demo-theo", "demo-sena", "demo-ivo")
DECIDED, CONFIRMED, APPEALED, OVERTURNED, LOOKED_AT, KNOWN = 0.8, 0.67, 0.03, 0.2, 0.05, 0.002
WAITING_DAYS = 2
SERVICES, COUNTRIES = tuple(f"S-{number:02}" for number in range(1, 31)), ("BR", "US", "IN", "ID", "TR", "DE")
LANES = ("queue",) * 17 + ("random_audit",) * 3


@dataclass(slots=True)
class Templates:
    """Rows that the copies are made of: the smallest case file, and one confirmed decision with what followed it."""

    case: Row
    file: Row
    decision: Row
    engagements: Row
    actions: list[tuple[Row, Row]]
    notice: Row
    statement: Row


@dataclass(slots=True)
class Writer:
    """Collects rows by table and inserts them in bulk, in the order in which they may be there."""

    connection: Connection
    rows: dict[Table, list[Row]] = field(default_factory=dict)

    def add(self, table: Table, row: Row) -> None:
        self.rows.setdefault(table, []).append(row)

    def flush(self) -> None:
        for table in ORDER:
            found = self.rows.pop(table, [])
            if found:
                self.connection.execute(insert(table), found)


ORDER = (
    cases,
    case_files,
    handles,
    fences,
    leases,
    decisions,
    decision_engagements,
    decision_events,
    known_answers,
    actions,
    outbox,
    notices,
    statements,
    appeals,
    appeal_outcomes,
)


def grow(home: Path, count: int, *, seed: int = 1) -> None:
    """Bring the ledger of a home to so many cases."""
    ledger, rng, now = Ledger.open(Home(home)), random.Random(seed), int(datetime.now(UTC).timestamp() * SECOND)
    with ledger.write() as connection:
        there = int(connection.scalar(select(func.count()).select_from(cases)) or 0)
        highest = int(connection.scalar(select(func.max(cases.c.number))) or 0)
        model = _templates(connection)
        end = highest + 1 + max(count - there, 0)
        for first in range(highest + 1, end, CHUNK):
            writer = Writer(connection)
            done = [
                one
                for number in range(first, min(first + CHUNK, end))
                if (one := _case(writer, model, rng, number, now))
            ]
            writer.flush()
            _chain(connection, sorted(done, key=lambda row: int(row["decided_at"])))
        connection.exec_driver_sql("analyze")
    ledger.close()


def _templates(connection: Connection) -> Templates:
    size = func.length(case_files.c.content) + func.length(case_files.c.engagements)
    file = _one(connection, select(case_files).order_by(size).limit(1))
    confirmed = select(decisions).join(decision_engagements).where(decisions.c.outcome == "confirm")
    decision = _one(connection, confirmed.order_by(func.length(decision_engagements.c.engagements)).limit(1))
    mine = decision["decision_id"]
    plan = connection.execute(select(actions).where(actions.c.decision_id == mine)).mappings().all()
    return Templates(
        case=_one(connection, select(cases).where(cases.c.case_id == decision["case_id"])),
        file=file,
        decision=decision,
        engagements=_one(connection, select(decision_engagements).where(decision_engagements.c.decision_id == mine)),
        actions=[
            (dict(one), _one(connection, select(outbox).where(outbox.c.action_id == one["action_id"]))) for one in plan
        ],
        notice=_one(connection, select(notices).where(notices.c.decision_id == mine)),
        statement=_one(connection, select(statements).where(statements.c.decision_id == mine)),
    )


def _one(connection: Connection, query: Any) -> Row:
    return dict(connection.execute(query).mappings().one())


def _case(writer: Writer, model: Templates, rng: random.Random, number: int, now: int) -> Row | None:
    """Add one case with all that hangs on it; returns its decision, if it has one."""
    is_decided = rng.random() < DECIDED
    opened = now - round(rng.uniform(0, (SPAN_DAYS if is_decided else WAITING_DAYS) * DAY)) - HOUR
    of_account = 1 + number % 40_000 if rng.random() < 0.1 else number
    own = {
        "case_id": str(uuid7()),
        "account_id": f"large-{of_account}",
        "number": number,
        "lane": rng.choice(LANES),
        "state": "decided" if is_decided else "open",
        "priority": rng.random(),
        "score": rng.uniform(0.3, 1),
        "service_id": rng.choice((*SERVICES, None)),
        "country": rng.choice(COUNTRIES),
        "opened_at": opened,
        "updated_at": opened,
        "first_engagement_at": opened - round(rng.uniform(1, 20) * DAY),
        "last_engagement_at": opened - HOUR,
        "escalated_by": None,
    }
    case = {**model.case, **own}
    writer.add(cases, case)
    writer.add(case_files, {**model.file, "case_id": own["case_id"]})
    if of_account == number:
        told = {"account_id": own["account_id"], "handle": f"large {number}", "updated_at": opened}
        writer.add(handles, told)
    return _decision(writer, model, rng, case, now) if is_decided else None


def _decision(writer: Writer, model: Templates, rng: random.Random, case: Row, now: int) -> Row:
    decided = min(case["opened_at"] + round(rng.expovariate(1 / 9) * HOUR), now - 60 * SECOND)
    shown = decided - round(rng.lognormvariate(4, 0.6) * SECOND)
    outcome = "confirm" if rng.random() < CONFIRMED else "reject"
    person = rng.choice(REVIEWERS)
    is_blind = case["lane"] == "random_audit" or rng.random() < 0.1
    row = {
        **model.decision,
        **{name: case[name] for name in ("case_id", "account_id", "lane", "score")},
        "decision_id": str(uuid7()),
        "person_id": person,
        "outcome": outcome,
        "reason": model.decision["reason"] if outcome == "confirm" else "NOT_INAUTHENTIC",
        "decided_at": decided,
        "shown_at": shown,
        "undo_until": decided + 30 * SECOND,
        "step": 1 + (rng.random() < 0.2),
        "is_blind": is_blind,
        "explanation_shown": rng.random() < 0.9,
    }
    of_case = {"case_id": case["case_id"], "fence": 1}
    writer.add(fences, of_case)
    writer.add(leases, {**of_case, "person_id": person, "taken_at": shown, "expires_at": decided, "draft": ""})
    writer.add(decisions, row)
    taken = {} if outcome == "confirm" else dict.fromkeys(("removed_likes", "removed_follows", "removed_comments"), 0)
    writer.add(decision_engagements, {**model.engagements, **taken, "decision_id": row["decision_id"]})
    if rng.random() < LOOKED_AT:
        word = "second_review_agreed" if rng.random() < 0.92 else "second_review_disagreed"
        writer.add(decision_events, _event(row, word, rng, decided + DAY))
    if rng.random() < KNOWN:
        told = {"outcome": outcome, "policy_version": row["policy_version"], "valid_until": now + 90 * DAY}
        writer.add(known_answers, {"case_id": row["case_id"], **told, "created_at": decided + DAY})
    if outcome == "confirm":
        _enforced(writer, model, rng, row)
    return row


def _enforced(writer: Writer, model: Templates, rng: random.Random, decision: Row) -> None:
    """Add what a confirmation asked of the platform, what the owner was told, and now and then their complaint."""
    decided = decision["decided_at"]
    of_decision = {name: decision[name] for name in ("decision_id", "case_id", "account_id")}
    for action, waiting in model.actions:
        own = {"action_id": str(uuid7())}
        done = decided + round(rng.uniform(1, 90) * 60 * SECOND)
        is_dead = rng.random() < 0.001
        state = {"state": "dead"} if is_dead else {"state": "delivered", "finished_at": done}
        writer.add(actions, {**action, **of_decision, **own, "created_at": decided})
        told = {"not_before": decided, "attempts": 1, "updated_at": done}
        writer.add(outbox, {**waiting, "finished_at": None, **told, **own, **state})
    about = {"decision_id": decision["decision_id"], "created_at": decided}
    owner = {"notice_id": str(uuid7()), "account_id": decision["account_id"]}
    writer.add(notices, {**model.notice, **about, **owner})
    writer.add(statements, {**model.statement, **about, "puid": decision["decision_id"]})
    if rng.random() < APPEALED:
        _appealed(writer, rng, decision, of_decision)


def _appealed(writer: Writer, rng: random.Random, decision: Row, of_decision: Row) -> None:
    appeal_id, filed = str(uuid7()), decision["decided_at"] + DAY
    told = {"appeal_id": appeal_id, "channel": "page", "external_id": None, "text": "It was me.", "filed_at": filed}
    writer.add(appeals, {**of_decision, **told})
    if rng.random() < 0.9:
        is_lost = rng.random() < OVERTURNED
        ruled = {"person_id": "demo-sena", "outcome": "overturned" if is_lost else "upheld", "grounds": "Looked again."}
        writer.add(appeal_outcomes, {"appeal_id": appeal_id, **ruled, "decided_at": filed + DAY})
        if is_lost:
            writer.add(decision_events, _event(decision, "overturned", rng, filed + DAY))


def _event(decision: Row, word: str, rng: random.Random, at: int) -> Row:
    told = {"event_id": str(uuid7()), "decision_id": decision["decision_id"], "event": word}
    return {**told, "person_id": rng.choice(REVIEWERS), "at": at, "detail": "{}"}


def _chain(connection: Connection, decided: Iterable[Row]) -> None:
    """Append two rows a decision to the audit chain: the case taken, and decided."""
    last, key = head(connection), key_of(connection)
    seq, before, rows = last.seq, last.hash or FIRST, []
    for told in _told(decided):
        seq += 1
        # The chain never goes back in time, whatever was done before it grew.
        row = {**told, "seq": seq, "at": last.at, "prev_hash": before}
        before = row_hash(row, key)
        rows.append({**row, "hash": before})
    if rows:
        connection.execute(insert(audit), rows)


def _told(decided: Iterable[Row]) -> Iterator[Mapping[str, Any]]:
    nothing = {"session_id": "", "on_behalf_of": "", "before": "", "explanation_hash": "", "case_version": 1}
    for row in decided:
        who = {"actor_id": row["person_id"], "actor_role": "reviewer", "subject": row["case_id"], "fence": 1}
        common = {**nothing, **who, "model_hash": row["model_hash"], "policy_version": row["policy_version"]}
        yield {**common, "verb": "TakeCase", "after": canonical({"facts": {}}), "reason_code": ""}
        facts = {"facts": {"decision_id": row["decision_id"], "outcome": row["outcome"]}}
        yield {**common, "verb": "Decide", "after": canonical(facts), "reason_code": row["reason"]}
