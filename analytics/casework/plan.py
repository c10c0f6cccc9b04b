"""What a confirmation would do, as it is shown before and written after: one source for the screen and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics.casework.appeals import appeal_until
from analytics.casework.enforcement import planned
from analytics.casework.notices import (
    Consequence,
    NoticeFacts,
    NoticeName,
    NoticeTemplate,
    Rule,
    notice_of_step,
    render_notice,
)
from analytics.casework.policy import Policy
from data.records import NoticeText, Plan, ReasonCode

_NEXT = {
    Consequence.SAME: "Next time: the same again.",
    Consequence.LIMIT: "Next time: limited for {days} days.",
    Consequence.SUSPEND: "Next time: suspended for {days} days.",
    Consequence.CLOSE: "Next time: the account may be closed.",
    Consequence.CLOSED: "This is the last step.",
}
_FAKE = frozenset({ReasonCode.FAKE_ACCOUNT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A confirmation as far as the owner will read of it."""

    step: int
    case_number: int
    removed: Mapping[str, int]
    at: datetime
    language: str
    reason: ReasonCode | None = None
    is_blind: bool = False
    automated_detection: bool = True


def notice_for(one: Confirmation, policy: Policy, templates: Mapping[NoticeName, NoticeTemplate]) -> NoticeText:
    """Write the notice of a step; the counts are those of the removal (N-01)."""
    facts = NoticeFacts(
        removed=one.removed,
        case_number=one.case_number,
        appeal_until=appeal_until(one.at, policy.appeal_days),
        next_time=policy.next_time(one.step),
        rule=Rule.FAKE_ACCOUNT if one.reason in _FAKE else Rule.INAUTHENTIC_ENGAGEMENT,
        automated_detection=one.automated_detection,
        is_blind=one.is_blind,
        ends_at=planned_end(one, policy),
    )
    return render_notice(templates[notice_of_step(one.step)], one.language, facts)


def planned_end(one: Confirmation, policy: Policy) -> datetime | None:
    """Return when the restriction of a step ends, as its action will say."""
    ends = (action.ends_at for action in planned(policy.step(one.step), 0, one.at))
    return next((end for end in ends if end is not None), None)


def plan_for(
    one: Confirmation,
    policy: Policy,
    templates: Mapping[NoticeName, NoticeTemplate],
    *,
    needs_second_person: bool,
    is_protected: bool = False,
) -> Plan:
    """Return the plan of a confirmation: steps in the order in which they leave, and the notice word for word."""
    coming = policy.next_time(one.step)
    return Plan(
        step=one.step,
        steps_total=len(policy.steps),
        actions=planned(policy.step(one.step), sum(one.removed.values()), one.at),
        notice=notice_for(one, policy, templates),
        removed=dict(one.removed),
        needs_second_person=needs_second_person,
        next_time=_NEXT[coming.consequence].format(days=coming.days),
        is_protected=is_protected,
    )
