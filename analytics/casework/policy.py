"""The reviewed rules of casework as records: undo, leases, strikes, the ladder, shares of the review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from analytics.casework.notices import Consequence, NextTime
from data.errors import ConfigError
from data.records import Kind, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the ladder: what it adds to removal, warning and reset, and who must agree."""

    number: int
    consequence: Consequence
    limit_days: int = 0
    suspend_days: int = 0
    closes_account: bool = False
    approvals: tuple[Role, ...] = ()
    # asked about an account that no single person decides about
    is_protected: bool = False

    @property
    def days(self) -> int:
        return self.limit_days or self.suspend_days


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeRules:
    expire: timedelta
    repeat: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """Shares of cases that are reviewed otherwise, so that review itself can be measured."""

    blind_share: float
    blind_from_step: int
    unexplained_share: float
    second_review_share: float
    known_answer_people: int
    known_answer_for: timedelta
    audit_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSizes:
    """How many rows a case keeps, and how many fresh ones open another."""

    proposed_most: int
    others_most: int
    audit_most: int
    fresh_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRules:
    weights: Mapping[str, float]
    review: float
    full: float
    certain: float
    audit_below: float
    per_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedRules:
    """Who else must agree about a protected account, and how long a release takes to count."""

    approvals: tuple[Role, ...]
    release: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """data/reference/policy.toml, checked."""

    version: str
    undo: timedelta
    lease: timedelta
    appeal_days: int
    strikes: StrikeRules
    steps: tuple[Step, ...]
    protected: ProtectedRules
    review: ReviewRules
    case: CaseSizes
    priority: PriorityRules
    languages: Mapping[str, str]

    def step(self, number: int, *, is_protected: bool = False) -> Step:
        """Return a step of the ladder; about a protected account at least two people decide at every one (T-01)."""
        step = self.steps[min(max(number, 1), len(self.steps)) - 1]
        if not is_protected:
            return step
        return replace(step, approvals=step.approvals or self.protected.approvals, is_protected=True)

    def next_time(self, number: int) -> NextTime:
        """Say what the step after this one would bring (N-06)."""
        if self.step(number).closes_account:
            return NextTime(consequence=Consequence.CLOSED)
        following = self.step(number + 1)
        return NextTime(consequence=following.consequence, days=following.days)

    def language(self, country: str | None) -> str:
        return self.languages.get((country or "").upper(), "en")


def parse_policy(told: Mapping[str, Any]) -> Policy:
    """Check the parsed policy.toml; a missing or senseless value is refused by name."""
    try:
        return _policy(told)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"policy.toml cannot be used: {error}.", "Restore it from the repository.") from error


def _policy(told: Mapping[str, Any]) -> Policy:
    strikes, case = told["strikes"], told["case"]
    return Policy(
        version=str(told["version"]),
        undo=timedelta(seconds=_between(told["undo"]["seconds"], "undo.seconds", 5, 300)),
        lease=timedelta(minutes=_between(told["lease"]["minutes"], "lease.minutes", 1, 24 * 60)),
        appeal_days=int(_between(told["appeal"]["days"], "appeal.days", 183, 3_650)),
        strikes=StrikeRules(
            expire=timedelta(days=_between(strikes["expire_days"], "strikes.expire_days", 1, 3_650)),
            repeat=timedelta(days=_between(strikes["repeat_days"], "strikes.repeat_days", 1, strikes["expire_days"])),
        ),
        steps=_steps(told["step"]),
        protected=_protected(told["protected"]),
        review=_review(told["review"]),
        case=CaseSizes(**{name: int(case[name]) for name in CaseSizes.__dataclass_fields__}),
        priority=_priority(told["priority"]),
        languages={country: language for language, places in told["language"].items() for country in places},
    )


def _steps(told: list[Mapping[str, Any]]) -> tuple[Step, ...]:
    steps = tuple(
        Step(
            number=number,
            consequence=Consequence(one["consequence"]),
            limit_days=int(one.get("limit_days", 0)),
            suspend_days=int(one.get("suspend_days", 0)),
            closes_account=bool(one.get("closes_account", False)),
            approvals=tuple(Role(role) for role in one.get("approvals", ())),
        )
        for number, one in enumerate(told, start=1)
    )
    if not steps:
        raise ValueError("the ladder has no steps")
    for step in steps:
        if (step.suspend_days or step.closes_account) and not step.approvals:
            raise ValueError(f"step {step.number} shuts an account without a second person")
    return steps


def _protected(told: Mapping[str, Any]) -> ProtectedRules:
    approvals = tuple(Role(role) for role in told["approvals"])
    if not approvals:
        raise ValueError("protected.approvals names nobody")
    hours = _between(told["release_hours"], "protected.release_hours", 1, 24 * 30)
    return ProtectedRules(approvals=approvals, release=timedelta(hours=hours))


def _review(told: Mapping[str, Any]) -> ReviewRules:
    shares = {
        name: _between(told[name], f"review.{name}", 0, 1)
        for name in ("blind_share", "unexplained_share", "second_review_share")
    }
    return ReviewRules(
        **shares,
        blind_from_step=int(told["blind_from_step"]),
        known_answer_people=int(told["known_answer_people"]),
        known_answer_for=timedelta(days=told["known_answer_days"]),
        audit_most=int(told["audit_most"]),
    )


def _priority(told: Mapping[str, Any]) -> PriorityRules:
    return PriorityRules(
        weights={kind.value: float(told[kind.value]) for kind in (Kind.LIKE, Kind.FOLLOW, Kind.COMMENT)},
        review=_between(told["review"], "priority.review", 0, 1),
        full=_between(told["full"], "priority.full", 1, 1e9),
        certain=_between(told["certain"], "priority.certain", 0, 1),
        audit_below=_between(told["audit_below"], "priority.audit_below", 0, 1),
        per_day=_between(told["per_day"], "priority.per_day", 0, 1),
    )


def _between(value: Any, name: str, low: float, high: float) -> float:  # Any: a number of the file
    number = float(value)
    if not low <= number <= high:
        raise ValueError(f"{name} is not between {low:g} and {high:g}")
    return number
