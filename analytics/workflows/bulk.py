"""Bulk: freeze a list, decide its sample, have exactly that list approved, run it, stop it (U-09 to U-13).

Nothing is decided here: a run is started, and the worker decides case by case on the same path as the desk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from uuid6 import uuid7

from analytics.casework.bulk import (
    BulkRules,
    BulkState,
    Sifted,
    approvers_for,
    check_approval,
    check_approver,
    check_sample,
    check_size,
    draw_sample,
    list_hash,
    sift,
)
from analytics.views.text import counted
from analytics.views.words import CONFIRM_REASONS
from analytics.workflows.bulk_commands import ApproveBulk, BulkCommand, ExecuteBulk, FreezeBulk, StopBulk
from analytics.workflows.bulk_reads import (
    QUEUE_LANE,
    SAMPLE_LANE,
    BulkLine,
    BulkQuery,
    BulkRecord,
    fitting,
    frozen,
    has_proposal,
    list_bulks,
    load_bulk_rules,
    read_bulk,
)
from analytics.workflows.bulk_stop import stop_run
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.gate import Gate, Write, Written
from analytics.workflows.policy import load_policy
from data.audit_chain import canonical
from data.errors import ConflictError, InvalidCommandError, RightsError, StaleCaseError
from data.moments import micros
from data.records import CaseState, Person, ReasonCode, Receipt, Role, SignedIn
from data.tables import bulk_events, bulks, cases, people

__all__ = ["ApproveBulk", "Bulk", "BulkQuery", "ExecuteBulk", "FreezeBulk", "StopBulk"]

AUTHORS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
APPROVING = frozenset({Role.SENIOR_REVIEWER, Role.MANAGER})
READING = AUTHORS | APPROVING
LONGEST_NOTE = 2_000
# Whole numbers up to here are exact in JSON everywhere.
_SEED_BITS = 52


class Bulk:
    """Reads and commands of the bulk page."""

    def __init__(
        self,
        gate: Gate,
        ledger: LedgerLike,
        clock: Callable[[], datetime],
        seed: Callable[[], int] = lambda: secrets.randbits(_SEED_BITS),
    ) -> None:
        self._gate = gate
        self._ledger = ledger
        self._clock = clock
        self._seed = seed

    @property
    def rules(self) -> BulkRules:
        """Return the reviewed numbers, for the screen to say."""
        return load_bulk_rules()

    def choices(self, token: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """List the services and the groups that waiting cases belong to."""
        self._reader(token)
        with self._ledger.read() as connection:
            waiting = (cases.c.state == CaseState.OPEN, cases.c.lane == QUEUE_LANE)
            found = [
                tuple(
                    connection.scalars(select(column).where(*waiting, column.is_not(None)).distinct().order_by(column))
                )
                for column in (cases.c.service_id, cases.c.group_id)
            ]
        return found[0], found[1]

    def look(self, token: str, query: BulkQuery, named: frozenset[str] = frozenset()) -> Sifted:
        """Return what a bulk of this query would hold now; nothing is fixed by looking."""
        self._reader(token)
        with self._ledger.read() as connection:
            return _drawn_up(connection, query, named, self._clock())

    def list(self, token: str) -> tuple[BulkLine, ...]:
        self._reader(token)
        with self._ledger.read() as connection:
            return list_bulks(connection)

    def open(self, token: str, bulk_id: str) -> BulkRecord:
        """Return one bulk as it stands now."""
        self._reader(token)
        with self._ledger.read() as connection:
            return read_bulk(connection, bulk_id)

    def preview(self, token: str, bulk_id: str) -> Sifted:
        """Return the frozen cases, for whoever approves."""
        self._reader(token)
        with self._ledger.read() as connection:
            record = read_bulk(connection, bulk_id)
            return Sifted(taken=frozen(connection, record.case_ids, load_policy(), self._clock()), above_line=())

    def execute(self, token: str, command: BulkCommand) -> Receipt:
        """Carry out one command once; what starts or lets start a run needs a sign-in of the last minutes (D.2)."""
        if isinstance(command, FreezeBulk):
            return self._gate.execute(token, command, AUTHORS, _freeze(command, self._seed()))
        if isinstance(command, ApproveBulk):
            return self._gate.execute(token, command, APPROVING, _approve(command), needs_recent=True)
        if isinstance(command, ExecuteBulk):
            costs = {"bulk_accounts": len(self.open(token, command.bulk_id).case_ids)}
            return self._gate.execute(token, command, AUTHORS, _start(command), needs_recent=True, costs=costs)
        return self._gate.execute(token, command, READING, _stop(command))

    def _reader(self, token: str) -> None:
        if not self._gate.who(token).person.roles & READING:
            raise RightsError("Bulk is for reviewers and managers.", "Ask an administrator if you should see it.")


def _freeze(command: FreezeBulk, seed: int) -> Write:
    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        _check_words(command)
        rules = load_bulk_rules()
        sifted = _drawn_up(connection, command.query, command.named, now)
        check_size(len(sifted.taken), rules)
        evidence = {one.case_id: one.evidence_hash for one in sifted.taken}
        sample, bulk_id = draw_sample(list(evidence), seed, rules), str(uuid7())
        digest = list_hash(evidence, command.reason)
        row: dict[str, Any] = {"bulk_id": bulk_id, "author_id": who.person.person_id, "query": canonical(command.query)}
        row |= {"case_ids": canonical(list(evidence)), "list_hash": digest, "sample_ids": canonical(sample)}
        row |= {"sample_seed": seed, "reason": command.reason.value, "note": command.note.strip()}
        connection.execute(insert(bulks).values(**row, created_at=micros(now)))
        note_bulk(connection, bulk_id, BulkState.PREVIEWED, who.person.person_id, now, digest=digest)
        _set_lane(connection, sample, QUEUE_LANE, SAMPLE_LANE, now)
        return Written(
            subject=bulk_id,
            message=f"Frozen: {counted(len(evidence), 'case')}, of which {len(sample):,} are decided one by one first.",
            facts={"cases": len(evidence), "list_hash": digest, "sample": list(sample), "seed": seed},
            reason_code=command.reason.value,
        )

    return write


def _drawn_up(connection: Connection, query: BulkQuery, named: frozenset[str], now: datetime) -> Sifted:
    """Return what a list of this query holds; a case with nothing proposed gives a confirmation nothing to do."""
    found = fitting(connection, query, load_policy(), now)
    proposed = [one for one in found if has_proposal(one)]
    return replace(sift(proposed, named, load_bulk_rules()), unproposed=len(found) - len(proposed))


def _check_words(command: FreezeBulk) -> None:
    if command.reason not in CONFIRM_REASONS:
        raise InvalidCommandError("A bulk confirms; this reason rejects.", "Choose another reason.")
    if command.reason is ReasonCode.OTHER and not command.note.strip():
        raise InvalidCommandError("“Other” needs a word of explanation.", "Write a note.")
    if len(command.note) > LONGEST_NOTE:
        raise InvalidCommandError(f"A note holds at most {LONGEST_NOTE:,} characters.", "Say it shorter.")


def _approve(command: ApproveBulk) -> Write:
    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        record, rules = _pending(connection, command.bulk_id), load_bulk_rules()
        _check_list(record, command.list_hash)
        check_approver(who.person.person_id, record.author_id, who.person.roles, len(record.case_ids), rules)
        check_sample(record.sample, rules)
        if record.state is BulkState.APPROVED and record.approval is not None:
            _refuse_second(record, now)
        digest = record.list_hash
        note_bulk(connection, record.bulk_id, BulkState.APPROVED, who.person.person_id, now, digest=digest)
        return Written(
            subject=record.bulk_id,
            message=f"Approved: {counted(len(record.case_ids), 'case')}. It must be started within a day.",
            facts={"list_hash": digest, "cases": len(record.case_ids)},
            before={"state": record.state.value},
        )

    return write


def _refuse_second(record: BulkRecord, now: datetime) -> None:
    """One approval is enough while it lasts; an old one may be given again."""
    if record.approval is not None and now - record.approval.at <= load_bulk_rules().approval_lasts:
        raise ConflictError("This list is approved already.", "Its author may start it.")


def _start(command: ExecuteBulk) -> Write:
    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        record = _pending(connection, command.bulk_id)
        if who.person.person_id != record.author_id:
            raise ConflictError("Only its author starts a bulk.", "The decisions carry their name.")
        _check_list(record, command.list_hash)
        check_ready(connection, record, now)
        note_bulk(connection, record.bulk_id, BulkState.EXECUTING, who.person.person_id, now, digest=record.list_hash)
        return Written(
            subject=record.bulk_id,
            message=f"Started: {counted(record.to_decide, 'case')} are being decided.",
            facts={"list_hash": record.list_hash, "cases": len(record.case_ids)},
            before={"state": record.state.value},
            reason_code=record.reason,
        )

    return write


def check_ready(connection: Connection, record: BulkRecord, now: datetime) -> None:
    """Refuse a run whose sample, approval, or approver's right does not hold at this moment."""
    rules = load_bulk_rules()
    check_sample(record.sample, rules)
    needed = approvers_for(len(record.case_ids), rules)
    if not needed:
        return
    approval = record.approval
    at, digest = (approval.at, approval.list_hash) if approval else (None, "")
    check_approval(at, digest, record.hash_now, now, rules)
    if approval is not None and not needed & roles_of(connection, approval.person_id):
        raise ConflictError("Whoever approved this may no longer approve.", "Have it approved by somebody else.")


