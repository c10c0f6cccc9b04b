"""The queue: which cases a person may see and take, most urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, func, or_, select

from analytics.casework.ladder import step_for
from analytics.casework.policy import Policy
from analytics.workflows.findings import findings_of
from analytics.workflows.service_titles import titles
from data.moments import micros, of_micros
from data.records import Case, CaseState, Lease, Role, SignedIn
from data.tables import (
    case_events,
    cases,
    decision_events,
    decisions,
    fences,
    handles,
    leases,
    people,
    settings_events,
)

PAGE = 50
KNOWN_ANSWER, SECOND_REVIEW, RANDOM_AUDIT = "known_answer", "second_review", "random_audit"
SKIPPED, SNOOZED, CONFLICT = "skipped", "snoozed", "conflict"
AWAITS = "awaits_approval"
REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
# A manager sees the cases that wait for a manager's consent, and no others.
DESK = REVIEWERS | {Role.MANAGER}
_DAY = timedelta(days=1) // timedelta(microseconds=1)
# Bounds of the words for priority; the view says them.
_PRIORITIES: Mapping[str, tuple[float, float]] = {"high": (0.75, 2.0), "medium": (0.4, 0.75), "low": (-1.0, 0.4)}
# The other cases of an account; an alias takes longer to make than most questions here to answer.
_SAME = cases.alias("same_account")
# Written once: the desk asks with every look, and to write a statement takes longer than to answer it.
_CASES = (
    select(
        cases,
        handles.c.handle,
        leases.c.person_id.label("lease_person"),
        leases.c.fence.label("lease_fence"),
        leases.c.expires_at.label("lease_until"),
        leases.c.draft.label("lease_draft"),
        fences.c.fence.label("highest_fence"),
    )
    # One join, not joins to be worked out: two threads at once could work them out wrongly.
    .select_from(
        cases.outerjoin(leases, leases.c.case_id == cases.c.case_id)
        .outerjoin(fences, fences.c.case_id == cases.c.case_id)
        .outerjoin(handles, handles.c.account_id == cases.c.account_id)
    )
)
_KNOWN = (
    select(_SAME.c.account_id)
    .select_from(_SAME.join(case_events, case_events.c.case_id == _SAME.c.case_id))
    .where(case_events.c.event == SKIPPED, case_events.c.reason == CONFLICT)
)
_ONE_CASE = _CASES.where(cases.c.case_id == bindparam("case"))
# A known answer looks like any other case to whoever is being measured.
_HIDDEN = {KNOWN_ANSWER: "queue"}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """What the address narrows the queue to; None means everything."""

    lane: str | None = None
    priority: str | None = None
    service_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of the queue, with the names of those who hold cases and of the services."""

    cases: tuple[Case, ...]
    names: Mapping[str, str]
    total: int
    pages: int
    services: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    count: int
    oldest_at: datetime | None
    decided_today: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the queue, and when."""

    person_id: str
    roles: frozenset[Role]
    now: int

    @classmethod
    def of(cls, who: SignedIn, now: datetime) -> Viewer:
        return cls(who.person.person_id, who.person.roles, micros(now))

    @property
    def is_senior(self) -> bool:
        return Role.SENIOR_REVIEWER in self.roles

    @property
    def reviews(self) -> bool:
        return bool(self.roles & REVIEWERS)


def listed(connection: Connection, viewer: Viewer, chosen: QueueFilter, page: int, policy: Policy) -> Found:
    """Return one page of what waits, held cases included, so that a colleague's presence can be seen."""
    where = [_waits(viewer), *_allowed(connection, viewer), *_filtered(viewer, chosen)]
    total = connection.scalar(select(func.count()).select_from(cases).where(*where)) or 0
    pages = max(1, -(-total // PAGE))
    rows = _in_order(connection, where, policy, PAGE, (min(max(page, 1), pages) - 1) * PAGE)
    held = {row.lease_person for row in rows if row.lease_person}
    names = connection.execute(select(people.c.person_id, people.c.name).where(people.c.person_id.in_(held)))
    found = records(connection, rows, policy, viewer.now, viewer)
    return Found(
        cases=found,
        names={row.person_id: row.name for row in names},
        total=total,
        pages=pages,
        services=titles(connection, [row.service_id for row in rows if row.service_id]),
    )


def next_case(connection: Connection, viewer: Viewer, chosen: QueueFilter, policy: Policy) -> str | None:
    """Return the most urgent case that this person may take now; cases they skipped are left to others."""
    skipped = select(case_events.c.case_id).where(
        case_events.c.person_id == viewer.person_id, case_events.c.event == SKIPPED
    )
    where = [is_free(viewer.now), *_allowed(connection, viewer), *_filtered(viewer, chosen)]
    where.append(cases.c.case_id.not_in(skipped))
    return connection.scalar(select(cases.c.case_id).where(*where).order_by(*_order(policy)).limit(1))


def may_take(connection: Connection, viewer: Viewer, case_id: str) -> bool:
    """Whether nothing speaks against this person deciding this case; it may still be somebody else's just now."""
    where = [cases.c.case_id == case_id, *_allowed(connection, viewer)]
    return connection.execute(select(cases.c.case_id).where(*where)).first() is not None


def has_decided(connection: Connection, case_id: str, person_id: str) -> bool:
    """Whether this person has decided this case, and did not take it back."""
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
    query = select(decisions.c.decision_id).where(
        decisions.c.case_id == case_id, decisions.c.person_id == person_id, decisions.c.decision_id.not_in(undone)
    )
    return connection.execute(query).first() is not None


def waiting(connection: Connection, viewer: Viewer) -> Waiting:
    """Count what waits for this person and colleagues, and what the person decided today."""
    where = [_waits(viewer), *_allowed(connection, viewer)]
    query = select(func.count(), func.min(cases.c.opened_at)).where(*where)
    count, oldest = connection.execute(query).one()
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
    today = (
        select(func.count())
        .select_from(decisions)
        .where(
            decisions.c.decided_at >= viewer.now - viewer.now % _DAY,
            decisions.c.person_id == viewer.person_id,
            decisions.c.decision_id.not_in(undone),
        )
    )
    return Waiting(
        count=count,
        oldest_at=None if oldest is None else of_micros(oldest),
        decided_today=connection.scalar(today) or 0,
    )


def services(connection: Connection, viewer: Viewer) -> tuple[str, ...]:
    """List the services that waiting cases are suspected of, by name."""
    query = select(cases.c.service_id).where(_waits(viewer), cases.c.service_id.is_not(None))
    return tuple(connection.scalars(query.distinct().order_by(cases.c.service_id)))


def alike(connection: Connection, viewer: Viewer, case_id: str, policy: Policy, most: int) -> tuple[Case, ...]:
    """List waiting cases of the same service or group, most urgent first (U-12)."""
    mine = connection.execute(select(cases.c.service_id, cases.c.group_id).where(cases.c.case_id == case_id)).one()
    same = [
        column == value
        for column, value in ((cases.c.service_id, mine.service_id), (cases.c.group_id, mine.group_id))
        if value is not None
    ]
    if not same:
        return ()
    where = [_waits(viewer), *_allowed(connection, viewer), or_(*same), cases.c.case_id != case_id]
    rows = _in_order(connection, where, policy, most)
    return records(connection, rows, policy, viewer.now, viewer)


def one_case(connection: Connection, case_id: str) -> Row[Any] | None:
    return connection.execute(_ONE_CASE, {"case": case_id}).one_or_none()


def records(
    connection: Connection, rows: Sequence[Row[Any]], policy: Policy, now: int, viewer: Viewer | None = None
) -> tuple[Case, ...]:
    """Return rows as records; the handle is only for whoever holds the case, never for a list (D.5)."""
    past = findings_of(connection, [row.account_id for row in rows])
    return tuple(
        Case(
            case_id=row.case_id,
            account_id=row.account_id,
            handle=(row.handle or "") if viewer is None else "",
            state=CaseState(row.state),
            version=row.version,
            opened_at=of_micros(row.opened_at),
            run_id=row.run_id,
            score=row.score,
            priority=row.priority,
            proposed={kind: getattr(row, f"proposed_{kind}s") for kind in ("like", "follow", "comment")},
            for_review=row.for_review or 0,
            service_id=row.service_id,
            group_id=row.group_id,
            lane=row.lane if viewer is not None and viewer.is_senior else _HIDDEN.get(row.lane, row.lane),
            step=step_for(past.get(row.account_id, ()), of_micros(now), policy.strikes, len(policy.steps)),
            lease=lease_of(row),
            is_blind=row.is_blind,
        )
        for row in rows
    )


def _in_order(
    connection: Connection, where: Sequence[ColumnElement[bool]], policy: Policy, most: int, after: int = 0
) -> list[Row[Any]]:
    """Return the most urgent of these cases; their order is found first, so that no others are read whole."""
    ids = select(cases.c.case_id).where(*where).order_by(*_order(policy)).limit(most).offset(after)
    chosen = list(connection.scalars(ids))
    rows = {row.case_id: row for row in connection.execute(_CASES.where(cases.c.case_id.in_(chosen)))}
    return [rows[case_id] for case_id in chosen]


def lease_of(row: Row[Any]) -> Lease | None:
    if row.lease_person is None or row.state != CaseState.LEASED:
        return None
    return Lease(
        case_id=row.case_id, person_id=row.lease_person, fence=row.lease_fence, expires_at=of_micros(row.lease_until)
    )


def is_free(now: int) -> ColumnElement[bool]:
    """Nobody holds it: it waits, or a snooze or a lease ran out."""
    return or_(
        cases.c.state.in_((CaseState.OPEN, CaseState.ESCALATED)),
        and_(cases.c.state == CaseState.SNOOZED, cases.c.snoozed_until <= now),
        and_(
            cases.c.state == CaseState.LEASED,
            exists().where(leases.c.case_id == cases.c.case_id, leases.c.expires_at <= now),
        ),
    )


def _waits(viewer: Viewer) -> ColumnElement[bool]:
    states = [CaseState.OPEN, CaseState.ESCALATED, CaseState.SNOOZED, CaseState.LEASED]
    return cases.c.state.in_([*states, CaseState.PROPOSED] if viewer.is_senior else states)


def _allowed(connection: Connection, viewer: Viewer) -> list[ColumnElement[bool]]:
    """Nobody decides their own account, one they know, or a case they decided before (P-18, X-23)."""
    decided = exists().where(
        decisions.c.case_id == cases.c.case_id,
        decisions.c.person_id == viewer.person_id,
        ~exists().where(decision_events.c.decision_id == decisions.c.decision_id, decision_events.c.event == "undone"),
    )
    known = _KNOWN.where(case_events.c.person_id == viewer.person_id)
    found = [~decided, cases.c.account_id.not_in(known)]
    if declared := declared_conflicts(connection, viewer.person_id):
        found.append(cases.c.account_id.not_in(declared))
    if not viewer.is_senior:
        found.append(_for_manager() if not viewer.reviews else cases.c.escalated_by.is_(None))
    return found


def declared_conflicts(connection: Connection, person_id: str) -> list[str]:
    """Return the accounts a person said are their own or of somebody they know."""
    query = select(settings_events.c.value).where(settings_events.c.name == conflict_name(person_id))
    return list(connection.scalars(query))


def conflict_name(person_id: str) -> str:
    return f"conflict.{person_id}"


def _for_manager() -> ColumnElement[bool]:
    undone = decision_events.alias("undone")
    is_undone = exists().where(undone.c.decision_id == decisions.c.decision_id, undone.c.event == "undone")
    return and_(
        cases.c.escalated_by.is_not(None),
        exists().where(
            decisions.c.case_id == cases.c.case_id,
            decision_events.c.decision_id == decisions.c.decision_id,
            decision_events.c.event == AWAITS,
            decision_events.c.detail.contains(Role.MANAGER.value),
            ~is_undone,
        ),
    )


def _filtered(viewer: Viewer, chosen: QueueFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.lane is not None:
        lanes = [chosen.lane] if viewer.is_senior else _lanes_shown_as(chosen.lane)
        found.append(cases.c.lane.in_(lanes))
    if (bounds := _PRIORITIES.get(chosen.priority or "")) is not None:
        low, high = bounds
        found += [cases.c.priority >= low, cases.c.priority < high]
    if chosen.service_id is not None:
        found.append(cases.c.service_id == chosen.service_id)
    return found


def _lanes_shown_as(lane: str) -> list[str]:
    hidden = [name for name, shown in _HIDDEN.items() if shown == lane]
    return hidden if lane in _HIDDEN else [lane, *hidden]


def _order(policy: Policy) -> list[ColumnElement[Any]]:
    """Urgency grows with waiting, for all alike, so nothing waits for ever and the order never depends on the hour."""
    return [(cases.c.priority - cases.c.opened_at * (policy.priority.per_day / _DAY)).desc(), cases.c.number]
