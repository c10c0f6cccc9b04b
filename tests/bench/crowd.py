"""A crowd for a prepared home: as many reviewers as asked for, and enough open cases for all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, func, insert, select

from analytics.workflows.people import People
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.records import CaseState, Role
from data.tables import case_files, cases, handles, people

# Cases that the copies are made of.
TEMPLATES = 40
A_BIT = 0.001


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


def multiply(home: Path, count: int) -> None:
    """Open so many more cases, first in line: copies of those with something to remove, each for its own account.

    Copies made earlier come after them, so that none of those that came back for a second look is met instead.
    """
    ledger = Ledger.open(Home(home))
    with ledger.write() as connection:
        found = connection.execute(_with_something_to_remove().limit(TEMPLATES)).mappings().all()
        assert found, "no open case has three engagements to remove"
        highest = connection.scalar(select(func.max(cases.c.number))) or 0
        first = (connection.scalar(select(func.max(cases.c.priority))) or 1.0) + A_BIT
        for number in range(1, count + 1):
            _copy(connection, dict(found[number % len(found)]) | {"priority": first}, highest + number)
    ledger.close()


def _with_something_to_remove() -> Select[Any]:
    proposed = cases.c.proposed_likes + cases.c.proposed_follows + cases.c.proposed_comments
    is_open = (cases.c.state == CaseState.OPEN) & (cases.c.lane == "queue") & ~cases.c.is_blind
    return select(cases).where(is_open & (proposed >= 3)).order_by(cases.c.number)


def _copy(connection: Connection, case: dict[str, Any], number: int) -> None:
    """Copy a case with its file and a handle."""
    file = dict(connection.execute(select(case_files).where(case_files.c.case_id == case["case_id"])).mappings().one())
    own = {"case_id": f"copy-{uuid4().hex}", "account_id": f"{case['account_id']}-copy-{number}"}
    connection.execute(insert(cases).values(case | own | {"number": number}))
    connection.execute(insert(case_files).values(file | {"case_id": own["case_id"]}))
    name = {"account_id": own["account_id"], "handle": f"copy {number}", "updated_at": case["opened_at"]}
    connection.execute(insert(handles).values(name))
