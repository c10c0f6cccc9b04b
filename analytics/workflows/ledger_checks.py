"""What must hold in every ledger, whatever happened to it; each broken rule is one sentence that names a row."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, and_, exists, or_, select, text

from data.audit_chain import parsed
from data.platform.contract import body_hash
from data.records import ActionKind, ActionState, CaseState, Kind, Outcome
from data.tables import (
    actions,
    appeal_outcomes,
    appeals,
    audit,
    cases,
    commands,
    decision_engagements,
    decision_events,
    decisions,
    leases,
    outbox,
)

REFUSED = ".refused"
_ON_THE_WAY = (ActionState.QUEUED, ActionState.IN_FLIGHT)


@dataclass(slots=True)
class CommandsSeen:
    """The commands that the audit chain speaks of, gathered while it is walked."""

    told: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)

    def visit(self, row: Row[Any]) -> None:
        if row.verb.endswith(REFUSED) or not row.after:
            return
        try:
            command = parsed(row.after).get("command")
        except ValueError:
            return
        if command is None:
            return
        if command["key"] in self.told:
            self.twice.append(command["key"])
        self.told[command["key"]] = (row.actor_id, row.verb, command["body"])

    def faults(self, connection: Connection) -> Iterator[str]:
        """Compare with the commands that were executed: each has one audit row, and each such row a command."""
        query = select(commands.c.idempotency_key, commands.c.person_id, commands.c.name, commands.c.body_hash)
        done = {row.idempotency_key: (row.person_id, row.name, row.body_hash) for row in connection.execute(query)}
        for key in self.twice:
            yield f"Command {key} has two audit rows."
        for key in sorted(done.keys() - self.told.keys()):
            yield f"Command {key} ({done[key][1]}) has no audit row."
        for key in sorted(self.told.keys() - done.keys()):
            yield f"Command {key} ({self.told[key][1]}) is audited but was never executed."
        for key in sorted(done.keys() & self.told.keys()):
            if done[key] != self.told[key]:
                yield f"Command {key} is not the one that was audited."


def ledger_faults(connection: Connection) -> Iterator[str]:
    """Check every rule over the tables."""
    yield from _storage(connection)
    yield from _actions_without_ground(connection)
    yield from _actions_without_trace(connection)
    yield from _undone_but_leaving(connection)
    yield from _bodies(connection)
    yield from _engagements(connection)
    yield from _cases(connection)


def _storage(connection: Connection) -> Iterator[str]:
    """Ask SQLite whether its file is whole, and whether every row still belongs to one that exists."""
    if connection.dialect.name != "sqlite":
        return
    for (told,) in connection.execute(text("pragma integrity_check(5)")):
        if told != "ok":
            yield f"The ledger file is damaged: {told}."
    for row in connection.execute(text("pragma foreign_key_check")):
        yield f"A row of {row[0]} belongs to a row of {row[2]} that is gone."


def _actions_without_ground(connection: Connection) -> Iterator[str]:
    overturned = or_(
        exists().where(
            decision_events.c.decision_id == actions.c.decision_id,
            decision_events.c.event.in_(("overturned", "undone")),
        ),
        exists().where(
            appeals.c.decision_id == actions.c.decision_id,
            appeals.c.appeal_id == appeal_outcomes.c.appeal_id,
            appeal_outcomes.c.outcome == "overturned",
        ),
    )
    restricts = and_(actions.c.reverses.is_(None), decisions.c.outcome != Outcome.CONFIRM)
    gives_back = and_(actions.c.reverses.is_not(None), ~overturned)
    query = select(actions.c.action_id, actions.c.kind).join(decisions).where(or_(restricts, gives_back))
    for row in connection.execute(query.order_by(actions.c.action_id)):
        yield f"Action {row.action_id} ({row.kind}) has neither a confirming decision nor an overturned appeal."


def _actions_without_trace(connection: Connection) -> Iterator[str]:
    unsent = select(actions.c.action_id).outerjoin(outbox).where(outbox.c.action_id.is_(None))
    for action_id in connection.scalars(unsent.order_by(actions.c.action_id)):
        yield f"Action {action_id} has no place in the outbox."
    subjects = (decisions.c.decision_id, decisions.c.case_id, decisions.c.bulk_id)
    named = or_(*(exists().where(audit.c.subject == subject) for subject in subjects))
    for decision_id in connection.scalars(select(decisions.c.decision_id).where(~named)):
        yield f"Decision {decision_id} is not in the audit chain."


def _undone_but_leaving(connection: Connection) -> Iterator[str]:
    query = (
        select(actions.c.action_id)
        .join(outbox)
        .join(decision_events, decision_events.c.decision_id == actions.c.decision_id)
        .where(decision_events.c.event == "undone", actions.c.reverses.is_(None), outbox.c.state.in_(_ON_THE_WAY))
    )
    for action_id in connection.scalars(query):
        yield f"Action {action_id} is on its way although its decision was undone."


def _bodies(connection: Connection) -> Iterator[str]:
    query = select(actions.c.action_id, actions.c.body, actions.c.body_hash).execution_options(yield_per=500)
    for row in connection.execute(query):
        if body_hash(row.body) != row.body_hash:
            yield f"The request of action {row.action_id} is not the one that was decided."


def _engagements(connection: Connection) -> Iterator[str]:
    """Compare what was chosen with what the platform is asked to remove, id by id in number."""
    asked: Counter[str] = Counter()
    removals = select(actions.c.decision_id, actions.c.body).where(
        actions.c.kind == ActionKind.REMOVE_ENGAGEMENTS, actions.c.reverses.is_(None)
    )
    for row in connection.execute(removals.execution_options(yield_per=500)):
        asked[row.decision_id] += len(json.loads(row.body).get("engagement_ids", ()))
    query = select(decision_engagements).execution_options(yield_per=200)
    for row in connection.execute(query):
        told = {Kind.LIKE: row.removed_likes, Kind.FOLLOW: row.removed_follows, Kind.COMMENT: row.removed_comments}
        chosen = _chosen(row.engagements)
        if sum(chosen.values()) != asked[row.decision_id]:
            yield (
                f"Decision {row.decision_id} chose {sum(chosen.values()):,} engagements, "
                f"its actions name {asked[row.decision_id]:,}."
            )
        if any(chosen.get(kind, 0) != count for kind, count in told.items()):
            yield f"The counts of decision {row.decision_id} are not those of its rows."


def _chosen(parquet: bytes) -> dict[str, int]:
    rows = pl.read_parquet(io.BytesIO(parquet), columns=["kind", "is_removed"])
    return dict(rows.filter("is_removed").group_by("kind").len().iter_rows())


def _cases(connection: Connection) -> Iterator[str]:
    has_lease = exists().where(leases.c.case_id == cases.c.case_id)
    has_decision = exists().where(decisions.c.case_id == cases.c.case_id)
    broken = {
        "is in no known state": cases.c.state.not_in([state.value for state in CaseState]),
        "is leased to nobody": and_(cases.c.state == CaseState.LEASED, ~has_lease),
        "is decided by nobody": and_(cases.c.state == CaseState.DECIDED, ~has_decision),
    }
    for told, condition in broken.items():
        for case_id in connection.scalars(select(cases.c.case_id).where(condition).order_by(cases.c.case_id)):
            yield f"Case {case_id} {told}."
