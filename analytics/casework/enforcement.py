"""From a confirmed finding to what is asked of the platform: which actions, in which order, with which words.

Sessions are revoked with the reset, before anything else: a service that still holds the account could undo the rest.
The owner is told before anything is restricted or removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.casework.policy import Step
from data.platform.contract import action_body, body_hash, chunks
from data.records import ActionKind, NoticeText, PlannedAction, ReasonCode

# Somebody else holds the password: waiting is the harm.
CREDENTIAL_REASONS = frozenset({ReasonCode.CREDENTIALS_SHARED_KNOWINGLY, ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY})
_SUMMARIES = {
    ActionKind.RESET_PASSWORD: "Sign out everywhere, then a new password",
    ActionKind.WARN: "Tell the owner what was removed and what to do",
    ActionKind.LIMIT: "No likes, follows or comments for a time",
    ActionKind.SUSPEND: "Suspend the account",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One confirmed finding on its way to the platform."""

    account_id: str
    decision_id: str
    step: Step
    engagement_ids: Sequence[str]
    notice: NoticeText
    decided_at: datetime
    undo_until: datetime
    # removals leave later than the rest, so that their moment tells nobody what was noticed
    removal_at: datetime
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """One request to the platform as it is written down with the decision."""

    kind: ActionKind
    position: int
    body: str
    body_hash: str
    not_before: datetime
    engagements: int = 0
    ends_at: datetime | None = None


def measures(step: Step, at: datetime) -> tuple[tuple[ActionKind, datetime | None], ...]:
    """List what a step does beside removing, in order, each with its end; an account that is closed has none."""
    found: list[tuple[ActionKind, datetime | None]] = [(ActionKind.RESET_PASSWORD, None), (ActionKind.WARN, None)]
    if step.limit_days:
        found.append((ActionKind.LIMIT, at + timedelta(days=step.limit_days)))
    if step.suspend_days:
        found.append((ActionKind.SUSPEND, at + timedelta(days=step.suspend_days)))
    elif step.closes_account:
        found.append((ActionKind.SUSPEND, None))
    return tuple(found)


def planned(step: Step, engagements: int, at: datetime) -> tuple[PlannedAction, ...]:
    """List the same steps as the reviewer sees them before confirming."""
    first = tuple(PlannedAction(kind=kind, summary=_SUMMARIES[kind], ends_at=end) for kind, end in measures(step, at))
    removal = PlannedAction(
        kind=ActionKind.REMOVE_ENGAGEMENTS,
        summary=f"Remove {engagements:,} engagements it gave to others",
        engagements=engagements,
    )
    return (*first, removal)


def new_actions(order: Order) -> tuple[NewAction, ...]:
    """Write every request of a finding; a removal is cut into calls the platform takes."""
    first = [
        _action(order, position, kind, ends_at=ends_at)
        for position, (kind, ends_at) in enumerate(measures(order.step, order.decided_at))
    ]
    removals = [
        _action(order, len(first) + place, ActionKind.REMOVE_ENGAGEMENTS, engagement_ids=part)
        for place, part in enumerate(chunks(tuple(sorted(order.engagement_ids))))
    ]
    return (*first, *removals)


def _action(
    order: Order,
    position: int,
    kind: ActionKind,
    *,
    engagement_ids: tuple[str, ...] = (),
    ends_at: datetime | None = None,
) -> NewAction:
    body = action_body(
        kind,
        order.account_id,
        order.decision_id,
        engagement_ids=engagement_ids,
        ends_at=ends_at,
        notice=order.notice if kind is ActionKind.WARN else None,
    )
    return NewAction(
        kind=kind,
        position=position,
        body=body,
        body_hash=body_hash(body),
        not_before=_not_before(order, kind),
        engagements=len(engagement_ids),
        ends_at=ends_at,
    )


def _not_before(order: Order, kind: ActionKind) -> datetime:
    """Say when an action may leave: after the undo window, unless a reset is urgent because a password is in use."""
    if kind is ActionKind.REMOVE_ENGAGEMENTS:
        return max(order.removal_at, order.undo_until)
    return order.decided_at if order.is_urgent and kind is ActionKind.RESET_PASSWORD else order.undo_until
