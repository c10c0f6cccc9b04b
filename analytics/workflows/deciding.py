"""From a command to a checked finding: the lease, the person, the rows, the reason, the ladder, and who must agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, select
from uuid6 import uuid7

from analytics.casework.approvals import Confirmer, still_needed
from analytics.casework.ladder import step_for
from analytics.casework.policy import Policy, Step
from analytics.views.words import CONFIRM_REASONS, ESCALATE_REASONS, REJECT_REASONS
from analytics.workflows import leases
from analytics.workflows.case_files import Thawed, read_file
from analytics.workflows.findings import findings_of
from analytics.workflows.gate import Written
from analytics.workflows.protection import protected_among
from analytics.workflows.queue import AWAITS, KNOWN_ANSWER, SECOND_REVIEW, Viewer, may_take
from analytics.workflows.recording import Finding, Rules, named, write_finding
from analytics.workflows.review_commands import LONGEST_NOTE, Decide
from analytics.workflows.second_look import second_look
from data.errors import ConflictError, InvalidCommandError, RightsError, StaleCaseError
from data.records import Kind, Outcome, ReasonCode, Role, SignedIn
from data.tables import decision_events, decisions

_FITTING = {
    Outcome.CONFIRM: frozenset(CONFIRM_REASONS),
    Outcome.REJECT: frozenset(REJECT_REASONS),
    Outcome.ESCALATE: frozenset(ESCALATE_REASONS),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One decision as it was sent."""

    command: Decide
    who: SignedIn
    now: datetime


def decide(command: Decide, rules: Rules) -> Callable[[Connection, SignedIn, datetime], Written]:
    """Return what writes this decision when the gate has let the person through."""

    def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
        case = leases.checked(connection, command.case_id, command.fence, who.person.person_id, now)
        _check_person(connection, who, case, now)
        if command.version != case.version:
            raise StaleCaseError(f"{leases.MOVED_ON}: it changed since you saw it.", "Look at it again.")
        file = read_file(connection, command.case_id)
        check_words(command)
        chosen = chosen_rows(file, command)
        if case.lane == SECOND_REVIEW:
            return second_look(connection, command, case, who, now)
        return write_finding(
            connection, _finding(connection, _Asked(command, who, now), (case, file, chosen), rules), rules
        )

    return write


def check_words(command: Decide) -> None:
    """Refuse a reason that does not fit, and an "other" that says nothing (P-06)."""
    if command.reason not in _FITTING[command.outcome]:
        raise InvalidCommandError("This reason does not go with this outcome.", "Choose another reason.")
    if command.reason is ReasonCode.OTHER and not command.note.strip():
        raise InvalidCommandError("“Other” needs a word of explanation.", "Write a note.")
    if len(command.note) > LONGEST_NOTE:
        raise InvalidCommandError(f"A note holds at most {LONGEST_NOTE:,} characters.", "Say it shorter.")
    if command.idle_us < 0:
        raise InvalidCommandError("Idle time cannot be negative.")


def chosen_rows(file: Thawed, command: Decide) -> pl.DataFrame:
    """Return the engagements left ticked; only rows that the case holds, and only on a confirmation, can be chosen."""
    if not file.kinds.keys() >= command.engagement_ids:
        raise InvalidCommandError("Some chosen engagements are not of this case.", "Look at the case again.")
    if command.outcome is not Outcome.CONFIRM and command.engagement_ids:
        raise InvalidCommandError("Only a confirmation removes engagements.", "Look at the case again.")
    # An unfollow gave nothing to anybody, so there is nothing to take back.
    ids = [one for one in command.engagement_ids if file.kinds[one] != Kind.UNFOLLOW]
    if command.outcome is Outcome.CONFIRM and not ids:
        raise InvalidCommandError("Nothing is ticked for removal.", "Tick what the service did, or choose 3.")
    return file.engagements.filter(pl.col("engagement_id").is_in(ids))


def _check_person(connection: Connection, who: SignedIn, case: Row[Any], now: datetime) -> None:
    if not may_take(connection, Viewer.of(who, now), case.case_id):
        raise ConflictError("This case is not for you to decide.", "It is your own, you know it, or you decided it.")


def _finding(
    connection: Connection, asked: _Asked, about: tuple[Row[Any], Thawed, pl.DataFrame], rules: Rules
) -> Finding:
    command, who, now = asked.command, asked.who, asked.now
    case, file, chosen = about
    step, outcome = step_now(connection, case.account_id, rules.policy, now), command.outcome
    before = confirmers(connection, case.case_id)
    role = acting_role(who, still_needed(step, before) if before else ())
    needed: tuple[Role, ...] = ()
    if outcome is Outcome.CONFIRM and case.lane != KNOWN_ANSWER:
        needed = still_needed(step, [*before, Confirmer(who.person.person_id, role)])
        if before and needed and needed == still_needed(step, before):
            raise RightsError(f"This step still needs {named(needed)}.", "Leave the case to them.")
        outcome = Outcome.ESCALATE if needed else Outcome.CONFIRM
    return Finding(
        decision_id=str(uuid7()),
        case=case,
        file=file,
        person_id=who.person.person_id,
        role=role,
        command=command,
        outcome=outcome,
        chosen=chosen,
        step=step.number,
        at=now,
        needed=needed,
    )


def step_now(connection: Connection, account_id: str, policy: Policy, now: datetime) -> Step:
    """Return the ladder step of a confirmation made now, with who must agree to it."""
    past = findings_of(connection, [account_id]).get(account_id, ())
    number = step_for(past, now, policy.strikes, len(policy.steps))
    protected = protected_among(connection, [account_id], policy.protected.release, now)
    return policy.step(number, is_protected=account_id in protected)


def acting_role(who: SignedIn, needed: tuple[Role, ...]) -> Role:
    """Return the role in which a person decides: one that is still needed, else the highest they hold."""
    held = [role for role in (*needed, Role.SENIOR_REVIEWER, Role.REVIEWER, Role.MANAGER) if role in who.person.roles]
    return held[0]


def confirmers(connection: Connection, case_id: str) -> list[Confirmer]:
    """Return who confirmed this case and waits for others to agree, in order."""
    undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
    query = (
        select(decisions.c.person_id, decisions.c.role)
        .join(decision_events, decision_events.c.decision_id == decisions.c.decision_id)
        .where(decisions.c.case_id == case_id, decision_events.c.event == AWAITS)
        .where(decisions.c.decision_id.not_in(undone))
        .order_by(decisions.c.decided_at, decisions.c.decision_id)
    )
    return [Confirmer(row.person_id, Role(row.role)) for row in connection.execute(query)]
