"""The one door for writes: who asks, may they, was it done already, do it, and keep a chained record of it.

All of it happens in one write transaction, so a right that was taken away a moment ago no longer counts (X-21), two
clicks have one effect, and nothing is done without its audit row. A refusal leaves an audit row of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import rfc8785
import structlog
from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.limits import spend
from data.audit_chain import AuditEntry, append_audit, canonical, parsed
from data.errors import CommandError, InvalidCommandError, KeyReusedError, RightsError, SessionError, StorageError
from data.moments import micros, of_micros
from data.records import Person, Receipt, Role, SignedIn
from data.tables import commands, people, sign_ins

log = structlog.get_logger("gate")

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
RECENT = timedelta(minutes=10)
# Being seen is written down this often at most, so that looking at pages does not mean writing all the time.
TOUCH = timedelta(seconds=60)
LONGEST_KEY, LONGEST_SUBJECT = 64, 300
# Neither half a character nor a NUL can be kept by every database.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_NAMED = ("decision_id", "case_id", "appeal_id", "bulk_id", "person_id", "account_id", "service_id", "action_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a command wrote: its subject, the sentence for the person, and the facts for the audit row."""

    subject: str
    message: str
    facts: Mapping[str, Any]  # Any: JSON
    before: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    decision_id: str | None = None
    undo_until: datetime | None = None
    case_version: int | None = None
    fence: int | None = None
    reason_code: str = ""
    model_hash: str = ""
    explanation_hash: str = ""
    policy_version: str = ""
    # what it came to is so severe that only a person who has just signed in may do it (D.2)
    needs_recent: bool = False