def roles_of(connection: Connection, person_id: str) -> frozenset[Role]:
    """Return the rights a person has at this moment; none when they no longer work here."""
    person = person_of(connection, person_id)
    return person.roles if person.is_active else frozenset()


def person_of(connection: Connection, person_id: str) -> Person:
    row = connection.execute(select(people).where(people.c.person_id == person_id)).one()
    roles = frozenset(Role(role) for role in row.roles.split(",") if role)
    return Person(person_id=person_id, name=row.name, roles=roles, is_active=row.is_active)


def _stop(command: StopBulk) -> Write:
    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        record = read_bulk(connection, command.bulk_id)
        if record.state is BulkState.STOPPED:
            raise StaleCaseError("This bulk is stopped already.", "Open it again.")
        stopped = stop_run(connection, record, who.person.person_id, now)
        _set_lane(connection, record.sample_ids, SAMPLE_LANE, QUEUE_LANE, now)
        facts = {"cancelled": stopped.cancelled, "undone": stopped.undone, "partly": stopped.partly}
        note_bulk(connection, record.bulk_id, BulkState.STOPPED, who.person.person_id, now, detail=facts)
        before = {"state": record.state.value}
        return Written(subject=record.bulk_id, message=stopped.sentence, facts=facts, before=before)

    return write


