"""Which step of the ladder a confirmation would be: a pure function of the strikes that still count (A.6, F-18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from analytics.casework.policy import StrikeRules
from data.records import Outcome

# Verdicts of these lanes measure people; they say nothing new about the account.
MEASURING_LANES = frozenset({"known_answer", "second_review"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One decision about an account, with what became of it."""

    decision_id: str
    outcome: Outcome
    decided_at: datetime
    lane: str = "queue"
    is_undone: bool = False
    is_overturned: bool = False


def strikes(findings: Iterable[Finding], now: datetime, rules: StrikeRules) -> tuple[Finding, ...]:
    """Return the confirmations that count now, oldest first: not undone, not overturned, not expired."""
    counted = (one for one in findings if _counts(one) and now - one.decided_at < rules.expire)
    return tuple(sorted(counted, key=lambda one: (one.decided_at, one.decision_id)))


def level(struck: Iterable[Finding], rules: StrikeRules) -> int:
    """Return the step that these strikes have reached; a first offence long past makes the next one a first again."""
    reached, last = 0, None
    for strike in struck:
        reached = _next(reached, last, strike.decided_at, rules)
        last = strike.decided_at
    return reached


def step_for(findings: Iterable[Finding], now: datetime, rules: StrikeRules, steps_total: int) -> int:
    """Return the step of a confirmation made now."""
    struck = strikes(findings, now, rules)
    last = struck[-1].decided_at if struck else None
    return min(_next(level(struck, rules), last, now, rules), steps_total)


def _counts(finding: Finding) -> bool:
    is_standing = not finding.is_undone and not finding.is_overturned
    return finding.outcome is Outcome.CONFIRM and is_standing and finding.lane not in MEASURING_LANES


def _next(reached: int, last: datetime | None, at: datetime, rules: StrikeRules) -> int:
    is_late = reached == 1 and last is not None and at - last > rules.repeat
    return reached if is_late else reached + 1
