"""The rules of an appeal: until when it may be filed, who may decide it, and what an overturned decision gives back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from data.errors import ConflictError, InvalidCommandError
from data.platform.contract import REVERSALS
from data.records import ActionKind, ActionState, Outcome

# Six months and a day in the longest case: the law's "at least six months" (DSA Art. 20) in whole days.
WINDOW_DAYS = 183
LONGEST_TEXT = 10_000
LONGEST_GROUNDS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Appealed:
    """A decision as an appeal meets it."""

    outcome: Outcome
    decided_at: datetime
    undo_until: datetime
    # as the notice promised it; None when no notice says so
    appeal_until: datetime | None
    is_undone: bool
    is_overturned: bool
    waits_already: bool
    was_answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One action of the decision, and whether a try ended with an outcome that nobody knows."""

    action_id: str
    kind: ActionKind
    state: ActionState
    position: int
    engagement_ids: tuple[str, ...] = ()
    is_unsettled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """One reversing action; it stands at the place of what it reverses, so a later dead letter never holds it."""

    kind: ActionKind
    reverses: str
    position: int
    engagement_ids: tuple[str, ...] = ()


def appeal_until(noticed_at: datetime, days: int = WINDOW_DAYS) -> datetime:
    """Return the last moment at which an appeal counts: the end of that day, so that the date alone is true."""
    day = (noticed_at.astimezone(UTC) + timedelta(days=max(days, WINDOW_DAYS))).date()
    return datetime.combine(day, time(23, 59, 59), UTC)


def check_filing(decided: Appealed, now: datetime) -> None:
    """Refuse an appeal that is about nothing, too early, too late, or here already."""
    if decided.outcome is not Outcome.CONFIRM:
        raise InvalidCommandError("This decision restricted nothing.", "Name the decision that the notice is about.")
    if decided.is_undone:
        raise ConflictError("This decision was undone; nothing was done to the account.")
    if decided.is_overturned:
        raise ConflictError("This decision is overturned already.", "What was taken is given back.")
    if decided.waits_already:
        raise ConflictError("An appeal about this decision is waiting already.", "It will be answered.")
    if decided.was_answered:
        raise ConflictError("An appeal about this decision was answered already.")
    if now < decided.undo_until:
        raise ConflictError("This decision has not taken effect yet.", "File the appeal after the notice came.")
    until = max(appeal_until(decided.decided_at), decided.appeal_until or appeal_until(decided.decided_at))
    if now > until:
        raise ConflictError(f"The time to appeal ended on {until.date()}.")


def check_decider(person_id: str, deciders: Collection[str]) -> None:
    """Refuse whoever took part in the decision, in any capacity (P-18)."""
    if person_id in deciders:
        raise ConflictError("You took part in this decision.", "Another person decides this appeal.")


def give_back(taken: Sequence[Taken]) -> tuple[GivenBack, ...]:
    """List the reversal of everything that took effect or may have; what never left or was absent needs none."""
    return tuple(
        GivenBack(
            kind=REVERSALS[action.kind],
            reverses=action.action_id,
            position=action.position,
            engagement_ids=action.engagement_ids,
        )
        for action in sorted(taken, key=lambda one: one.position)
        if action.kind in REVERSALS and _may_have_acted(action)
    )


def _may_have_acted(action: Taken) -> bool:
    if action.state in (ActionState.QUEUED, ActionState.DEAD):
        return action.is_unsettled
    return action.state in (ActionState.DELIVERED, ActionState.IN_FLIGHT)
