"""The audit chain for people: verify it, anchor it, and read it row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from analytics.workflows.ledger_checks import CommandsSeen, ledger_faults
from data.anchors import Anchors, last_anchor, read_anchors, write_anchor
from data.audit_chain import Head, head, parsed
from data.chain_check import Chain, walk_chain
from data.errors import RightsError, StorageError
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.records import Role, SignedIn
from data.tables import audit, people

READERS = frozenset({Role.MANAGER, Role.ADMIN})
MOST_FAULTS = 100
PAGE_SIZE = 50
# What an administrator may see the subject of; everything else is about cases (D.2).
_OF_PEOPLE = ("SignIn", "SignOut", "SaveSettings", "AddPerson", "ChangeRoles", "SetActive", "RevokeSessions")
HIDDEN = "not shown to administrators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `verify` found; sound means that not one rule is broken."""

    is_sound: bool
    sentence: str
    first_bad_seq: int | None
    faults: tuple[str, ...]
    rows: int
    anchored_seq: int | None
    anchored_at: int | None
    restores: int
    last_at: int
    head_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows to list; empty means any."""

    subject: str = ""
    verb: str = ""
    person_id: str = ""
    # from the first moment up to, but without, the second
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row as a person may read it."""

    seq: int
    at: int
    actor_id: str
    actor_role: str
    verb: str
    subject: str
    reason_code: str
    before: dict[str, Any]  # Any: JSON
    after: dict[str, Any]  # Any: JSON
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """One page of rows, newest first, with the number of all that fit."""

    rows: tuple[AuditRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditChoices:
    """What the rows can be filtered by: the verbs there are, and the people by id."""

    verbs: tuple[str, ...]
    names: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStatus:
    """Where the chain ends and how far it is anchored, without reading all of it."""

    rows: int
    last_at: int | None
    anchored_seq: int | None
    anchored_at: int | None


def verify(home: Home, *, ledger: Ledger | None = None) -> Report:
    """Read the whole chain and check every rule; a sound ledger is anchored on the way."""
    opened, anchors = ledger or Ledger.open(home), read_anchors(home)
    try:
        report = examine(opened, anchors)
    finally:
        if ledger is None:
            opened.close()
    if report.is_sound and report.rows > (report.anchored_seq or 0):
        write_anchor(home, Head(report.rows, report.head_hash, report.last_at), at=report.last_at)
    return report


def examine(ledger: Ledger, anchors: Anchors) -> Report:
    """Check a ledger against anchors and write nothing."""
    chain, seen, broken = Chain(), CommandsSeen(), ""
    faults: list[str] = []
    try:
        with ledger.read() as connection:
            chain = walk_chain(connection, anchors, seen.visit)
            faults = [str(fault) for fault in chain.faults]
            faults += islice(_others(connection, anchors, seen), MOST_FAULTS)
    except StorageError as error:
        broken = error.message
    return _report(chain, (*([broken] if broken else ()), *faults), anchors)


def _others(connection: Any, anchors: Anchors, seen: CommandsSeen) -> Iterator[str]:
    for number in anchors.unreadable:
        yield f"Line {number} of the anchor file cannot be read."
    yield from seen.faults(connection)
    yield from ledger_faults(connection)


def _report(chain: Chain, faults: tuple[str, ...], anchors: Anchors) -> Report:
    first = min((fault.seq for fault in chain.faults), default=None)
    last = anchors.last
    if faults:
        more = f" {len(faults) - 1:,} more faults." if len(faults) > 1 else ""
        sentence = f"Not sound: {faults[0]}{more}"
    else:
        told = f"anchored up to row {last.seq:,}" if last else "not anchored before"
        sentence = f"Sound: {chain.rows:,} audit rows, {told}; every rule of the ledger holds."
    return Report(
        is_sound=not faults,
        sentence=sentence,
        first_bad_seq=first,
        faults=faults,
        rows=chain.rows,
        anchored_seq=last.seq if last else None,
        anchored_at=last.at if last else None,
        restores=anchors.restores,
        last_at=chain.last_at,
        head_hash=chain.hash,
    )


class AuditLog:
    """Reads for the audit page."""

    def __init__(self, home: Home, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._home = home
        self._ledger = ledger
        self._clock = clock

    def status(self) -> ChainStatus:
        """Say where the chain ends and how far it is anchored."""
        with self._ledger.read() as connection:
            end = head(connection)
        last = last_anchor(self._home)
        return ChainStatus(
            rows=end.seq,
            last_at=end.at if end.seq else None,
            anchored_seq=last.seq if last else None,
            anchored_at=last.at if last else None,
        )

    def verify(self, who: SignedIn) -> Report:
        """Check everything now."""
        _may_read(who)
        return verify(self._home, ledger=self._ledger)

    def choices(self, who: SignedIn) -> AuditChoices:
        """List what the rows can be filtered by."""
        _may_read(who)
        with self._ledger.read() as connection:
            verbs = tuple(connection.scalars(select(audit.c.verb).distinct().order_by(audit.c.verb)))
            rows = connection.execute(select(people.c.person_id, people.c.name).order_by(people.c.name)).all()
        return AuditChoices(verbs=verbs, names={row.person_id: row.name for row in rows})

    def page(self, who: SignedIn, which: AuditFilter, *, page: int = 1) -> AuditPage:
        """Return one page of rows, newest first; a page past the end is the last one."""
        _may_read(who)
        wanted = _wanted(which)
        with self._ledger.read() as connection:
            total = connection.scalar(select(func.count()).select_from(audit).where(*wanted)) or 0
            pages = max(1, -(-total // PAGE_SIZE))
            page = min(max(1, page), pages)
            query = select(audit).where(*wanted).order_by(audit.c.seq.desc())
            rows = connection.execute(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
        told = tuple(_row(row, sees_cases=Role.MANAGER in who.person.roles) for row in rows)
        return AuditPage(rows=told, total=total, page=page, pages=pages)


def _may_read(who: SignedIn) -> None:
    if not who.person.roles & READERS:
        raise RightsError("You do not see the audit record.", "Ask a manager.")


def _wanted(which: AuditFilter) -> list[ColumnElement[bool]]:
    columns = {audit.c.subject: which.subject, audit.c.verb: which.verb, audit.c.actor_id: which.person_id}
    wanted = [column == value for column, value in columns.items() if value]
    wanted += [audit.c.at >= micros(which.since)] if which.since else []
    return [*wanted, audit.c.at < micros(which.until)] if which.until else wanted


def _row(row: Row[Any], *, sees_cases: bool) -> AuditRow:
    """Show an administrator who did what and when, but not to which case or account."""
    is_shown = sees_cases or row.verb.split(".")[0] in _OF_PEOPLE
    return AuditRow(
        seq=row.seq,
        at=row.at,
        actor_id=row.actor_id,
        actor_role=row.actor_role,
        verb=row.verb,
        subject=row.subject if is_shown else HIDDEN,
        reason_code=row.reason_code,
        before=parsed(row.before) if is_shown else {},
        after=parsed(row.after) if is_shown else {},
        hash=row.hash,
    )
