"""What the ledger holds about one account: cases, decisions, actions, notices, appeals, notes, look-ups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, and_, select

from analytics.workflows.queue import KNOWN_ANSWER
from data.tables import (
    account_notes,
    actions,
    appeal_outcomes,
    appeals,
    cases,
    decision_engagements,
    decision_events,
    decisions,
    lookups,
    notices,
    outbox,
    people,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Frames, newest first; times are microseconds."""

    cases: pl.DataFrame
    decisions: pl.DataFrame
    actions: pl.DataFrame
    notices: pl.DataFrame
    appeals: pl.DataFrame
    notes: pl.DataFrame
    lookups: pl.DataFrame


def read_history(connection: Connection, account_id: str) -> History:
    """Read everything about one account."""
    return History(
        cases=_rows(connection, _cases(account_id)),
        decisions=_rows(connection, _decisions(account_id)),
        actions=_rows(connection, _actions(account_id)),
        notices=_rows(connection, _notices(account_id)),
        appeals=_rows(connection, _appeals(account_id)),
        notes=_rows(connection, _said(account_notes, account_id, "text")),
        lookups=_rows(connection, _said(lookups, account_id, "reason")),
    )


def _cases(account_id: str) -> Select[Any]:
    named = ("case_id", "number", "state", "lane", "score", "service_id", "group_id", "opened_at", "updated_at")
    query = select(*(cases.c[name] for name in named)).where(cases.c.account_id == account_id)
    return query.order_by(cases.c.opened_at.desc())


def _decisions(account_id: str) -> Select[Any]:
    """Ask for what was decided about the account; a known answer is about the person who gave it."""
    named = ("decision_id", "case_id", "person_id", "outcome", "reason", "decided_at", "step", "is_partial", "lane")
    undone, over = decision_events.alias("undone"), decision_events.alias("overturned")
    taken = decision_engagements
    return (
        select(
            *(decisions.c[name] for name in named),
            taken.c.removed_likes,
            taken.c.removed_follows,
            taken.c.removed_comments,
            undone.c.at.label("undone_at"),
            over.c.at.label("overturned_at"),
        )
        .outerjoin(taken, taken.c.decision_id == decisions.c.decision_id)
        .outerjoin(undone, and_(undone.c.decision_id == decisions.c.decision_id, undone.c.event == "undone"))
        .outerjoin(over, and_(over.c.decision_id == decisions.c.decision_id, over.c.event == "overturned"))
        .where(decisions.c.account_id == account_id, decisions.c.lane != KNOWN_ANSWER)
        .order_by(decisions.c.decided_at.desc())
    )


def _actions(account_id: str) -> Select[Any]:
    named = ("action_id", "decision_id", "kind", "engagements", "created_at", "ends_at")
    return (
        select(*(actions.c[name] for name in named), outbox.c.state, outbox.c.finished_at)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .where(actions.c.account_id == account_id)
        .order_by(actions.c.created_at.desc(), actions.c.position)
    )


def _notices(account_id: str) -> Select[Any]:
    named = ("notice_id", "decision_id", "template", "language", "title", "body", "appeal_until", "created_at")
    query = select(*(notices.c[name] for name in named)).where(notices.c.account_id == account_id)
    return query.order_by(notices.c.created_at.desc())


def _appeals(account_id: str) -> Select[Any]:
    named = ("appeal_id", "decision_id", "channel", "filed_at")
    ruled = appeal_outcomes
    return (
        select(*(appeals.c[name] for name in named), ruled.c.outcome, ruled.c.decided_at, ruled.c.grounds)
        .outerjoin(ruled, ruled.c.appeal_id == appeals.c.appeal_id)
        .where(appeals.c.account_id == account_id)
        .order_by(appeals.c.filed_at.desc())
    )


def _said(table: Any, account_id: str, words: str) -> Select[Any]:
    return (
        select(table.c.at, people.c.name.label("person"), table.c[words].label("text"))
        .join(people, people.c.person_id == table.c.person_id)
        .where(table.c.account_id == account_id)
        .order_by(table.c.at.desc())
    )


def _rows(connection: Connection, query: Select[Any]) -> pl.DataFrame:
    """Read a result whose columns may all be empty: texts and numbers keep their kind by the column's own type."""
    found: Sequence[Any] = connection.execute(query).all()
    names = [column.name for column in query.selected_columns]
    kinds = {column.name: _KINDS.get(column.type.python_type, pl.String) for column in query.selected_columns}
    return pl.DataFrame([tuple(row) for row in found], schema={name: kinds[name] for name in names}, orient="row")


_KINDS: dict[type, Any] = {int: pl.Int64, float: pl.Float64, bool: pl.Boolean, str: pl.String}
