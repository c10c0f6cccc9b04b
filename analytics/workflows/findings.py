"""What was found about accounts before, read from the ledger: the strikes of each, and the engagements ruled on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from analytics.casework.freezing import opened
from analytics.casework.ladder import MEASURING_LANES, Finding
from data.moments import of_micros
from data.records import Outcome
from data.tables import decision_engagements, decision_events, decisions

# Well below what SQLite binds in one statement.
_MANY = 500
VERDICTS = (Outcome.CONFIRM, Outcome.REJECT)


def _findings() -> Select[Any]:  # Any: rows of several tables
    undone, over = decision_events.alias("undone"), decision_events.alias("overturned")
    named = [decisions.c[name] for name in ("decision_id", "account_id", "outcome", "decided_at", "lane")]
    return select(*named, undone.c.event_id.label("undone"), over.c.event_id.label("overturned")).select_from(
        decisions.outerjoin(
            undone, and_(undone.c.decision_id == decisions.c.decision_id, undone.c.event == "undone")
        ).outerjoin(over, and_(over.c.decision_id == decisions.c.decision_id, over.c.event == "overturned"))
    )


# Written once: the desk asks several times for each case, and to write it takes longer than to answer it.
_FINDINGS = _findings()


def findings_of(connection: Connection, accounts: Iterable[str]) -> dict[str, list[Finding]]:
    """Return every decision about these accounts, with what became of it."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for part in parts(sorted(set(accounts))):
        for row in connection.execute(_FINDINGS.where(decisions.c.account_id.in_(part))):
            found[row.account_id].append(
                Finding(
                    decision_id=row.decision_id,
                    outcome=Outcome(row.outcome),
                    decided_at=of_micros(row.decided_at),
                    lane=row.lane,
                    is_undone=row.undone is not None,
                    is_overturned=row.overturned is not None,
                )
            )
    return found


def ruled_on(connection: Connection, account_id: str) -> tuple[frozenset[str], datetime | None]:
    """Return the engagements of an account that a person has given a verdict on, and when the last verdict was."""
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
    query = (
        select(decisions.c.decided_at, decision_engagements.c.engagements)
        .join(decision_engagements, decision_engagements.c.decision_id == decisions.c.decision_id)
        .where(
            decisions.c.account_id == account_id,
            decisions.c.outcome.in_(VERDICTS),
            decisions.c.lane.not_in(MEASURING_LANES),
            decisions.c.decision_id.not_in(undone),
        )
    )
    rows = connection.execute(query).all()
    seen = frozenset(one for row in rows for one in opened(row.engagements)["engagement_id"])
    return seen, max((of_micros(row.decided_at) for row in rows), default=None)


def parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list into pieces that fit one statement."""
    return (names[start : start + _MANY] for start in range(0, len(names), _MANY))
