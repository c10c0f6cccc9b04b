"""Deciding many alike cases at once: what is in the list, what is sampled first, and who must agree (U-09 to U-12)."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import rfc8785

from data.errors import ConfigError, ConflictError, InvalidCommandError
from data.records import Role


class BulkState(StrEnum):
    """Where a bulk stands; the last thing that happened to it counts."""

    PREVIEWED = "previewed"
    APPROVED = "approved"
    EXECUTING = "executing"
    STOPPED = "stopped"
    DONE = "done"
    # somebody's right was gone when it came to it
    REFUSED = "refused"


APPROVERS = frozenset({Role.SENIOR_REVIEWER, Role.MANAGER})
BIG_APPROVERS = frozenset({Role.MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRules:
    """data/reference/bulk.toml, checked."""

    version: str
    most: int
    follower_line: int
    sample_share: float
    sample_least: int
    confirmed_least: float
    second_person_above: int
    manager_above: int
    approval_lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One case as a bulk looks at it; `evidence_hash` fixes what its reviewer would see."""

    case_id: str
    account_id: str
    evidence_hash: str
    proposed: Mapping[str, int]
    age_days: int | None
    followers: int | None
    is_verified: bool | None
    prior_appeals: int
    # a confirmation would be a step that needs several people for each account alone
    is_severe: bool = False
    # no single person decides about it
    is_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """The cases that a bulk would hold, and those that stay out: many followers, a severe step, a protected account."""

    taken: tuple[Candidate, ...]
    above_line: tuple[Candidate, ...]
    severe: tuple[Candidate, ...] = ()
    protected: tuple[Candidate, ...] = ()
    # how many have nothing proposed, so that a confirmation would do nothing
    unproposed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How far the sample is decided; undone and open ones do not count."""

    size: int
    confirmed: int
    decided: int

    @property
    def share(self) -> float | None:
        return self.confirmed / self.decided if self.decided else None


def sift(candidates: Sequence[Candidate], named: Collection[str], rules: BulkRules) -> Sifted:
    """Leave out protected accounts and severe steps always, and those above the follower line unless they are named."""
    asked = frozenset(named)
    protected = {one.case_id for one in candidates if one.is_protected}
    severe = {one.case_id for one in candidates if one.is_severe} - protected
    above = {
        one.case_id for one in candidates if (one.followers or 0) > rules.follower_line and one.case_id not in asked
    } - (protected | severe)
    return Sifted(
        taken=tuple(one for one in candidates if one.case_id not in above | severe | protected),
        above_line=tuple(one for one in candidates if one.case_id in above),
        severe=tuple(one for one in candidates if one.case_id in severe),
        protected=tuple(one for one in candidates if one.case_id in protected),
    )


def list_hash(evidence: Mapping[str, str], reason: str) -> str:
    """Fingerprint exactly what is approved: which cases, on which evidence (case → its hash), for which reason."""
    told = {"reason": reason, "cases": sorted([case_id, digest] for case_id, digest in evidence.items())}
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def sample_size(cases: int, rules: BulkRules) -> int:
    """Return how many are decided one by one first: the larger of the share and the least, or all of a small list."""
    return min(cases, max(rules.sample_least, math.ceil(cases * rules.sample_share)))


def draw_sample(case_ids: Sequence[str], seed: int, rules: BulkRules) -> tuple[str, ...]:
    """Draw the sample uniformly; the same list and seed always give the same one (U-10)."""
    ordered = sorted(case_ids)
    return tuple(random.Random(seed).sample(ordered, sample_size(len(ordered), rules)))


def check_size(cases: int, rules: BulkRules) -> None:
    if not cases:
        raise InvalidCommandError("No case fits.", "Choose another service, group or score.")
    if cases > rules.most:
        raise InvalidCommandError(
            f"{cases:,} cases are too many for one bulk; {rules.most:,} fit.", "Narrow the choice."
        )


def check_sample(sample: Sample, rules: BulkRules) -> None:
    """Refuse to go on before the whole sample is decided and nearly all of it confirmed."""
    if sample.decided < sample.size:
        left = sample.size - sample.decided
        raise ConflictError(f"{left:,} of {sample.size:,} sampled cases are not decided yet.", "Decide them first.")
    if sample.size and sample.confirmed < rules.confirmed_least * sample.size:
        told = f"Only {sample.confirmed:,} of {sample.size:,} sampled cases were confirmed."
        raise ConflictError(told, "Decide the others one by one.")


def approvers_for(accounts: int, rules: BulkRules) -> frozenset[Role]:
    """Return the roles of which one must approve a bulk of this size; none where one person is enough."""
    if accounts > rules.manager_above:
        return BIG_APPROVERS
    return APPROVERS if accounts > rules.second_person_above else frozenset()


def check_approver(person_id: str, author_id: str, roles: Collection[Role], accounts: int, rules: BulkRules) -> None:
    """Refuse an approval by the author, whatever account they use, or by somebody without the role it takes (U-12)."""
    if person_id == author_id:
        raise ConflictError("Nobody approves their own bulk.", "Ask a colleague.")
    needed = approvers_for(accounts, rules) or APPROVERS
    if not needed & set(roles):
        raise ConflictError(f"More than {rules.manager_above:,} accounts need a manager.", "Ask one.")


def check_approval(
    approved_at: datetime | None, approved_hash: str, wanted: str, now: datetime, rules: BulkRules
) -> None:
    """Refuse an approval that is missing, too old, or of another list."""
    if approved_at is None:
        raise ConflictError("A second person has not approved this list yet.", "Ask a colleague.")
    if approved_hash != wanted:
        raise ConflictError("What was approved is not this list.", "Freeze it again and have it approved.")
    if now - approved_at > rules.approval_lasts:
        hours = int(rules.approval_lasts.total_seconds() // 3600)
        raise ConflictError(f"The approval is older than {hours} hours.", "Have it approved again.")


def parse_bulk_rules(told: Mapping[str, Any]) -> BulkRules:
    """Check the parsed bulk.toml; no number may be weaker than what the review of a bulk promises."""
    try:
        return BulkRules(
            version=str(told["version"]),
            most=_within(told, "most", 1, 10_000),
            follower_line=_within(told, "follower_line", 0, 10**9),
            sample_share=_share(told, "sample_share", 0.05),
            sample_least=_within(told, "sample_least", 30, 10_000),
            confirmed_least=_share(told, "confirmed_least", 0.95),
            second_person_above=_within(told, "second_person_above", 0, 20),
            manager_above=_within(told, "manager_above", 0, 1_000),
            approval_lasts=timedelta(hours=_within(told, "approval_hours", 1, 24)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"bulk.toml cannot be used: {error}.", "Restore it from the repository.") from error


def _share(told: Mapping[str, Any], name: str, least: float) -> float:
    value = float(told[name])
    if not least <= value <= 1:
        raise ValueError(f"{name} is not from {least:g} to 1")
    return value


def _within(told: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = told[name]
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name} is not a whole number from {low:,} to {high:,}")
    return value
