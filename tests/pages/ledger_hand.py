"""What a test of the desk sets up or reads in the ledger itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Table, func, insert, select, update

from analytics.workflows.scheduled_reports import freeze_last_month
from analytics.workspace import Workspace
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.records import CaseState
from data.tables import actions, audit, cases, decisions, leases, outbox
from tests.bench.crowd import multiply
from tests.browser.facts import reading

SECOND = 1_000_000


def now_us() -> int:
    return time.time_ns() // 1_000


def change(home: Path, table: Table, values: dict[str, Any], where: Any) -> None:
    ledger = Ledger.open(Home(home))
    try:
        with ledger.write() as connection:
            connection.execute(update(table).where(where).values(**values))
    finally:
        ledger.close()


def make_next(home: Path, person_id: str, *, is_blind: bool) -> str:
    """Put back what the person holds, and open a fresh case with rows to remove, the most urgent of all."""
    held = select(leases.c.case_id).where(leases.c.person_id == person_id, leases.c.expires_at > now_us())
    change(home, cases, {"state": CaseState.OPEN.value}, cases.c.case_id.in_(held) & (cases.c.state == "leased"))
    change(home, leases, {"expires_at": now_us() - 1}, leases.c.person_id == person_id)
    multiply(home, 1)
    with reading(home) as connection:
        found = connection.scalar(select(cases.c.case_id).order_by(cases.c.number.desc()).limit(1))
        top = connection.scalar(select(func.max(cases.c.priority)))
    assert found is not None
    assert top is not None
    change(home, cases, {"priority": top + 1, "is_blind": is_blind}, cases.c.case_id == found)
    return str(found)


def draw_unsuspected(home: Path) -> None:
    """Make a waiting case of the random audit for which nothing is proposed the most urgent; some are suspected too."""
    is_plain = cases.c.proposed_likes + cases.c.proposed_follows + cases.c.proposed_comments == 0
    waits = (cases.c.state == CaseState.OPEN.value) & (cases.c.lane == "random_audit")
    with reading(home) as connection:
        found = connection.scalar(select(cases.c.case_id).where(is_plain, waits).limit(1))
        top = connection.scalar(select(func.max(cases.c.priority)))
    assert found is not None
    assert top is not None
    change(home, cases, {"priority": top + 1}, cases.c.case_id == found)


def case_of(home: Path, case_id: str) -> Row[Any]:
    with reading(home) as connection:
        return connection.execute(select(cases).where(cases.c.case_id == case_id)).one()


def lease_until(home: Path, case_id: str) -> int:
    with reading(home) as connection:
        return int(connection.scalar(select(leases.c.expires_at).where(leases.c.case_id == case_id)) or 0)


def shorten_lease(home: Path, case_id: str, *, seconds: int) -> None:
    change(home, leases, {"expires_at": now_us() + seconds * SECOND}, leases.c.case_id == case_id)


def reset_waits(home: Path, case_id: str) -> dict[str, int]:
    """How many seconds after the decision each kind of action may leave at the earliest."""
    query = (
        select(actions.c.kind, outbox.c.not_before - decisions.c.decided_at)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .join(decisions, decisions.c.decision_id == actions.c.decision_id)
        .where(decisions.c.case_id == case_id)
    )
    with reading(home) as connection:
        return {kind: wait // SECOND for kind, wait in connection.execute(query)}


def audit_rows(home: Path) -> int:
    with reading(home) as connection:
        return int(connection.scalar(select(func.count()).select_from(audit)) or 0)


def decide_last_month(home: Path) -> None:
    """Copy a decision into the middle of the month before this one, so that the month can be published."""
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ledger = Ledger.open(Home(home))
    try:
        with ledger.write() as connection:
            row = connection.execute(select(decisions).limit(1)).mappings().one()
            at = micros(first - timedelta(days=15))
            connection.execute(insert(decisions).values(**{**row, "decision_id": uuid4().hex, "decided_at": at}))
    finally:
        ledger.close()


def freeze_reports(home: Path) -> None:
    """Freeze last month as the worker does, which looks once an hour; never a second time beside it."""
    workspace = Workspace.open(home)
    freeze_last_month(workspace.ledger, workspace.reports, datetime.now(UTC))
    workspace.ledger.close()
