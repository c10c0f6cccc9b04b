"""The ladder: the step is a pure function of the strikes that count (A.6, F-18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from analytics.casework.ladder import Finding, level, step_for, strikes
from analytics.workflows.policy import load_policy
from data.records import Outcome

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RULES, STEPS = load_policy().strikes, len(load_policy().steps)


def finding(days_ago: float, outcome: Outcome = Outcome.CONFIRM, **over: object) -> Finding:
    at = NOW - timedelta(days=days_ago)
    return Finding(**{"decision_id": f"d{days_ago}", "outcome": outcome, "decided_at": at} | over)


def step(*days_ago: float) -> int:
    return step_for([finding(days) for days in days_ago], NOW, RULES, STEPS)


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ((), 1),
        ((90,), 2),
        ((90.1,), 1),
        ((100, 30), 3),
        ((170, 10), 2),
        ((60, 50), 3),
        ((60, 50, 40), 4),
        ((60, 50, 40, 30), 5),
        ((60, 50, 40, 30, 20, 10), 5),
        ((179.9, 100), 3),
        ((180, 100), 1),
        ((180, 80), 2),
    ],
)
def test_the_step_by_when_the_strikes_were(days_ago: tuple[float, ...], expected: int) -> None:
    """A second one within 90 days of the first climbs; strikes count for 180 days."""
    assert step(*days_ago) == expected


@pytest.mark.parametrize(
    "over",
    [
        {"is_undone": True},
        {"is_overturned": True},
        {"outcome": Outcome.REJECT},
        {"outcome": Outcome.ESCALATE},
        {"lane": "known_answer"},
        {"lane": "second_review"},
    ],
)
def test_what_is_no_strike(over: dict[str, object]) -> None:
    assert strikes([finding(1, **over)], NOW, RULES) == ()


def test_a_sampled_case_that_was_confirmed_is_a_strike_like_any_other() -> None:
    assert len(strikes([finding(1, lane="random_audit"), finding(2, lane="bulk_sample")], NOW, RULES)) == 2


histories = st.lists(st.floats(0, 400, allow_nan=False), max_size=8)


@given(histories, st.randoms(use_true_random=False))
def test_the_order_in_which_findings_are_read_changes_nothing(days: list[float], chance: object) -> None:
    found = [finding(day, decision_id=f"d{place}") for place, day in enumerate(days)]
    mixed = list(found)
    chance.shuffle(mixed)

    assert step_for(mixed, NOW, RULES, STEPS) == step_for(found, NOW, RULES, STEPS)


@given(histories, st.data())
def test_taking_any_strike_away_never_makes_the_step_harsher(days: list[float], data: st.DataObject) -> None:
    found = [finding(day, decision_id=f"d{place}") for place, day in enumerate(days)]
    kept = data.draw(st.lists(st.sampled_from(found), unique=True)) if found else []

    assert step_for(kept, NOW, RULES, STEPS) <= step_for(found, NOW, RULES, STEPS)


@given(histories, st.floats(0, 400, allow_nan=False))
def test_waiting_never_makes_the_step_harsher(days: list[float], more: float) -> None:
    found = [finding(day, decision_id=f"d{place}") for place, day in enumerate(days)]
    later = NOW + timedelta(days=more)

    assert step_for(found, later, RULES, STEPS) <= step_for(found, NOW, RULES, STEPS)


@given(histories)
def test_no_step_is_skipped(days: list[float]) -> None:
    """Each strike climbs by one at most, so the next step is at most one above what was reached."""
    found = strikes([finding(day, decision_id=f"d{place}") for place, day in enumerate(days)], NOW, RULES)
    reached = [level(found[:count], RULES) for count in range(len(found) + 1)]

    assert all(0 <= after - before <= 1 for before, after in pairwise(reached))
    assert step_for(found, NOW, RULES, STEPS) <= min(reached[-1] + 1, STEPS)


def replayed(moments: list[datetime], now: datetime) -> int:
    """An independent judge: walk the days, counting by hand, with the rules written out anew."""
    counted = sorted(at for at in moments if (now - at).total_seconds() < 180 * 86_400)
    climbed = 0
    for place, at in enumerate([*counted, now]):
        gap = (at - counted[place - 1]).total_seconds() / 86_400 if place else 0.0
        climbed = 1 if climbed == 1 and gap > 90 else climbed + 1
    return min(climbed, 5)


class LadderMachine(RuleBasedStateMachine):
    """F-18: decide, undo, overturn, wait, merge accounts in any order; the step is that of a fresh replay."""

    decided = Bundle("decided")

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.accounts: dict[str, list[Finding]] = {"a": [], "b": []}
        self.number = 0

    @rule(target=decided, account=st.sampled_from(["a", "b"]), outcome=st.sampled_from(list(Outcome)))
    def decide(self, account: str, outcome: Outcome) -> object:
        self.number += 1
        made = Finding(decision_id=f"d{self.number:04}", outcome=outcome, decided_at=self.now)
        before = self.step(account)
        self.accounts[account].append(made)
        assert self.step(account) - before in ((0, 1) if outcome is Outcome.CONFIRM else (0,))
        return made.decision_id

    @rule(which=decided)
    def undo(self, which: str) -> None:
        self.replace(which, is_undone=True)

    @rule(which=decided)
    def overturn(self, which: str) -> None:
        self.replace(which, is_overturned=True)

    @rule(days=st.integers(0, 120))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(target=decided)
    def merge(self) -> object:
        """One person turns out to hold both accounts: their histories become one."""
        before = max(self.step("a"), self.step("b"))
        self.accounts["a"] += self.accounts["b"]
        self.accounts["b"] = []
        assert self.step("a") >= before
        return multiple()

    @invariant()
    def the_step_is_that_of_a_fresh_replay(self) -> None:
        for account, found in self.accounts.items():
            standing = [
                one.decided_at
                for one in found
                if one.outcome is Outcome.CONFIRM and not one.is_undone and not one.is_overturned
            ]
            assert self.step(account) == replayed(standing, self.now)

    def step(self, account: str) -> int:
        return step_for(self.accounts[account], self.now, RULES, STEPS)

    def replace(self, which: str, **change: bool) -> None:
        for account, found in self.accounts.items():
            before = self.step(account)
            self.accounts[account] = [replace(one, **change) if one.decision_id == which else one for one in found]
            assert self.step(account) <= before


TestLadder = LadderMachine.TestCase
TestLadder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
