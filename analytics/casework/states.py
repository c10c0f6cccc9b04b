"""Which moves of a case are legal, and what must hold for a decision to count."""

from __future__ import annotations

from collections.abc import Mapping

from data.errors import StaleCaseError
from data.records import CaseState

S = CaseState
MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    S.PROPOSED: frozenset({S.OPEN, S.LEASED, S.CLOSED}),
    S.OPEN: frozenset({S.LEASED, S.CLOSED}),
    # Leased again: the lease ran out and somebody else took it.
    S.LEASED: frozenset({S.OPEN, S.LEASED, S.SNOOZED, S.ESCALATED, S.DECIDED, S.CLOSED}),
    S.SNOOZED: frozenset({S.OPEN, S.LEASED, S.CLOSED}),
    S.ESCALATED: frozenset({S.LEASED, S.OPEN, S.CLOSED}),
    # Undone, or drawn for a second look.
    S.DECIDED: frozenset({S.LEASED, S.OPEN, S.ESCALATED, S.CLOSED}),
    S.CLOSED: frozenset({S.OPEN}),
}


def may_move(before: CaseState, after: CaseState) -> bool:
    return after in MOVES[before]


def moved(before: CaseState, after: CaseState) -> CaseState:
    """Return the state after, or refuse a move that no rule knows."""
    if not may_move(before, after):
        raise StaleCaseError("The case moved on.", f"It is {before.value} now; open the queue again.")
    return after


def resting(*, is_escalated: bool) -> CaseState:
    """Return where a case waits while nobody holds it."""
    return CaseState.ESCALATED if is_escalated else CaseState.OPEN
