"""Leases: one person's right to decide one case until a time. A fence that only grows tells an old right from a new."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from analytics.casework.policy import Policy
from analytics.casework.states import moved, resting
from analytics.workflows.queue import Viewer, is_free, may_take, one_case
from data.errors import ConflictError, InvalidCommandError, StaleCaseError
from data.moments import micros, of_micros
from data.records import CaseState, Lease
from data.tables import cases, fences, leases

MOVED_ON = "The case moved on"
_GONE = "Open the queue again."
_MICROSECOND = timedelta(microseconds=1)
# Written once, as what is asked with every look.
_HELD = (
    select(leases)
    .select_from(leases.join(cases, cases.c.case_id == leases.c.case_id))
    .where(
        leases.c.person_id == bindparam("person"),
        leases.c.expires_at > bindparam("now"),
        cases.c.state == CaseState.LEASED,
    )
    .order_by(leases.c.taken_at.desc())
    .limit(1)
)


def held(connection: Connection, person_id: str, now: int) -> Lease | None:
    """Return the case a person holds now, in whichever tab they took it."""
    row = connection.execute(_HELD, {"person": person_id, "now": now}).one_or_none()
    return None if row is None else _lease(row)


def take(connection: Connection, viewer: Viewer, case_id: str, policy: Policy) -> Lease:
    """Lock a case for a person; whoever held it before can no longer decide it."""
    row = one_case(connection, case_id)
    if row is None:
        raise InvalidCommandError("There is no such case.", _GONE)
    mine = held(connection, viewer.person_id, viewer.now)
    if mine is not None and mine.case_id == case_id:
        return mine
    if mine is not None:
        raise ConflictError("You hold another case.", "Decide it or put it back first.")
    _check_free(connection, viewer, row)
    return grant(connection, row, viewer.person_id, viewer.now, policy)


def _check_free(connection: Connection, viewer: Viewer, row: Row[Any]) -> None:
    if not may_take(connection, viewer, row.case_id):
        raise ConflictError("This case is not for you to decide.", "Take the next one: a colleague will see to it.")
    is_proposed = row.state == CaseState.PROPOSED and viewer.is_senior
    query = select(cases.c.case_id).where(cases.c.case_id == row.case_id, is_free(viewer.now))
    if is_proposed or connection.execute(query).first():
        return
    if row.state == CaseState.LEASED:
        raise StaleCaseError("A colleague has this case just now.", "Take the next one.")
    raise StaleCaseError(f"{MOVED_ON}: it does not wait any more.", _GONE)


def grant(connection: Connection, row: Row[Any], person_id: str, now: int, policy: Policy) -> Lease:
    """Write the lease with the next fence; a draft that this person left on the case is still there."""
    fence = (row.highest_fence or 0) + 1
    until = now + policy.lease // _MICROSECOND
    draft = row.lease_draft if row.lease_person == person_id else ""
    told = {"person_id": person_id, "fence": fence, "taken_at": now, "expires_at": until, "draft": draft or ""}
    connection.execute(delete(leases).where(leases.c.case_id == row.case_id))
    connection.execute(insert(leases).values(case_id=row.case_id, **told))
    if row.highest_fence is None:
        connection.execute(insert(fences).values(case_id=row.case_id, fence=fence))
    else:
        connection.execute(update(fences).where(fences.c.case_id == row.case_id).values(fence=fence))
    state = moved(CaseState(row.state), CaseState.LEASED)
    connection.execute(
        update(cases).where(cases.c.case_id == row.case_id).values(state=state, snoozed_until=None, updated_at=now)
    )
    return Lease(case_id=row.case_id, person_id=person_id, fence=fence, expires_at=of_micros(until))


def checked(connection: Connection, case_id: str, fence: int, person_id: str, now: datetime) -> Row[Any]:
    """Return the case when this person holds it under this very lease, or say what became of it (F-06, X-23)."""
    row = one_case(connection, case_id)
    if row is None:
        raise InvalidCommandError("There is no such case.", _GONE)
    if row.state in (CaseState.DECIDED, CaseState.CLOSED, CaseState.ESCALATED):
        raise StaleCaseError(f"{MOVED_ON}: it is {row.state} already.", _GONE)
    if row.lease_person is None or row.state != CaseState.LEASED:
        raise StaleCaseError(f"{MOVED_ON}: nobody holds it.", _GONE)
    if row.lease_person != person_id:
        raise StaleCaseError(f"{MOVED_ON}: a colleague holds it now.", _GONE)
    if fence != row.highest_fence or fence != row.lease_fence:
        raise StaleCaseError(f"{MOVED_ON}: it was taken again since you saw it.", _GONE)
    if row.lease_until <= micros(now):
        raise StaleCaseError(f"{MOVED_ON}: your time for it ran out.", "Take it again: your note is kept.")
    return row


def let_go(connection: Connection, row: Row[Any], now: int) -> None:
    """Put a case back where it waits; the draft stays with the person who wrote it."""
    end(connection, row.case_id, now)
    state = moved(CaseState(row.state), resting(is_escalated=row.escalated_by is not None))
    connection.execute(update(cases).where(cases.c.case_id == row.case_id).values(state=state, updated_at=now))


def end(connection: Connection, case_id: str, now: int) -> None:
    """End a lease at once; its fence stays the highest, so nothing can be decided with it any more."""
    connection.execute(
        update(leases).where(leases.c.case_id == case_id, leases.c.expires_at > now).values(expires_at=now)
    )


def extend(connection: Connection, row: Row[Any], now: int, policy: Policy) -> datetime:
    """Give the holder the full time again; the fence stays the same."""
    until = max(row.lease_until, now + policy.lease // _MICROSECOND)
    connection.execute(update(leases).where(leases.c.case_id == row.case_id).values(expires_at=until))
    return of_micros(until)


def keep_draft(connection: Connection, case_id: str, text: str) -> None:
    connection.execute(update(leases).where(leases.c.case_id == case_id).values(draft=text))


def _lease(row: Row[Any]) -> Lease:
    return Lease(case_id=row.case_id, person_id=row.person_id, fence=row.fence, expires_at=of_micros(row.expires_at))
