"""A crowd for a prepared home: as many reviewers as asked for, and enough open cases for all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select

from analytics.workflows.deliver import micros
from analytics.workflows.people import People
from data.home import Home
from data.ledger import Ledger
from data.records import CaseState, Role
from data.tables import case_files, cases, handles, people


def hire(home: Path, count: int) -> dict[str, str]:
    """Add reviewers and sign them in; returns the session of each by person."""
    ledger, now = Ledger.open(Home(home)), datetime.now(UTC)
    names = [f"load-{uuid4().hex[:12]}" for _ in range(count)]
    with ledger.write() as connection:
        for name in names:
            row = {"person_id": name, "name": name.title(), "roles": Role.REVIEWER.value, "is_demo": True}
            connection.execute(insert(people).values(row | {"created_at": micros(now)}))
    staff = People(ledger, lambda: datetime.now(UTC))
    tokens = {name: staff.sign_in_demo(name).token for name in names}
    ledger.close()
    return tokens


def multiply(home: Path, wanted: int) -> int:
    """Copy open cases, each for an account of its own, until so many wait; returns how many wait."""
    ledger = Ledger.open(Home(home))
    with ledger.write() as connection:
        waiting = connection.scalar(select(func.count()).where(cases.c.state == CaseState.OPEN)) or 0
        for number in range(max(0, wanted - waiting)):
            _copy(connection, number)
        found = connection.scalar(select(func.count()).where(cases.c.state == CaseState.OPEN)) or 0
    ledger.close()
    return found


def _copy(connection: Connection, number: int) -> None:
    """Copy one of the first open cases with its file and its handle."""
    first = select(cases).where(cases.c.state == CaseState.OPEN).order_by(cases.c.number).limit(1).offset(number % 40)
    case = dict(connection.execute(first).mappings().one())
    file = dict(connection.execute(select(case_files).where(case_files.c.case_id == case["case_id"])).mappings().one())
    highest = connection.scalar(select(func.max(cases.c.number))) or 0
    own = {"case_id": f"copy-{uuid4().hex}", "account_id": f"{case['account_id']}-copy-{number}"}
    connection.execute(insert(cases).values(case | own | {"number": highest + 1}))
    connection.execute(insert(case_files).values(file | {"case_id": own["case_id"]}))
    name = {"account_id": own["account_id"], "handle": f"copy {number}", "updated_at": case["opened_at"]}
    connection.execute(insert(handles).values(name))
