"""What the ledger says about a case, counted from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from data.home import Home
from data.ledger import Ledger
from data.tables import actions, audit, cases, decision_events, decisions, leases, notices, outbox, statements


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows about one case; `actions` counts by kind and chunk, so that a second set would show."""

    state: str
    decisions: int
    undone: int
    actions: dict[str, int]
    outbox: int
    notices: int
    statements: int
    audited: int
    lease: str | None

    @property
    def is_whole(self) -> bool:
        """Whether one confirmation is there with everything that belongs to it, once."""
        sets = [count for kind, count in self.actions.items() if kind != "remove_engagements"]
        return (
            self.decisions == self.notices == self.statements == self.audited == 1
            and self.outbox == sum(self.actions.values()) > 0
            and self.actions.get("remove_engagements", 0) >= 1
            and sets == [1] * len(sets)
            and self.state == "decided"
            and self.lease is None
        )

    @property
    def is_consistent(self) -> bool:
        """Whether the one decision, confirmed or rejected, has what belongs to it and no more."""
        return self.is_whole or (self.decisions == self.audited == 1 and not self.actions and not self.outbox)

    @property
    def is_absent(self) -> bool:
        """Whether nothing at all was written about a decision."""
        return not (self.decisions or self.actions or self.outbox or self.notices or self.statements or self.audited)


@contextmanager
def reading(home: Path) -> Iterator[Connection]:
    ledger = Ledger.open(Home(home))
    try:
        with ledger.read() as connection:
            yield connection
    finally:
        ledger.close()


def facts(home: Path, case_id: str) -> Facts:
    with reading(home) as connection:
        return _facts(connection, case_id)


def _facts(connection: Connection, case_id: str) -> Facts:
    made = connection.execute(select(decisions.c.decision_id).where(decisions.c.case_id == case_id)).scalars().all()
    kinds = connection.execute(select(actions.c.kind, actions.c.action_id).where(actions.c.decision_id.in_(made))).all()

    def count(table: Any, where: Any) -> int:
        return connection.scalar(select(func.count()).select_from(table).where(where)) or 0

    return Facts(
        state=connection.scalar(select(cases.c.state).where(cases.c.case_id == case_id)) or "",
        decisions=len(made),
        undone=count(decision_events, decision_events.c.decision_id.in_(made) & (decision_events.c.event == "undone")),
        actions=dict(Counter(kind for kind, _ in kinds)),
        outbox=count(outbox, outbox.c.action_id.in_([one for _, one in kinds])),
        notices=count(notices, notices.c.decision_id.in_(made)),
        statements=count(statements, statements.c.decision_id.in_(made)),
        audited=count(audit, (audit.c.verb == "Decide") & audit.c.subject.in_([case_id, *made])),
        lease=connection.scalar(select(leases.c.person_id).where(leases.c.case_id == case_id)),
    )


def case_of_number(home: Path, number: int) -> tuple[str, str]:
    """Return the id and the account of the case with this number."""
    with reading(home) as connection:
        row = connection.execute(select(cases.c.case_id, cases.c.account_id).where(cases.c.number == number)).one()
    return row.case_id, row.account_id


def leased_by(home: Path, person_id: str) -> list[str]:
    with reading(home) as connection:
        return list(connection.scalars(select(leases.c.case_id).where(leases.c.person_id == person_id)))


def person_cases(home: Path, person_ids: list[str]) -> list[str]:
    """List the cases that these people decided, one entry per decision."""
    with reading(home) as connection:
        return list(connection.scalars(select(decisions.c.case_id).where(decisions.c.person_id.in_(person_ids))))
