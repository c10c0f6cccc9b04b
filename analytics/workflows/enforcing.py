"""What a confirmed finding leaves in the ledger for the platform and the owner: actions, notice, statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert
from uuid6 import uuid7

from analytics.casework.appeals import appeal_until
from analytics.casework.enforcement import CREDENTIAL_REASONS, NewAction, Order, new_actions
from analytics.casework.freezing import counts
from analytics.casework.notices import notice_of_step
from analytics.casework.plan import Confirmation, notice_for
from analytics.casework.statements import StatementFacts
from analytics.workflows.notice_texts import keep_notice, load_notices
from analytics.workflows.statements import keep_statement
from data.moments import micros
from data.records import ActionState, NoticeText
from data.tables import actions, outbox

if TYPE_CHECKING:
    from analytics.workflows.recording import Finding, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforced:
    """What was written, for the audit row."""

    removed: Mapping[str, int]
    actions: list[str]
    notice_id: str
    statement_id: str | None


def enforce(connection: Connection, finding: Finding, undo_until: datetime, rules: Rules) -> Enforced:
    """Write the actions with their places in the outbox, the notice word for word, and the statement of reasons."""
    removed = counts(finding.chosen)
    notice = notice_for(confirmation(finding, removed), rules.policy, load_notices())
    asked = new_actions(_order(finding, notice, undo_until, rules))
    return Enforced(
        removed=removed,
        actions=[_queue(connection, finding, one) for one in asked],
        notice_id=keep_notice(
            connection,
            decision_id=finding.decision_id,
            account_id=finding.case.account_id,
            name=notice_of_step(finding.step),
            text=notice,
            at=finding.at,
            appeal_until=appeal_until(finding.at, rules.policy.appeal_days),
        ),
        statement_id=keep_statement(connection, _statement(finding, removed, asked, rules), finding.at),
    )


def confirmation(finding: Finding, removed: Mapping[str, int]) -> Confirmation:
    """Return the finding as far as the owner will read of it."""
    return Confirmation(
        step=finding.step,
        case_number=finding.case.number,
        removed=removed,
        at=finding.at,
        language=finding.case.language,
        reason=finding.command.reason,
        is_blind=finding.case.is_blind,
        automated_detection=finding.automated_detection,
    )


def _order(finding: Finding, notice: NoticeText, undo_until: datetime, rules: Rules) -> Order:
    return Order(
        account_id=finding.case.account_id,
        decision_id=finding.decision_id,
        step=rules.policy.step(finding.step),
        engagement_ids=finding.chosen["engagement_id"].to_list(),
        notice=notice,
        decided_at=finding.at,
        undo_until=undo_until,
        removal_at=rules.delivery.removal.not_before(undo_until, rules.rng),
        is_urgent=finding.command.is_urgent and finding.command.reason in CREDENTIAL_REASONS,
    )


def _queue(connection: Connection, finding: Finding, one: NewAction) -> str:
    action_id = str(uuid7())
    connection.execute(
        insert(actions).values(
            action_id=action_id,
            decision_id=finding.decision_id,
            case_id=finding.case.case_id,
            account_id=finding.case.account_id,
            kind=one.kind.value,
            position=one.position,
            body=one.body,
            body_hash=one.body_hash,
            engagements=one.engagements,
            ends_at=micros(one.ends_at) if one.ends_at else None,
            created_at=micros(finding.at),
        )
    )
    waiting = {"state": ActionState.QUEUED.value, "not_before": micros(one.not_before)}
    connection.execute(insert(outbox).values(action_id=action_id, **waiting, updated_at=micros(finding.at)))
    return action_id


def _statement(
    finding: Finding, removed: Mapping[str, int], asked: tuple[NewAction, ...], rules: Rules
) -> StatementFacts:
    first, last = finding.chosen["at"].min(), finding.chosen["at"].max()
    return StatementFacts(
        decision_id=finding.decision_id,
        reason=finding.command.reason,
        removed=removed,
        first_at=first if isinstance(first, datetime) else finding.at,
        last_at=last if isinstance(last, datetime) else finding.at,
        decided_at=finding.at,
        actions={one.kind: one.ends_at for one in asked},
        closes_account=rules.policy.step(finding.step).closes_account,
        automated_detection=finding.automated_detection,
        is_blind=finding.case.is_blind,
    )
