"""Appeals come in by command, by page and by the platform's signed message; each is written once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from uuid6 import uuid7

from analytics.casework.appeals import LONGEST_TEXT, Appealed, check_filing
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.queue import KNOWN_ANSWER
from data.audit_chain import AuditEntry, append_audit
from data.errors import CommandError, InvalidCommandError
from data.home import Home
from data.ledger import Ledger
from data.moments import micros, of_micros
from data.platform.webhooks import Incoming
from data.records import Outcome, Receipt
from data.tables import appeal_outcomes, appeals, cases, decision_events, decisions, notices

# What is longer is no number of a case.
_DIGITS = 12
# What is decided on a known answer measures a reviewer: nothing follows from it, and no owner hears of it.
_CAN_BE_NAMED = decisions.c.lane != KNOWN_ANSWER
FILED = "The appeal is filed. Somebody who did not decide the case will answer it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A complaint as it arrives; `external_id` names the platform's message, so that it counts once.

    `decision_id` may be the number that the notice names.
    """

    decision_id: str
    text: str
    channel: str
    account_id: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    appeal_id: str
    case_id: str
    decision_id: str
    is_new: bool


def file_appeal(home: Home, *, decision_id: str, text: str, channel: str, now: datetime) -> Receipt:
    """Take in a complaint from the command line; the same words again change nothing."""
    ledger = Ledger.open(home)
    try:
        filed = file_from_outside(ledger, Filing(decision_id=decision_id, text=text, channel=channel), now)
    finally:
        ledger.close()
    return Receipt(command="FileAppeal", subject_id=filed.appeal_id, message=FILED, repeated=not filed.is_new)


def intake(ledger: LedgerLike, clock: Callable[[], datetime]) -> Callable[[Incoming], str]:
    """Return what takes in the platform's signed messages, each message id once."""

    def take(incoming: Incoming) -> str:
        told = incoming.appeal
        filing = Filing(
            decision_id=told.decision_id,
            text=told.text,
            channel="webhook",
            account_id=told.account_id,
            external_id=incoming.message_id,
        )
        file_from_outside(ledger, filing, clock())
        return FILED

    return take


def file_from_outside(ledger: LedgerLike, filing: Filing, now: datetime) -> Filed:
    """Write an appeal that no signed-in person files, with its audit row; a refusal leaves an audit row as well."""
    try:
        with ledger.write() as connection:
            filed = take_in(connection, filing, now)
            if filed.is_new:
                named = replace(filing, decision_id=filed.decision_id)
                append_audit(connection, _entry(named, "FileAppeal", filed.appeal_id), at=micros(now))
            return filed
    except CommandError as error:
        with ledger.write() as connection:
            entry = _entry(filing, "FileAppeal.refused", filing.decision_id[:64], type(error).__name__)
            append_audit(connection, entry, at=micros(now))
        raise


def take_in(connection: Connection, filing: Filing, now: datetime) -> Filed:
    """Check and write one appeal; a message that is here already is answered like the first time."""
    text, filing = _checked(filing.text), replace(filing, decision_id=_named(connection, filing.decision_id))
    known = _known(connection, filing, text)
    if known is not None:
        return known
    query = select(decisions.c.case_id, decisions.c.account_id).where(decisions.c.decision_id == filing.decision_id)
    row = connection.execute(query.where(_CAN_BE_NAMED)).one_or_none()
    if row is None or filing.account_id not in (None, row.account_id):
        raise InvalidCommandError("There is no such decision.", "The notice names its number.")
    if filing.channel != "recount":
        check_filing(_appealed(connection, filing.decision_id), now)
    appeal_id = str(uuid7())
    connection.execute(
        insert(appeals).values(
            appeal_id=appeal_id,
            decision_id=filing.decision_id,
            case_id=row.case_id,
            account_id=row.account_id,
            channel=filing.channel,
            external_id=filing.external_id,
            text=text,
            filed_at=micros(now),
        )
    )
    return Filed(appeal_id=appeal_id, case_id=row.case_id, decision_id=filing.decision_id, is_new=True)


