"""A ledger with one case, taken whole out of a prepared one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, func, insert, select

from analytics.workflows.people import add_demo_people
from data.home import Home
from data.records import CaseState
from data.tables import (
    actions,
    case_files,
    cases,
    decision_engagements,
    decisions,
    fences,
    handles,
    leases,
    notices,
    outbox,
    statements,
)
from tests.browser.facts import reading
from tests.ledger_fixtures import new_ledger

OF_CASE = (case_files, fences, leases, decisions, actions)
OF_DECISION = (decision_engagements, notices, statements)


def keep_one_case(prepared: Path, folder: Path, *, is_decided: bool) -> None:
    """Begin a ledger in the folder with a single case of the prepared home, and all that hangs on it."""
    ledger = new_ledger(Home(folder))
    add_demo_people(ledger, now=datetime.now(UTC))
    with reading(prepared) as there, ledger.write() as here:
        case = there.execute(_confirmed() if is_decided else _waiting()).mappings().one()
        here.execute(insert(cases).values(**case))
        _copy(there, here, handles, handles.c.account_id == case["account_id"])
        for table in OF_CASE:
            _copy(there, here, table, table.c.case_id == case["case_id"])
        mine = select(decisions.c.decision_id).where(decisions.c.case_id == case["case_id"])
        for table in OF_DECISION:
            _copy(there, here, table, table.c.decision_id.in_(mine))
        asked = select(actions.c.action_id).where(actions.c.case_id == case["case_id"])
        _copy(there, here, outbox, outbox.c.action_id.in_(asked))
        count = here.scalar(select(func.count()).select_from(cases))
    ledger.close()
    assert count == 1


def _confirmed() -> Select[Any]:
    return select(cases).join(decisions).where(decisions.c.outcome == "confirm").order_by(cases.c.number).limit(1)


def _waiting() -> Select[Any]:
    return select(cases).where(cases.c.state == CaseState.OPEN.value).order_by(cases.c.number).limit(1)


def _copy(there: Connection, here: Connection, table: Table, where: Any) -> None:
    rows = [dict(row) for row in there.execute(select(table).where(where)).mappings()]
    if rows:
        here.execute(insert(table), rows)
