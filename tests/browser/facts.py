"""What the ledger says about a case, counted from outside."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select, update

from analytics.workspace import Workspace
from data.home import Home
from data.ledger import Ledger
from data.records import Band
from data.tables import (
    actions,
    audit,
    case_files,
    cases,
    decision_engagements,
    decision_events,
    decisions,
    handles,
    leases,
    notices,
    outbox,
    people,
    statements,
)


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
    # how often it came back for a second look, and how often somebody had that look
    opened_again: int = 0
    looked_again: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether one confirmation is there with everything that belongs to it, once."""
        sets = [count for kind, count in self.actions.items() if kind != "remove_engagements"]
        return (
            self._is_decided_once
            and self.notices == self.statements == 1
            and self.outbox == sum(self.actions.values()) > 0
            and self.actions.get("remove_engagements", 0) >= 1
            and sets == [1] * len(sets)
        )

    @property
    def is_consistent(self) -> bool:
        """Whether the one decision, confirmed or rejected, has what belongs to it and no more."""
        return self.is_whole or (self._is_decided_once and not self.actions and not self.outbox)

    @property
    def _is_decided_once(self) -> bool:
        """The case is done, for good once nobody can undo it, unless it came back for a second look."""
        is_done = self.state in ("decided", "closed") or self.opened_again == 1
        return is_done and self.decisions == 1 and self.audited == 1 + self.looked_again

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
    events = Counter(connection.scalars(select(decision_events.c.event).where(decision_events.c.decision_id.in_(made))))
    kinds = connection.execute(select(actions.c.kind, actions.c.action_id).where(actions.c.decision_id.in_(made))).all()

    def count(table: Any, where: Any) -> int:
        return connection.scalar(select(func.count()).select_from(table).where(where)) or 0

    return Facts(
        state=connection.scalar(select(cases.c.state).where(cases.c.case_id == case_id)) or "",
        decisions=len(made),
        undone=events["undone"],
        actions=dict(Counter(kind for kind, _ in kinds)),
        outbox=count(outbox, outbox.c.action_id.in_([one for _, one in kinds])),
        notices=count(notices, notices.c.decision_id.in_(made)),
        statements=count(statements, statements.c.decision_id.in_(made)),
        audited=count(audit, (audit.c.verb == "Decide") & audit.c.subject.in_([case_id, *made])),
        opened_again=events["second_review_opened"],
        looked_again=events["second_review_agreed"] + events["second_review_disagreed"],
    )


def case_of_number(home: Path, number: int) -> tuple[str, str]:
    """Return the id and the account of the case with this number."""
    with reading(home) as connection:
        row = connection.execute(select(cases.c.case_id, cases.c.account_id).where(cases.c.number == number)).one()
    return row.case_id, row.account_id


def lane_of(home: Path, number: int) -> str:
    with reading(home) as connection:
        return str(connection.scalar(select(cases.c.lane).where(cases.c.number == number)))


def account_of(home: Path, number: int) -> str:
    return case_of_number(home, number)[1]


def decision_of(home: Path, case_id: str) -> str:
    with reading(home) as connection:
        return str(connection.scalar(select(decisions.c.decision_id).where(decisions.c.case_id == case_id)))


def note_of(home: Path, number: int) -> str | None:
    case_id, _ = case_of_number(home, number)
    with reading(home) as connection:
        return connection.scalar(select(decisions.c.note).where(decisions.c.case_id == case_id))


def proposed_of(home: Path, case_id: str) -> set[str]:
    """Return the engagements that the machine proposes to remove."""
    with reading(home) as connection:
        blob = connection.scalar(select(case_files.c.engagements).where(case_files.c.case_id == case_id))
    rows = pl.read_parquet(io.BytesIO(blob or b""))
    return set(rows.filter(pl.col("band") == int(Band.REMOVE))["engagement_id"])


def removed_of(home: Path, case_id: str) -> set[str]:
    """Return the engagements that the reviewer chose."""
    of_case = decision_engagements.join(decisions)
    with reading(home) as connection:
        query = select(decision_engagements.c.engagements).select_from(of_case)
        blob = connection.scalar(query.where(decisions.c.case_id == case_id))
    return set(pl.read_parquet(io.BytesIO(blob or b"")).filter("is_removed")["engagement_id"])


def waiting_cases(home: Path, handle: str = "") -> list[str]:
    """List open cases, the most urgent first; of accounts with this handle when one is given."""
    named = select(cases.c.case_id).outerjoin(handles, handles.c.account_id == cases.c.account_id)
    is_open = (cases.c.state == "open") & (cases.c.lane == "queue")
    wanted = named.where(is_open & (handles.c.handle == handle) if handle else is_open)
    with reading(home) as connection:
        return list(connection.scalars(wanted.order_by(cases.c.priority.desc())))


def waiting_accounts(home: Path) -> list[str]:
    """List the accounts of open cases."""
    with reading(home) as connection:
        return list(connection.scalars(select(cases.c.account_id).where(cases.c.state == "open")))


def proposed_cases(home: Path) -> list[str]:
    """List the accounts whose cases an analyst proposed."""
    with reading(home) as connection:
        return list(connection.scalars(select(cases.c.account_id).where(cases.c.state == "proposed")))


def leased_by(home: Path, person_id: str) -> list[str]:
    with reading(home) as connection:
        held = select(leases.c.case_id).join(cases, cases.c.case_id == leases.c.case_id)
        return list(connection.scalars(held.where((leases.c.person_id == person_id) & (cases.c.state == "leased"))))


def draft_of(home: Path, person_id: str) -> str:
    """What is kept of the unfinished work of this person, on whatever cases they hold or held."""
    with reading(home) as connection:
        return " ".join(connection.scalars(select(leases.c.draft).where(leases.c.person_id == person_id)))


def person_cases(home: Path, person_ids: list[str]) -> list[str]:
    """List the cases that these people decided, one entry per decision."""
    with reading(home) as connection:
        return list(connection.scalars(select(decisions.c.case_id).where(decisions.c.person_id.in_(person_ids))))


def audited(home: Path, person_id: str) -> list[tuple[str, str]]:
    """List what this person did or was refused, oldest first: verb and reason."""
    query = select(audit.c.verb, audit.c.reason_code).where(audit.c.actor_id == person_id).order_by(audit.c.seq)
    with reading(home) as connection:
        return [tuple(row) for row in connection.execute(query)]


def with_roles(home: Path, person_id: str, roles: str) -> None:
    """Give a person other roles behind the back of every open page."""
    ledger = Ledger.open(Home(home))
    with ledger.write() as connection:
        connection.execute(update(people).where(people.c.person_id == person_id).values(roles=roles))
    ledger.close()


def hand_over(home: Path, person_id: str, case_id: str) -> None:
    """Give this person this case, as if they had opened it in another tab."""
    workspace = Workspace.open(home)
    token = workspace.people.sign_in_demo(person_id).token
    workspace.desk.release(token)
    workspace.desk.take(token, case_id)
    workspace.people.sign_out(token)
    workspace.ledger.close()