def _named(connection: Connection, name: str) -> str:
    """Return the decision of a name: its id, or the number in the notice, which is that of the case.

    Of several decisions on one case the last that confirmed is meant: no other sends a notice that can be appealed.
    """
    number = name.strip().removeprefix("#")
    if not (number.isascii() and number.isdecimal() and len(number) <= _DIGITS):
        return name.strip()
    query = (
        select(decisions.c.decision_id)
        .join(cases, cases.c.case_id == decisions.c.case_id)
        .where(cases.c.number == int(number), decisions.c.outcome == Outcome.CONFIRM.value, _CAN_BE_NAMED)
        .order_by(decisions.c.decided_at.desc(), decisions.c.decision_id.desc())
    )
    return connection.scalar(query.limit(1)) or name.strip()


def _checked(text: str) -> str:
    words = text.strip()
    if not words:
        raise InvalidCommandError("The appeal is empty.", "Say in a sentence what is wrong.")
    if len(words) > LONGEST_TEXT:
        raise InvalidCommandError(f"An appeal has at most {LONGEST_TEXT:,} characters.", "Say it shorter.")
    if "\x00" in words or any("\ud800" <= letter <= "\udfff" for letter in words):
        raise InvalidCommandError("The appeal holds characters that cannot be kept.", "Write it anew.")
    return words


def _known(connection: Connection, filing: Filing, text: str) -> Filed | None:
    """Find the appeal that this message already is: by its id, or, without one, by the same words still waiting."""
    query = select(appeals.c.appeal_id, appeals.c.case_id, appeals.c.decision_id)
    if filing.external_id is not None:
        query = query.where(appeals.c.external_id == filing.external_id)
    else:
        is_answered = select(appeal_outcomes.c.appeal_id)
        query = query.where(
            appeals.c.decision_id == filing.decision_id,
            appeals.c.text == text,
            appeals.c.channel == filing.channel,
            appeals.c.appeal_id.not_in(is_answered),
        )
    row = connection.execute(query).first()
    return Filed(**row._mapping, is_new=False) if row else None


def _appealed(connection: Connection, decision_id: str) -> Appealed:
    query = select(decisions, cases.c.language).join(cases, cases.c.case_id == decisions.c.case_id)
    row = connection.execute(query.where(decisions.c.decision_id == decision_id)).one()
    events = set(
        connection.scalars(select(decision_events.c.event).where(decision_events.c.decision_id == decision_id))
    )
    until = connection.scalar(select(func.max(notices.c.appeal_until)).where(notices.c.decision_id == decision_id))
    answered = (
        select(appeals.c.appeal_id, appeal_outcomes.c.outcome)
        .outerjoin(appeal_outcomes, appeal_outcomes.c.appeal_id == appeals.c.appeal_id)
        .where(appeals.c.decision_id == decision_id, appeals.c.channel != "recount")
    )
    found = connection.execute(answered).all()
    return Appealed(
        outcome=Outcome(row.outcome),
        decided_at=of_micros(row.decided_at),
        undo_until=of_micros(row.undo_until),
        appeal_until=of_micros(until) if until else None,
        is_undone="undone" in events,
        is_overturned="overturned" in events,
        waits_already=any(one.outcome is None for one in found),
        was_answered=any(one.outcome is not None for one in found),
    )


def _entry(filing: Filing, verb: str, subject: str, reason_code: str = "") -> AuditEntry:
    """Say who brought it: the platform or whoever holds the machine; the words themselves stay in the appeal."""
    return AuditEntry(
        actor_id="platform" if filing.channel == "webhook" else filing.channel,
        actor_role="intake",
        verb=verb,
        subject=subject,
        after={"decision_id": filing.decision_id[:64], "channel": filing.channel},
        reason_code=reason_code,
    )
