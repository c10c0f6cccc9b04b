"""Appeals: read beside what was done, decided by somebody who took no part, and given back when overturned (P-18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from analytics.casework.appeals import LONGEST_GROUNDS, check_decider
from analytics.views.appeals import Complaint
from analytics.workflows import leases
from analytics.workflows.appeal_intake import FILED, Filing, file_appeal, intake, take_in
from analytics.workflows.appeal_reads import deciders_of, list_appeals, read_appeal, read_complaint
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.deliveries import Deliveries, DeliveryFilter
from analytics.workflows.gate import Gate, Written
from analytics.workflows.giving_back import overturn, tell_outcome
from data.errors import InvalidCommandError, RightsError, StaleCaseError
from data.moments import micros
from data.platform.contract import REVERSING
from data.records import Action, Appeal, AppealState, CaseState, Receipt, Role, SignedIn
from data.tables import appeal_outcomes, appeals, cases, decisions

__all__ = ["Appeals", "DecideAppeal", "FileAppeal", "file_appeal", "intake"]

APPEAL_REVIEWERS = frozenset({Role.SENIOR_REVIEWER})
TAKERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER, Role.MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAppeal:
    """A complaint that reached a person here: by letter, by telephone."""

    idempotency_key: str
    decision_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideAppeal:
    """The answer to one complaint, with its grounds."""

    idempotency_key: str
    appeal_id: str
    outcome: AppealState
    grounds: str


class Appeals:
    """Reads and commands of the appeals page."""

    def __init__(self, gate: Gate, ledger: LedgerLike, clock: Callable[[], datetime]) -> None:
        self._gate = gate
        self._ledger = ledger
        self._clock = clock

    def list(self, token: str, state: AppealState | None = AppealState.OPEN) -> tuple[Appeal, ...]:
        """List appeals, those that wait longest first; None lists the decided ones as well."""
        self._reader(token)
        with self._ledger.read() as connection:
            return list_appeals(connection, state)

    def open(self, token: str, appeal_id: str) -> Complaint:
        """Return an appeal with everything it is about, without the name of whoever decided first."""
        self._reader(token)
        with self._ledger.read() as connection:
            appeal = read_appeal(connection, appeal_id)
        done = self._done(appeal.decision_id)
        with self._ledger.read() as connection:
            return read_complaint(connection, appeal, done)

    def may_decide(self, token: str, appeal_id: str) -> bool:
        """Whether this person took no part in the decision that the appeal is about."""
        who = self._reader(token)
        with self._ledger.read() as connection:
            return who.person.person_id not in deciders_of(connection, read_appeal(connection, appeal_id).case_id)

    def execute(self, token: str, command: FileAppeal | DecideAppeal) -> Receipt:
        """Carry out one command once."""
        if isinstance(command, FileAppeal):
            return self._file(token, command)
        return self._decide(token, command)

    def _file(self, token: str, command: FileAppeal) -> Receipt:
        def write(connection: Connection, _who: SignedIn, now: datetime) -> Written:
            filing = Filing(decision_id=command.decision_id.strip(), text=command.text, channel="page")
            filed = take_in(connection, filing, now)
            return Written(subject=filed.appeal_id, message=FILED, facts={"decision_id": filed.decision_id})

        return self._gate.execute(token, command, TAKERS, write)

    def _decide(self, token: str, command: DecideAppeal) -> Receipt:
        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            return _answer(connection, command, who.person.person_id, now)

        return self._gate.execute(token, command, APPEAL_REVIEWERS, write, costs={"appeals": 1})

    def _done(self, decision_id: str) -> tuple[Action, ...]:
        """List the decision's own actions in plan order, without what gave something back."""
        deliveries, found = Deliveries(self._ledger, self._clock), list[Action]()
        page = deliveries.list(DeliveryFilter(decision_id=decision_id))
        for number in range(1, page.pages + 1):
            found += deliveries.list(DeliveryFilter(decision_id=decision_id), page=number).actions
        own = [action for action in found if action.kind not in REVERSING]
        return tuple(sorted(own, key=lambda action: action.position))

    def _reader(self, token: str) -> SignedIn:
        who = self._gate.who(token)
        if not who.person.roles & APPEAL_REVIEWERS:
            raise RightsError("Appeals are for senior reviewers.", "Ask an administrator if you should see them.")
        return who


def _answer(connection: Connection, command: DecideAppeal, person_id: str, now: datetime) -> Written:
    """Write the outcome and all that follows from it."""
    grounds = _checked(command)
    appeal = _appeal(connection, command.appeal_id)
    if connection.scalar(select(appeal_outcomes.c.outcome).where(appeal_outcomes.c.appeal_id == appeal.appeal_id)):
        raise StaleCaseError("This appeal is answered already.", "Open the list again.")
    check_decider(person_id, deciders_of(connection, appeal.case_id))
    told = {"appeal_id": appeal.appeal_id, "person_id": person_id, "outcome": command.outcome.value}
    connection.execute(insert(appeal_outcomes).values(**told, grounds=grounds, decided_at=micros(now)))
    facts: dict[str, Any] = {"decision_id": appeal.decision_id, "outcome": command.outcome.value}
    if command.outcome is AppealState.OVERTURNED:
        done = overturn(connection, appeal, person_id, now)
        facts |= {"cancelled": done.cancelled, "reversing": done.reversing, "recounts": done.recounts}
        message = done.sentence
    else:
        tell_outcome(connection, appeal, AppealState.UPHELD, now)
        message = "The decision stands. The owner is told."
    before, version = _close_case(connection, appeal.case_id, now)
    decision = connection.execute(select(decisions).where(decisions.c.decision_id == appeal.decision_id)).one()
    return Written(
        subject=appeal.appeal_id,
        message=message,
        facts=facts,
        before={"state": before},
        case_version=version,
        reason_code=command.outcome.value,
        policy_version=decision.policy_version,
    )


def _checked(command: DecideAppeal) -> str:
    grounds = command.grounds.strip()
    if command.outcome not in (AppealState.UPHELD, AppealState.OVERTURNED):
        raise InvalidCommandError("An appeal is upheld or overturned.", "Choose one of the two.")
    if not grounds:
        raise InvalidCommandError("The grounds are missing.", "Say in a sentence why.")
    if len(grounds) > LONGEST_GROUNDS:
        raise InvalidCommandError(f"Grounds have at most {LONGEST_GROUNDS:,} characters.", "Say it shorter.")
    return grounds


def _appeal(connection: Connection, appeal_id: str) -> Row[Any]:
    row = connection.execute(select(appeals).where(appeals.c.appeal_id == appeal_id)).one_or_none()
    if row is None:
        raise InvalidCommandError("There is no such appeal.", "Open the list again.")
    return row


def _close_case(connection: Connection, case_id: str, now: datetime) -> tuple[str, int]:
    """Close the case for good; a decision that somebody still has on the screen no longer fits its version."""
    row = connection.execute(select(cases.c.state, cases.c.version).where(cases.c.case_id == case_id)).one()
    values = {"state": CaseState.CLOSED, "version": row.version + 1, "updated_at": micros(now)}
    leases.end(connection, case_id, micros(now))
    connection.execute(update(cases).where(cases.c.case_id == case_id).values(**values))
    return str(row.state), row.version + 1
