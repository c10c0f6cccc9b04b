"""What people did on one day, for whoever answers for them (T-01): decisions, looks at accounts, exports, refusals.

It measures no speed and ranks nobody (P-09): it is there so that a look at an account nobody reviews is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from analytics.workflows.gate import Gate
from analytics.workflows.queue import KNOWN_ANSWER
from analytics.workflows.undoing import UNDONE
from data.errors import RightsError
from data.moments import micros, of_micros
from data.records import ActionKind, ActionState, Outcome, Role
from data.tables import (
    actions,
    audit,
    cases,
    decision_engagements,
    decision_events,
    decisions,
    lookups,
    outbox,
    people,
    query_log,
)

READERS = frozenset({Role.MANAGER})
_HOUR = 3_600_000_000
_Span = tuple[int, int]
# What is counted of each person, in the order in which it is told.
COUNTS = (
    "decisions",
    "confirmed",
    "removed",
    "resets",
    "undone",
    "lookups",
    "without_case",
    "queries",
    "exports",
    "refused",
    "entries",
)
_SCHEMA = {"person_id": pl.String, "name": pl.String, "roles": pl.String} | dict.fromkeys(COUNTS, pl.Int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at an account by its id, and whether the account ever had a case."""

    at: datetime
    person: str
    account_id: str
    reason: str
    has_case: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day: a row per person who left an entry in the audit record, every look, and entries by person and hour.

    `deeds`: person_id, name, roles and one column for each of COUNTS. `hours`: name, hour (whole hours since the day
    began), entries.
    """

    deeds: pl.DataFrame
    looks: tuple[Look, ...]
    hours: pl.DataFrame


class Oversight:
    """Reads for the oversight page."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def day(self, token: str, since: datetime, until: datetime) -> Day:
        """Count what everybody did from `since` up to, but without, `until`."""
        with self._gate.reading(token) as (connection, who):
            if not who.person.roles & READERS:
                raise RightsError("You do not see what others did.", "Ask a manager.")
            span = micros(since), micros(until)
            return Day(deeds=_deeds(connection, span), looks=_looks(connection, span), hours=_hours(connection, span))


def _deeds(connection: Connection, span: _Span) -> pl.DataFrame:
    found: dict[str, dict[str, Any]] = {}
    for name, query in _questions(span).items():
        for person_id, count in connection.execute(query):
            found.setdefault(person_id, dict.fromkeys(COUNTS, 0))[name] = int(count or 0)
    known = {
        row.person_id: row for row in connection.execute(select(people.c.person_id, people.c.name, people.c.roles))
    }
    rows = [
        {"person_id": person_id, "name": known[person_id].name, "roles": known[person_id].roles, **counts}
        for person_id, counts in found.items()
        if person_id in known
    ]
    return pl.DataFrame(rows, schema=_SCHEMA).sort("name", "person_id")


def _questions(span: _Span) -> dict[str, Select[Any]]:  # Any: rows of person and count
    """Ask each count by itself: one grouped look at one stretch of one table."""
    decided = _within(decisions.c.decided_at, span)
    is_reset = (actions.c.kind == ActionKind.RESET_PASSWORD) & (outbox.c.state != ActionState.CANCELLED)
    removed = (
        decision_engagements.c.removed_likes
        + decision_engagements.c.removed_follows
        + decision_engagements.c.removed_comments
    )
    stands = ~exists().where(
        decision_events.c.decision_id == decisions.c.decision_id, decision_events.c.event == UNDONE
    )
    is_confirmed = stands & (decisions.c.outcome == Outcome.CONFIRM)
    of_decisions = {
        "decisions": (func.count(), decisions),
        "confirmed": (func.count().filter(is_confirmed), decisions),
        "removed": (
            func.sum(removed).filter(stands & (decisions.c.lane != KNOWN_ANSWER)),
            decisions.join(decision_engagements),
        ),
        "resets": (func.count().filter(is_reset), decisions.join(actions).join(outbox)),
    }
    asked = {
        name: select(decisions.c.person_id, count).select_from(source).where(decided).group_by(decisions.c.person_id)
        for name, (count, source) in of_decisions.items()
    }
    undone = _within(decision_events.c.at, span) & (decision_events.c.event == UNDONE)
    asked["undone"] = _by(decision_events.c.person_id, undone)
    asked["lookups"] = _by(lookups.c.person_id, _within(lookups.c.at, span))
    asked["without_case"] = _by(lookups.c.person_id, _within(lookups.c.at, span) & ~_had_case())
    asked["queries"] = _by(query_log.c.person_id, _within(query_log.c.at, span))
    of_day = _within(audit.c.at, span)
    asked["exports"] = _by(audit.c.actor_id, of_day & (audit.c.verb == "ExportQuery"))
    asked["refused"] = _by(audit.c.actor_id, of_day & audit.c.verb.like("%.refused"))
    asked["entries"] = _by(audit.c.actor_id, of_day)
    return asked


def _looks(connection: Connection, span: _Span) -> tuple[Look, ...]:
    query = (
        select(lookups.c.at, people.c.name, lookups.c.account_id, lookups.c.reason, _had_case().label("has_case"))
        .select_from(lookups.join(people, people.c.person_id == lookups.c.person_id))
        .where(_within(lookups.c.at, span))
        .order_by(lookups.c.at.desc(), lookups.c.lookup_id)
    )
    return tuple(
        Look(
            at=of_micros(row.at),
            person=row.name,
            account_id=row.account_id,
            reason=row.reason,
            has_case=bool(row.has_case),
        )
        for row in connection.execute(query)
    )


def _hours(connection: Connection, span: _Span) -> pl.DataFrame:
    hour = ((audit.c.at - span[0]) // _HOUR).label("hour")
    query = (
        select(people.c.name, hour, func.count())
        .select_from(audit.join(people, people.c.person_id == audit.c.actor_id))
        .where(_within(audit.c.at, span))
        .group_by(people.c.name, hour)
        .order_by(people.c.name, hour)
    )
    rows = [tuple(row) for row in connection.execute(query)]
    return pl.DataFrame(rows, schema={"name": pl.String, "hour": pl.Int64, "entries": pl.Int64}, orient="row")


def _by(person: ColumnElement[Any], where: ColumnElement[bool]) -> Select[Any]:
    return select(person, func.count()).where(where).group_by(person)


def _within(moment: ColumnElement[int], span: _Span) -> ColumnElement[bool]:
    return (moment >= span[0]) & (moment < span[1])


def _had_case() -> ColumnElement[bool]:
    return exists().where(cases.c.account_id == lookups.c.account_id)
