"""Write a checked finding: the decision, its rows, what it asks of the platform, and where the case goes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from uuid6 import uuid7

from analytics.casework.draws import is_drawn
from analytics.casework.freezing import parquet
from analytics.casework.policy import Policy
from analytics.casework.states import moved
from analytics.views.text import counted, listed
from analytics.workflows import leases
from analytics.workflows.case_files import Thawed
from analytics.workflows.enforcing import Enforced, enforce
from analytics.workflows.gate import Written
from analytics.workflows.queue import AWAITS, KNOWN_ANSWER, RANDOM_AUDIT
from analytics.workflows.review_commands import Decide
from data.audit_chain import canonical, parsed
from data.moments import micros
from data.platform.settings import DeliverySettings
from data.records import CaseState, Outcome, Role
from data.tables import cases, decision_engagements, decision_events, decisions, people

DRAWN = "second_review_drawn"
# The setting by which somebody gives themselves more time than the policy does (WCAG 2.2.1); in seconds.
UNDO_WINDOW = "undo_window"
_SETTINGS = select(people.c.settings).where(people.c.person_id == bindparam("person"))
_STATES = {
    Outcome.CONFIRM: CaseState.DECIDED,
    Outcome.REJECT: CaseState.DECIDED,
    Outcome.ESCALATE: CaseState.ESCALATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What decisions are made under."""

    policy: Policy
    delivery: DeliverySettings
    rng: random.Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A checked decision about to be written. `outcome` is what it comes to: a proposal of a severe step escalates."""

    decision_id: str
    case: Row[Any]
    file: Thawed
    person_id: str
    role: Role
    command: Decide
    outcome: Outcome
    chosen: pl.DataFrame
    step: int
    at: datetime
    needed: tuple[Role, ...] = ()
    bulk_id: str | None = None

    @property
    def removes(self) -> bool:
        return self.outcome is Outcome.CONFIRM and self.case.lane != KNOWN_ANSWER

    @property
    def automated_detection(self) -> bool:
        return is_found_by_software(self.case.lane, self.file)


def is_found_by_software(lane: str, file: Thawed) -> bool:
    """Whether the machine raised the account: one that only chance drew has no reasons in its file."""
    return lane != RANDOM_AUDIT or bool(file.seen.evidence)


def write_finding(connection: Connection, finding: Finding, rules: Rules) -> Written:
    """Write a checked finding with everything that follows from it."""
    undo_until = finding.at + _undo_window(connection, finding, rules.policy)
    _write_decision(connection, finding, undo_until, rules.policy)
    _write_rows(connection, finding)
    if finding.needed:
        detail = {"roles": [role.value for role in finding.needed]}
        note_event(
            connection,
            finding.decision_id,
            AWAITS,
            at=micros(finding.at),
            person_id=finding.person_id,
            detail=detail,
        )
    enforced = enforce(connection, finding, undo_until, rules) if finding.removes else None
    state = _move(connection, finding, rules.policy)
    _draw_second_review(connection, finding, rules.policy)
    leases.end(connection, finding.case.case_id, micros(finding.at))
    return _written(finding, undo_until, state, enforced, rules.policy)


def _undo_window(connection: Connection, finding: Finding, policy: Policy) -> timedelta:
    """Return how long this person can take the decision back (U-05); a bulk is stopped as a whole instead."""
    if finding.bulk_id is not None:
        return policy.undo
    chosen = parsed(connection.scalar(_SETTINGS, {"person": finding.person_id}) or "").get(UNDO_WINDOW, "")
    return max(policy.undo, timedelta(seconds=int(chosen) if chosen.isdecimal() else 0))


def note_event(
    connection: Connection,
    decision_id: str,
    event: str,
    *,
    at: int,
    person_id: str | None = None,
    detail: dict[str, Any] | None = None,  # Any: JSON
) -> None:
    """Write down what happened to a decision later."""
    row = {"event_id": str(uuid7()), "decision_id": decision_id, "event": event, "person_id": person_id, "at": at}
    connection.execute(insert(decision_events).values(**row, detail=canonical(detail or {})))


def _write_decision(connection: Connection, finding: Finding, undo_until: datetime, policy: Policy) -> None:
    case, command, seen = finding.case, finding.command, finding.file.seen
    is_part = command.outcome is Outcome.CONFIRM and frozenset(finding.chosen["engagement_id"]) != finding.file.proposed
    row = {
        "decision_id": finding.decision_id,
        "case_id": case.case_id,
        "account_id": case.account_id,
        "person_id": finding.person_id,
        "role": finding.role.value,
        "outcome": finding.outcome.value,
        "is_partial": is_part,
        "reason": command.reason.value,
        "note": command.note.strip(),
        "decided_at": micros(finding.at),
        "shown_at": micros(command.shown_at) if command.shown_at else None,
        "idle_us": command.idle_us,
        "undo_until": micros(undo_until),
        "case_version": case.version,
        "fence": command.fence,
        "step": finding.step,
        "policy_version": policy.version,
        "model_version": seen.model_version,
        "model_hash": seen.model_hash,
        "evidence_hash": finding.file.content_hash,
        "automated_detection": finding.automated_detection,
        "bulk_id": finding.bulk_id,
    }
    same = {name: getattr(case, name) for name in ("lane", "is_blind", "explanation_shown", "run_id", "score")}
    connection.execute(insert(decisions).values(**row, **same))


def _write_rows(connection: Connection, finding: Finding) -> None:
    """Keep what was on the screen and what was taken of it; only what is really removed counts as removed."""
    chosen = finding.chosen["engagement_id"].to_list() if finding.removes else []
    rows = finding.file.engagements.select(
        "engagement_id",
        "kind",
        pl.col("at").dt.epoch("us"),
        "p",
        "band",
        is_removed=pl.col("engagement_id").is_in(chosen),
    )
    removed = finding.file.counts(chosen)
    told = {f"removed_{kind}s": removed.get(kind, 0) for kind in ("like", "follow", "comment")}
    connection.execute(
        insert(decision_engagements).values(
            decision_id=finding.decision_id, engagements=parquet(rows), proposed=len(finding.file.proposed), **told
        )
    )


def _move(connection: Connection, finding: Finding, policy: Policy) -> CaseState:
    state, case = _STATES[finding.outcome], finding.case
    if case.lane == KNOWN_ANSWER:
        state = _after_known_answer(connection, finding, policy)
    values: dict[str, Any] = {"state": moved(CaseState(case.state), state).value, "version": case.version + 1}
    if finding.outcome is Outcome.ESCALATE and case.lane != KNOWN_ANSWER:
        values["escalated_by"] = finding.person_id
    connection.execute(
        update(cases).where(cases.c.case_id == case.case_id).values(**values, updated_at=micros(finding.at))
    )
    return state


def _after_known_answer(connection: Connection, finding: Finding, policy: Policy) -> CaseState:
    """Show a known answer to as many people as the policy says."""
    asked = select(func.count()).select_from(decisions)
    count = connection.scalar(
        asked.where(decisions.c.case_id == finding.case.case_id, decisions.c.lane == KNOWN_ANSWER)
    )
    return CaseState.CLOSED if (count or 0) >= policy.review.known_answer_people else CaseState.OPEN


def _draw_second_review(connection: Connection, finding: Finding, policy: Policy) -> None:
    """Choose by chance, at once and for good, whether a second person will look; the case comes back later."""
    is_verdict = finding.outcome is not Outcome.ESCALATE and finding.case.lane != KNOWN_ANSWER
    if is_verdict and is_drawn(policy.review.second_review_share, "second review", finding.decision_id):
        note_event(connection, finding.decision_id, DRAWN, at=micros(finding.at))


def named(roles: tuple[Role, ...]) -> str:
    return listed([f"a {role.value.replace('_', ' ')}" for role in roles])


def _written(
    finding: Finding, undo_until: datetime, state: CaseState, enforced: Enforced | None, policy: Policy
) -> Written:
    command, case = finding.command, finding.case
    facts: dict[str, Any] = {
        "decision_id": finding.decision_id,
        "outcome": finding.outcome.value,
        "state": state.value,
        "step": finding.step,
        "removed": enforced.removed if enforced else {},
        "actions": enforced.actions if enforced else [],
        "notice": enforced.notice_id if enforced else None,
        "statement": enforced.statement_id if enforced else None,
        "is_urgent": command.is_urgent,
    }
    return Written(
        subject=case.case_id,
        message=_message(finding),
        facts=facts,
        before={"state": case.state, "version": case.version},
        decision_id=finding.decision_id,
        undo_until=undo_until,
        case_version=case.version + 1,
        fence=command.fence,
        reason_code=command.reason.value,
        model_hash=finding.file.seen.model_hash,
        explanation_hash=finding.file.content_hash,
        policy_version=policy.version,
        needs_recent=_closes(finding, policy),
    )


def _closes(finding: Finding, policy: Policy) -> bool:
    """Whether somebody asks, or agrees, to close an account for good."""
    is_asked = finding.command.outcome is Outcome.CONFIRM and finding.case.lane != KNOWN_ANSWER
    return is_asked and policy.step(finding.step).closes_account


def _message(finding: Finding) -> str:
    case = f"Case {finding.case.number}"
    if finding.needed:
        return f"{case} proposed: {named(finding.needed)} must agree before anything is sent."
    if finding.outcome is Outcome.CONFIRM:
        return f"{case} confirmed: {counted(finding.chosen.height, 'engagement')}, step {finding.step}."
    return f"{case} escalated." if finding.outcome is Outcome.ESCALATE else f"{case} closed as not inauthentic."
