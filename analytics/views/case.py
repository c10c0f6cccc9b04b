"""One case on one screen: who, what speaks for it and against it, what was not seen; the machine's opinion apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import polars as pl

from analytics.views.engagements import Shown, counted_rows
from analytics.views.moments import short_day, span
from analytics.views.queue import asked
from analytics.views.text import counted, listed, plain
from analytics.views.words import LANES, RANDOM_AUDIT, STRENGTHS, not_in_log
from data.records import Case, Contribution, Direction, Evidence, Mark, Plan, Strength

# Three to five reasons are read; more are one click away.
_REASONS = 5
_UNSURE = (0.35, 0.65)
# What stands over a case that is decided before the machine's opinion is seen, whatever that opinion is.
NEUTRAL = "What was done from this account? Decide by what was seen; what the machine thinks of it follows."
# That a case was drawn at random says that the machine passed the account over.
_UNTAGGED = {False: ("queue",), True: ("queue", RANDOM_AUDIT)}
# More measurements than these explain nothing to anybody.
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known of the account; None where the log does not say."""

    created_at: datetime | None = None
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    country: str | None = None
    is_verified: bool | None = None
    is_delegated: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """One sentence with its weight in a word, how many rows of the case are behind it, and of how many it speaks."""

    evidence_id: str
    strength: str
    sentence: str
    rows: int
    of: int
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """Everything above the decision bar."""

    who: str
    facts: str
    step: str
    suspicion: str
    reasons_for: tuple[ReasonView, ...]
    reasons_against: tuple[ReasonView, ...]
    more: tuple[ReasonView, ...]
    not_seen: str
    is_blind: bool
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The machine's opinion, shown only when asked for, or after the decision."""

    frequency: str
    detail: str
    is_unsure: bool
    differ: str = ""


class Suspected(Protocol):
    """Of what an account is suspected, and since when."""

    service_name: str | None
    since: datetime | None
    is_again: bool


class File(Suspected, Protocol):
    """The frozen file of a case, as far as the screen reads it."""

    number: int
    account: Mapping[str, Any]
    evidence: Sequence[Evidence]
    engagements: pl.DataFrame
    missing: Sequence[str]
    strikes: int
    is_blind: bool
    left_out: int


def case_view(case: Case, file: File, plan: Plan, now: datetime, zone: ZoneInfo) -> CaseView:
    """Build what stands above the decision bar."""
    found = reasons(file.evidence, file.engagements, is_blind=file.is_blind)
    found_for, more_for = split(found[Direction.FOR])
    against, more_against = split(found[Direction.AGAINST])
    return CaseView(
        who=plain(case.handle or case.account_id, 80),
        facts=header_facts(AccountFacts(**file.account), now),
        step=step_text(plan.step, plan.steps_total, file.strikes),
        suspicion=NEUTRAL if file.is_blind else suspicion(case, file, zone),
        reasons_for=found_for,
        reasons_against=against,
        more=more_for + more_against,
        not_seen=not_seen(file.evidence, file.missing, file.left_out),
        is_blind=file.is_blind,
        tags=() if case.lane in _UNTAGGED[file.is_blind] else (LANES.get(case.lane, case.lane),),
    )


def header_facts(account: AccountFacts, now: datetime) -> str:
    """Write what is known of the account in one line."""
    parts = [f"account {span(now - account.created_at)}" if account.created_at else ""]
    parts += [f"{account.followers:,} followers" if account.followers is not None else ""]
    parts += [f"follows {account.following:,}" if account.following is not None else ""]
    parts += [counted(account.posts, "post") if account.posts is not None else ""]
    parts += [plain(account.country, 20), "verified" if account.is_verified else ""]
    parts += ["managed by a declared partner" if account.is_delegated else ""]
    return " · ".join(part for part in parts if part) or "nothing else is known of the account"


def step_text(step: int, total: int, strikes: int) -> str:
    return f"step {step} of {total} ({counted(strikes, 'strike') if strikes else 'no strikes'})"


def suspicion(case: Case, file: Suspected, zone: ZoneInfo) -> str:
    """Say what is suspected, of which service and since when; where nothing is proposed, nothing is suspected."""
    service = file.service_name
    if any(case.proposed.values()):
        lent = f"lent to service “{plain(service, 60)}”" if service else "acts inauthentically"
        when = f"{' again' if file.is_again else ''} since {short_day(file.since, zone)}" if file.since else ""
        return f"Suspected: {lent}{when} · {asked(case.proposed)} proposed for removal"
    if case.lane == RANDOM_AUDIT:
        return "Drawn at random, to see what the machine passes over · nothing is suspected, nothing is proposed"
    like = f"resembles what service “{plain(service, 60)}” does" if service else "is unusual"
    return f"To look at: some of its activity {like} · nothing is proposed for removal"


