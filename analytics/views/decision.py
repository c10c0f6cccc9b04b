"""The decision bar: what a confirmation would do, and which reason goes with which outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.casework.enforcement import CREDENTIAL_REASONS
from analytics.views.moments import day
from analytics.views.queue import proposed
from analytics.views.text import counted
from analytics.views.words import CONFIRM_REASONS, ESCALATE_REASONS, REJECT_REASONS
from data.records import ActionKind, Outcome, Plan, PlannedAction, ReasonCode

_FITTING = {
    Outcome.CONFIRM: CONFIRM_REASONS,
    Outcome.REJECT: REJECT_REASONS,
    Outcome.ESCALATE: ESCALATE_REASONS,
}
_SHORT = {
    ActionKind.REMOVE_ENGAGEMENTS: "remove",
    ActionKind.RESTORE_ENGAGEMENTS: "restore",
    ActionKind.WARN: "warn",
    ActionKind.RESET_PASSWORD: "reset password, sign out everywhere",
    ActionKind.LIMIT: "limit",
    ActionKind.LIFT_LIMIT: "lift limit",
    ActionKind.SUSPEND: "suspend",
    ActionKind.REINSTATE: "reinstate",
}
_HIDDEN = "remove what the machine proposes, or only the rows you tick"
# What the platform gives back only by a new decision; nothing else is red.
_SEVERE = frozenset({ActionKind.SUSPEND})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The plan in one line, with what follows next time and what it still needs."""

    line: str
    step: str
    next_time: str
    needs: str
    is_severe: bool
    is_empty: bool
    resets: bool = False
    # Nobody chose these rows yet: how many the machine proposes, and the notice that counts them, would tell its mind.
    is_hidden: bool = False


def plan_view(plan: Plan, zone: ZoneInfo, *, is_hidden: bool = False) -> PlanView:
    """Write the plan for the engagements chosen now; hidden, it says what a confirmation does, whatever the rows."""
    parts = [_HIDDEN if is_hidden and _removes(one) else _part(one, plan.removed, zone) for one in plan.actions]
    return PlanView(
        line=" · ".join(parts),
        step=f"step {plan.step} of {plan.steps_total}",
        next_time=plan.next_time,
        needs=_needs(plan),
        is_severe=any(action.kind in _SEVERE for action in plan.actions),
        is_empty=not is_hidden and not sum(plan.removed.values()),
        is_hidden=is_hidden,
        resets=any(action.kind is ActionKind.RESET_PASSWORD for action in plan.actions),
    )


def _removes(action: PlannedAction) -> bool:
    return action.kind is ActionKind.REMOVE_ENGAGEMENTS


def _needs(plan: Plan) -> str:
    if not plan.needs_second_person:
        return ""
    needed = "a second person must agree before anything is sent."
    return f"Protected account: {needed}" if plan.is_protected else needed.capitalize()


def _part(action: PlannedAction, chosen: Mapping[str, int], zone: ZoneInfo) -> str:
    word = _SHORT[action.kind]
    if action.kind is ActionKind.REMOVE_ENGAGEMENTS:
        total = sum(chosen.values())
        return f"{word} {total:,} ({proposed(chosen)})" if total else "remove nothing"
    return f"{word} until {day(action.ends_at, zone)}" if action.ends_at else word


def reason_for(outcome: Outcome, picked: ReasonCode) -> ReasonCode:
    """Return the picked reason where it fits the outcome, else the outcome's own: dissent costs no extra key (S-06)."""
    fitting = _FITTING[outcome]
    return picked if picked in fitting else fitting[0]


def may_be_urgent(reason: ReasonCode, plan: PlanView) -> bool:
    """Whether the sign-out may go ahead of the undo window: somebody else holds the password (U-05)."""
    return plan.resets and reason in CREDENTIAL_REASONS


def reasons() -> tuple[ReasonCode, ...]:
    """Return every reason once, those of a confirmation first."""
    return tuple(dict.fromkeys((*CONFIRM_REASONS, *REJECT_REASONS, *ESCALATE_REASONS)))


def changed(out: int, added: int) -> str:
    """Say what the reviewer changed on the plan."""
    parts = [counted(out, "row") + " taken out" if out else "", counted(added, "row") + " added" if added else ""]
    return " · ".join(part for part in parts if part) or "0 taken out"


def undo_left(until: datetime | None, now: datetime) -> float:
    """Return the seconds in which the last decision can still be undone."""
    return 0.0 if until is None else max(0.0, (until - now).total_seconds())
