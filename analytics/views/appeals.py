"""Appeals: what the owner says, what was done, and what an overturned decision would give back (P-18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from analytics.views.moments import ago, day, exact
from analytics.views.queue import proposed
from analytics.views.reasons import sentences
from analytics.views.text import counted, listed, paragraphs, plain
from analytics.views.words import ACTIONS, APPEALS, OUTCOMES, REASONS
from data.records import Action, ActionKind, ActionState, Appeal, AppealState, Decision, Direction, Evidence

# Whatever the owner writes is read whole, up to this many letters a line.
LONGEST_LINE = 2_000
_GIVEN_BACK = {
    ActionKind.REMOVE_ENGAGEMENTS: "restore {engagements:,} engagements",
    ActionKind.LIMIT: "lift the limit",
    ActionKind.SUSPEND: "reinstate the account",
}
_DONE = frozenset({ActionState.DELIVERED, ActionState.ALREADY_ABSENT, ActionState.IN_FLIGHT})
# An answer of the platform that the engagement is no longer there; while a call is on its way, it is.
_GONE = frozenset({ActionState.DELIVERED, ActionState.ALREADY_ABSENT})
_STOPPED = frozenset({ActionState.CANCELLED, ActionState.DEAD})
# Steps that end by themselves; a recount is about these alone.
TIMED = frozenset({ActionKind.LIMIT, ActionKind.SUSPEND})


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealView:
    """One complaint beside the decision it is about; the decider's name is left out."""

    who: str
    text: str
    filed: str
    decision: str
    removed: str
    done: tuple[str, ...]
    if_overturned: str
    outcome: str
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An appeal with everything it is about."""

    appeal: Appeal
    decision: Decision
    actions: Sequence[Action]
    handle: str
    removed: Mapping[str, int]
    evidence: Sequence[Evidence] = ()
    # raised by an overturned earlier decision: only a restriction that still runs is in question
    is_recount: bool = False


def appeal_view(complaint: Complaint, zone: ZoneInfo) -> AppealView:
    """Build what an appeals reviewer reads; nothing in it names the first reviewer."""
    appeal, decision = complaint.appeal, complaint.decision
    taken = [action for action in complaint.actions if action.state in _DONE]
    back = _given_back([one for one in taken if one.state is not ActionState.ALREADY_ABSENT])
    strike = [] if complaint.is_recount else ["take the strike away"]
    waiting = any(action.state is ActionState.QUEUED for action in complaint.actions)
    return AppealView(
        who=plain(complaint.handle or appeal.account_id, 80),
        text=paragraphs(appeal.text, LONGEST_LINE),
        filed=f"filed {exact(appeal.filed_at, zone)}",
        decision=f"{OUTCOMES[decision.outcome]} {day(decision.decided_at, zone)}: {REASONS[decision.reason].lower()}, "
        f"step {decision.step}, policy {plain(decision.policy_version, 20)}",
        removed=removed_text(complaint.removed, complaint.actions),
        done=tuple(dict.fromkeys(ACTIONS[action.kind].lower() for action in taken if action.state in _GONE)),
        if_overturned=listed([*back, *(["cancel what still waits"] if waiting else []), *strike]),
        outcome="" if appeal.state is AppealState.OPEN else APPEALS[appeal.state],
        reasons_for=sentences(complaint.evidence, Direction.FOR),
        reasons_against=sentences(complaint.evidence, Direction.AGAINST),
    )


def removed_text(removed: Mapping[str, int], actions: Sequence[Action]) -> str:
    """Say what the decision removed; what still waits for its delay is told as that, and never as done."""
    removals = [one for one in actions if one.kind is ActionKind.REMOVE_ENGAGEMENTS]
    gone = sum(one.engagements for one in removals if one.state in _GONE)
    rest = [one for one in removals if one.state not in _GONE]
    if not rest:
        return f"Removed: {proposed(removed)}."
    is_coming = any(one.state not in _STOPPED for one in rest)
    if not gone:
        return f"{'To be removed' if is_coming else 'Not removed'}: {proposed(removed)}."
    total = sum(one.engagements for one in removals)
    return f"Of {proposed(removed)}, {gone:,} of {total:,} {'are removed so far' if is_coming else 'were removed'}."


def _given_back(taken: Sequence[Action]) -> list[str]:
    """Say what goes back, chunks of one removal as one sum."""
    sums: dict[str, int] = {}
    for action in taken:
        if action.kind in _GIVEN_BACK:
            words = _GIVEN_BACK[action.kind]
            sums[words] = sums.get(words, 0) + action.engagements
    return [words.format(engagements=total) for words, total in sums.items()]


def rows(appeals: Sequence[Appeal], handles: Mapping[str, str], now: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Return one row per appeal."""
    made = [
        {
            "Account": plain(handles.get(appeal.account_id) or appeal.account_id, 60),
            "State": APPEALS[appeal.state],
            "Filed": exact(appeal.filed_at, zone),
            "Waiting": ago(appeal.filed_at, now).removesuffix(" ago") if appeal.state is AppealState.OPEN else "",
            "Decided": exact(appeal.decided_at, zone) if appeal.decided_at else "",
        }
        for appeal in appeals
    ]
    return pl.DataFrame(made, schema=dict.fromkeys(("Account", "State", "Filed", "Waiting", "Decided"), pl.String))


def option(appeal: Appeal, handle: str, now: datetime) -> str:
    """Name one appeal in a select box."""
    return f"{plain(handle or appeal.account_id, 60)} · filed {ago(appeal.filed_at, now)}"


def facts(appeals: Sequence[Appeal], now: datetime) -> str:
    """Write the page's first line."""
    waiting = [appeal for appeal in appeals if appeal.state is AppealState.OPEN]
    if not waiting:
        return "nobody waits for an answer"
    oldest = min(appeal.filed_at for appeal in waiting)
    return f"{counted(len(waiting), 'appeal')} waiting · oldest {ago(oldest, now).removesuffix(' ago')}"


def is_late(appeal: Appeal, now: datetime, promised: timedelta) -> bool:
    return appeal.state is AppealState.OPEN and now - appeal.filed_at > promised