Write = Callable[[Connection, SignedIn, datetime], Written]
# Written once: it is asked with every look and every command, and to write it takes longer than to answer it.
_SESSION = (
    select(sign_ins, people.c.name, people.c.roles, people.c.is_demo, people.c.is_active)
    .select_from(sign_ins.join(people))
    .where(sign_ins.c.token_hash == bindparam("token"))
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One call of the gate."""

    token: str
    command: Any
    roles: frozenset[Role]
    needs_recent: bool
    costs: Mapping[str, int]
    # Empty when the command holds what no ledger can keep.
    body_hash: str

    @property
    def name(self) -> str:
        return type(self.command).__name__

    @property
    def key(self) -> str:
        return str(self.command.idempotency_key)

    @property
    def subject(self) -> str:
        """Return what the command is about, for the record of a refusal."""
        found = (str(getattr(self.command, name)) for name in _NAMED if getattr(self.command, name, None))
        return next(found, self.name)[:LONGEST_SUBJECT].encode(errors="replace").decode()


class Gate:
    """The one way to change the ledger."""

    def __init__(self, ledger: LedgerLike, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock

    def who(self, token: str) -> SignedIn:
        """Return who holds a session, with the rights of this moment; a session that ended is refused."""
        with self.reading(token) as (_connection, who):
            return who

    @contextmanager
    def reading(self, token: str) -> Iterator[tuple[Connection, SignedIn]]:
        """Yield one state of the ledger with who asks, so that rights and rows are of the same moment."""
        now = self._clock()
        with self._ledger.read() as connection:
            row = _session(connection, token)
            yield connection, _signed_in(row, token, now)
        if now - of_micros(row.last_seen_at) >= TOUCH:
            self._touch(token, now)

    def execute(
        self,
        token: str,
        command: Any,  # Any: a frozen record with an idempotency_key
        roles: frozenset[Role],
        write: Write,
        *,
        needs_recent: bool = False,
        costs: Mapping[str, int] | None = None,
    ) -> Receipt:
        """Do a command once and return its receipt; a repeat of the same key returns the first receipt."""
        asked = _Asked(token, command, roles, needs_recent, costs or {}, _body_hash(command))
        now = self._clock()
        try:
            with self._ledger.write() as connection:
                return _execute(connection, asked, write, now)
        except IntegrityError:
            twin = self._twin(asked)
            if twin is None:
                raise
            return twin
        except CommandError as error:
            self._record_refusal(asked, error, now)
            raise

    def _twin(self, asked: _Asked) -> Receipt | None:
        """Return the receipt of the same command when it was stored a moment ago by somebody faster."""
        with self._ledger.read() as connection:
            who = _signed_in(_session(connection, asked.token), asked.token, None)
            return _repeated(connection, asked, who)

    def _record_refusal(self, asked: _Asked, error: CommandError, now: datetime) -> None:
        try:
            with self._ledger.write() as connection:
                append_audit(connection, _refusal(connection, asked, error), at=micros(now))
        except StorageError as storage:
            log.warning("a refusal could not be recorded", command=asked.name, cause=storage.message)

    def _touch(self, token: str, now: datetime) -> None:
        """Keep a session awake; a ledger that cannot be written must not close the pages that only read."""
        try:
            with self._ledger.write() as connection:
                _seen(connection, token, now)
        except StorageError as error:
            log.warning("a sign-in could not be kept awake", cause=error.message)


def token_hash(token: str) -> str:
    """Return what the ledger keeps of a token; the token itself is only ever held by the browser."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_id(token: str) -> str:
    """Return the short name of a session in the audit chain."""
    return token_hash(token)[:16] if token else ""


def _body_hash(command: Any) -> str:
    """Hash the command's canonical JSON; the same key must always come with the same body."""
    try:
        told = canonical(command)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        return ""
    return "" if _NUL.search(told) else hashlib.sha256(f"{type(command).__name__} {told}".encode()).hexdigest()


def _execute(connection: Connection, asked: _Asked, write: Write, now: datetime) -> Receipt:
    row = _session(connection, asked.token)
    who = _signed_in(row, asked.token, now)
    _check(asked, who, row, now)
    repeated = _repeated(connection, asked, who)
    if repeated is not None:
        return repeated
    spend(connection, who.person.person_id, asked.costs, now)
    written = write(connection, who, now)
    if written.needs_recent:
        _check_recent(row, now)
    receipt = Receipt(
        command=asked.name,
        subject_id=written.subject,
        message=written.message,
        undo_until=written.undo_until,
        decision_id=written.decision_id,
    )
    told = {"idempotency_key": asked.key, "person_id": who.person.person_id, "name": asked.name}
    stored = told | {"body_hash": asked.body_hash, "receipt": canonical(asdict(receipt))}
    connection.execute(insert(commands).values(**stored, executed_at=micros(now)))
    append_audit(connection, _entry(asked, who, written), at=micros(now))
    _seen(connection, asked.token, now)
    return receipt


def _check(asked: _Asked, who: SignedIn, row: Row[Any], now: datetime) -> None:
    if not asked.body_hash:
        raise InvalidCommandError("This holds characters or numbers that cannot be kept.", "Write it anew.")
    if not asked.key or len(asked.key) > LONGEST_KEY:
        raise InvalidCommandError("This command carries no usable key.", "Open the page again.")
    if not who.person.roles & asked.roles:
        raise RightsError("You no longer have this right.", "Ask an administrator if you should.")
    if asked.needs_recent:
        _check_recent(row, now)


def _check_recent(row: Row[Any], now: datetime) -> None:
    if now - of_micros(row.authenticated_at) > RECENT:
        raise RightsError("This needs a sign-in of the last ten minutes.", "Sign out, sign in again, and repeat it.")


def _repeated(connection: Connection, asked: _Asked, who: SignedIn) -> Receipt | None:
    stored = connection.execute(select(commands).where(commands.c.idempotency_key == asked.key)).one_or_none()
    if stored is None:
        return None
    if (stored.person_id, stored.body_hash) != (who.person.person_id, asked.body_hash):
        raise KeyReusedError("This key was already used for something else.", "Open the page again.")
    told = parsed(stored.receipt)
    until = told["undo_until"]
    receipt = Receipt(**told | {"undo_until": datetime.fromisoformat(until) if until else None})
    return replace(receipt, repeated=True)


def _entry(asked: _Asked, who: SignedIn, written: Written) -> AuditEntry:
    return AuditEntry(
        actor_id=who.person.person_id,
        actor_role=",".join(sorted(who.person.roles & asked.roles)),
        session_id=session_id(asked.token),
        verb=asked.name,
        subject=written.subject,
        case_version=written.case_version,
        fence=written.fence,
        before=written.before,
        after={"command": {"key": asked.key, "body": asked.body_hash}, "facts": written.facts},
        reason_code=written.reason_code,
        model_hash=written.model_hash,
        explanation_hash=written.explanation_hash,
        policy_version=written.policy_version,
    )


def _refusal(connection: Connection, asked: _Asked, error: CommandError) -> AuditEntry:
    """Write down who was refused what and why; the person is named even when their session ended."""
    query = select(people.c.person_id, people.c.roles).join(sign_ins, sign_ins.c.person_id == people.c.person_id)
    row = connection.execute(query.where(sign_ins.c.token_hash == token_hash(asked.token))).one_or_none()
    return AuditEntry(
        actor_id=row.person_id if row else "unknown",
        actor_role=row.roles if row else "",
        session_id=session_id(asked.token),
        verb=f"{asked.name}.refused",
        subject=asked.subject,
        after={"command": {"key": asked.key[:LONGEST_KEY], "body": asked.body_hash}, "message": error.message},
        reason_code=type(error).__name__,
    )


def _session(connection: Connection, token: str) -> Row[Any]:
    row = connection.execute(_SESSION, {"token": token_hash(token)}).one_or_none()
    if not token or row is None:
        raise SessionError("You are not signed in.", "Sign in to go on.")
    return row


def _signed_in(row: Row[Any], token: str, now: datetime | None) -> SignedIn:
    """Return the person behind a session; without a moment only what holds at any time is checked."""
    if not row.is_active:
        raise SessionError("You no longer work here.", "Ask an administrator if you should.")
    if row.revoked_at is not None:
        raise SessionError("Your sign-in was ended.", "Sign in again; drafts are kept.")
    idle_until, until = of_micros(row.last_seen_at) + IDLE, of_micros(row.created_at) + LONGEST
    if now is not None and now >= min(idle_until, until):
        raise SessionError("Your sign-in ran out.", "Sign in again; drafts are kept.")
    roles = frozenset(Role(role) for role in row.roles.split(",") if role)
    person = Person(person_id=row.person_id, name=row.name, roles=roles, is_demo=row.is_demo, is_active=row.is_active)
    return SignedIn(token=token, person=person, expires_at=min(idle_until, until))


def _seen(connection: Connection, token: str, now: datetime) -> None:
    seen = sign_ins.c.token_hash == token_hash(token)
    connection.execute(
        update(sign_ins).where(seen, sign_ins.c.last_seen_at < micros(now)).values(last_seen_at=micros(now))
    )