def reasons(
    evidence: Sequence[Evidence], engagements: pl.DataFrame, *, is_blind: bool = False
) -> dict[Direction, tuple[ReasonView, ...]]:
    """Return the reasons of each direction, strongest first; on a blind case without how strong they are (S-01)."""
    order = list(Strength)
    found = sorted(evidence, key=lambda one: order.index(one.strength))
    counts = counted_rows(engagements, [Shown(values=dict(one.engagements)) for one in found])
    counted_reasons = list(zip(found, counts, strict=True))
    return {
        direction: tuple(
            _reason(one, count, is_blind=is_blind) for one, count in counted_reasons if one.direction is direction
        )
        for direction in Direction
    }


def _reason(evidence: Evidence, rows: int, *, is_blind: bool) -> ReasonView:
    values = dict(evidence.engagements)
    return ReasonView(
        evidence_id=evidence.evidence_id,
        strength="" if is_blind else STRENGTHS[evidence.strength],
        sentence=plain(evidence.sentence, 400),
        rows=rows if values else 0,
        of=max(evidence.counted or 0, rows),
        values=values,
    )


def rows_text(reason: ReasonView) -> str:
    """Say how many rows a sentence opens; of how many, where the case holds only a part of those it counts."""
    part = f"{reason.rows:,} of " if reason.rows < reason.of else ""
    return part + counted(reason.of, "row")


def marks_text(marks: Sequence[Mark], zone: ZoneInfo) -> str:
    """Say what the dotted lines of the activity chart stand for, each kind of them once."""
    days: dict[str, list[str]] = {}
    for mark in marks:
        days.setdefault(mark.label, []).append(short_day(mark.at, zone))
    told = [f"{plain(words, 60).lower()}, {_days(list(dict.fromkeys(when)))}" for words, when in days.items()]
    return f"Dotted: {'; '.join(told)}" if told else ""


def _days(days: list[str]) -> str:
    return listed(days) if len(days) <= _NAMED else f"{days[0]} and {len(days) - 1} more days"


def split(found: tuple[ReasonView, ...]) -> tuple[tuple[ReasonView, ...], tuple[ReasonView, ...]]:
    """Return the reasons to show at once, and the rest."""
    return found[:_REASONS], found[_REASONS:]


def not_seen(evidence: Sequence[Evidence], missing: Sequence[str], left_out: int = 0) -> str:
    """Say what the machine could not look at, and how much of the account is not on this case."""
    told = [one.sentence.rstrip(".") for one in evidence if one.direction is Direction.NOT_SEEN]
    if not told and missing:
        told = [f"Not in this log: {listed(not_in_log(missing))}"]
    sentences = ["; ".join(told)] if told else []
    if left_out > 0:
        others = counted(left_out, "engagement")
        sentences.append(f"Not on this case: {others}, decided before or more than a case keeps")
    return " ".join(f"{plain(sentence, 400)}." for sentence in sentences)


def opinion(
    score: float,
    confirmed: int | None,
    alike: int | None,
    model: str,
    *,
    parts: Sequence[Contribution] = (),
    raw_score: float = 0.0,
) -> Opinion:
    """Write the probability as a frequency; the period's confirmations where there are any (A.5)."""
    frequency = f"Of 100 accounts that look like this, about {of_hundred(score)} would turn out inauthentic."
    if confirmed is not None and alike:
        frequency = f"Of {alike:,} accounts that looked like this, reviewers confirmed {confirmed:,}."
    return Opinion(
        frequency=frequency,
        detail=f"Calibrated probability {score:.2f}, model {plain(model, 60)}.",
        is_unsure=is_unsure(score),
        differ=differ(parts, raw_score) if is_unsure(score) else "",
    )


def of_hundred(score: float) -> int:
    return round(100 * score)


def is_unsure(score: float) -> bool:
    low, high = _UNSURE
    return low <= score <= high


def differ(parts: Sequence[Contribution], raw_score: float) -> str:
    """Say which measurements, as usual as in other accounts, would turn the machine's leaning round (S-04)."""
    leaning, left = (1 if raw_score > 0 else -1), raw_score
    named: list[str] = []
    for part in sorted(parts, key=lambda one: -leaning * one.contribution):
        if leaning * part.contribution <= 0 or leaning * left <= 0 or len(named) == _NAMED:
            break
        left -= part.contribution
        named.append(part.label)
    if not named or leaning * left > 0:
        return ""
    return f"It would lean the other way if this were as in most accounts: {listed(named)}."