def note_bulk(
    connection: Connection,
    bulk_id: str,
    event: BulkState,
    person_id: str | None,
    now: datetime,
    *,
    digest: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Write down what happened to a bulk."""
    row = {"event_id": str(uuid7()), "bulk_id": bulk_id, "event": event.value, "person_id": person_id}
    told = {"list_hash": digest, "detail": canonical(detail or {}), "at": micros(now)}
    connection.execute(insert(bulk_events).values(**row, **told))


def _pending(connection: Connection, bulk_id: str) -> BulkRecord:
    record = read_bulk(connection, bulk_id)
    if record.state not in (BulkState.PREVIEWED, BulkState.APPROVED, BulkState.REFUSED):
        raise StaleCaseError(f"This bulk is {record.state.value} already.", "Open it again.")
    return record


def _check_list(record: BulkRecord, shown: str) -> None:
    """Refuse a command about another list than the one frozen, and a list that no longer is what was frozen (U-09)."""
    if not record.list_hash == record.hash_now == shown:
        raise ConflictError("This is not the list that was frozen.", "Freeze it again.")


def _set_lane(connection: Connection, case_ids: tuple[str, ...], before: str, after: str, now: datetime) -> None:
    """Mark sampled cases in the queue, or give those still undecided back to it."""
    mine = cases.c.case_id.in_(list(case_ids)) & (cases.c.lane == before)
    open_ones = mine & cases.c.state.in_([CaseState.OPEN, CaseState.LEASED, CaseState.SNOOZED])
    connection.execute(update(cases).where(open_ones).values(lane=after, updated_at=micros(now)))
