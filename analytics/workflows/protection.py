"""Accounts that no single person decides about: staff, people in danger, public figures (T-01).

Managers keep the list. A release counts only a while after it was written, so that nobody takes an account off the
list to decide about it alone; until then everybody who may see the list sees it coming.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, insert, or_, select
from uuid6 import uuid7

from analytics.casework.policy import Policy
from analytics.views.text import counted
from analytics.workflows.findings import parts
from analytics.workflows.gate import Gate, Written
from analytics.workflows.investigation import words_of
from analytics.workflows.policy import load_policy
from data.errors import ConflictError, InvalidCommandError, RightsError
from data.moments import micros, of_micros
from data.records import Receipt, Role, SignedIn
from data.tables import people, protections

KEEPERS = frozenset({Role.MANAGER})
PROTECTED, RELEASED = "protected", "released"
# As many as somebody pastes from a list.
MOST_AT_ONCE = 1_000
LONGEST_ID = 300
# Later than any release.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectAccounts:
    idempotency_key: str
    account_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAccount:
    idempotency_key: str
    account_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """One account of the list, with the last that was said of it; `until` is when a release begins to count."""

    account_id: str
    reason: str
    person: str
    at: datetime
    until: datetime | None


def _standing() -> Select[Any]:  # Any: rows of two tables
    """Select the last entry of each account, without the releases that were written by the moment `after`."""
    later = protections.alias("later")
    is_later = and_(
        later.c.account_id == protections.c.account_id,
        or_(
            later.c.at > protections.c.at,
            and_(later.c.at == protections.c.at, later.c.protection_id > protections.c.protection_id),
        ),
    )
    columns = [protections.c[name] for name in ("account_id", "event", "reason", "at")]
    return (
        select(*columns, people.c.name)
        .select_from(protections.join(people, people.c.person_id == protections.c.person_id))
        .where(or_(protections.c.event == PROTECTED, protections.c.at > bindparam("after")))
        .where(~select(later.c.protection_id).where(is_later).exists())
    )


# Written once: the desk asks with each look at a plan, and to write it takes longer than to answer it.
_STANDING = _standing()


class Protection:
    """The list of protected accounts."""

    def __init__(self, gate: Gate, clock: Callable[[], datetime], *, policy: Policy | None = None) -> None:
        self._gate, self._clock = gate, clock
        self._policy = policy or load_policy()

    def listed(self, token: str) -> tuple[Protected, ...]:
        """List the accounts that are protected now, the newest entry first."""
        wait = self._policy.protected.release
        with self._gate.reading(token) as (connection, who):
            if not who.person.roles & KEEPERS:
                raise RightsError("You do not see the protected accounts.", "Ask a manager.")
            query = _STANDING.order_by(protections.c.at.desc(), protections.c.account_id)
            rows = connection.execute(query, {"after": micros(self._clock() - wait)}).all()
        return tuple(
            Protected(
                account_id=row.account_id,
                reason=row.reason,
                person=row.name,
                at=of_micros(row.at),
                until=of_micros(row.at) + wait if row.event == RELEASED else None,
            )
            for row in rows
        )

    def protect(self, token: str, command: ProtectAccounts) -> Receipt:
        """Put accounts on the list; what is there already stays as it is."""

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            reason = words_of(command.reason, "Say why they are protected.")
            wanted = _ids(command.account_ids)
            kept = _kept(connection, wanted)
            fresh = [one for one in wanted if one not in kept]
            for account_id in fresh:
                _note(connection, who, now, account_id=account_id, event=PROTECTED, reason=reason)
            told = f"{counted(len(fresh), 'account')} added to the protected ones."
            already = len(wanted) - len(fresh)
            message = f"{told} {already:,} of {len(wanted):,} were there." if already else told
            return Written(
                subject=wanted[0] if len(wanted) == 1 else "protected accounts",
                message=message,
                facts={"account_ids": fresh, "reason": reason},
            )

        return self._gate.execute(token, command, KEEPERS, write)

    def release(self, token: str, command: ReleaseAccount) -> Receipt:
        """Take an account off the list, from a while later on."""

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            reason = words_of(command.reason, "Say why it need not be protected any more.")
            if command.account_id not in _kept(connection, [command.account_id]):
                raise ConflictError("This account is not protected, or was released before.", "Open the list again.")
            _note(connection, who, now, account_id=command.account_id, event=RELEASED, reason=reason)
            counts_from = now + self._policy.protected.release
            return Written(
                subject=command.account_id,
                message=f"Released; it counts from {counts_from:%-d %b, %H:%M} UTC on.",
                facts={"reason": reason, "counts_from": counts_from},
            )

        return self._gate.execute(token, command, KEEPERS, write)


def protected_among(
    connection: Connection, account_ids: Collection[str], release: timedelta, now: datetime
) -> frozenset[str]:
    """Return which of these accounts are protected at this moment."""
    found: set[str] = set()
    for part in parts(sorted(set(account_ids))):
        rows = connection.execute(_STANDING.where(protections.c.account_id.in_(part)), {"after": micros(now - release)})
        found.update(row.account_id for row in rows)
    return frozenset(found)


def _kept(connection: Connection, account_ids: Collection[str]) -> frozenset[str]:
    """Return which of these are on the list and not released."""
    return protected_among(connection, account_ids, timedelta(), _NEVER)


def _ids(told: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one.strip() for one in told if one.strip()))
    if not 0 < len(found) <= MOST_AT_ONCE:
        raise InvalidCommandError(f"Name 1 to {MOST_AT_ONCE:,} accounts.", "Write one account id a line.")
    if any(len(one) > LONGEST_ID for one in found):
        raise InvalidCommandError(f"An account id has at most {LONGEST_ID} characters.", "Look at the list again.")
    return found


def _note(connection: Connection, who: SignedIn, now: datetime, **told: str) -> None:
    row = {"protection_id": str(uuid7()), "person_id": who.person.person_id, "at": micros(now)}
    connection.execute(insert(protections).values(row | told))
