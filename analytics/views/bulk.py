"""Bulk: what is in the list, how far the sample and the run are, and what is still needed, in words and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from analytics.casework.bulk import BulkRules, BulkState, Candidate, Sample, Sifted, approvers_for
from analytics.views.moments import ago, exact, span
from analytics.views.queue import proposed
from analytics.views.text import counted, listed, plain, share
from analytics.views.words import REASONS, ROLES, STATES
from data.records import ActionState, ReasonCode, Role

BULK_STATES: dict[BulkState, str] = {
    BulkState.PREVIEWED: "waits for its sample and approval",
    BulkState.APPROVED: "approved, not started",
    BulkState.EXECUTING: "running",
    BulkState.STOPPED: "stopped",
    BulkState.DONE: "done",
    BulkState.REFUSED: "ended: a right was gone",
}
SKIPS: dict[str, str] = {
    "moved_on": "decided, taken or set aside by somebody meanwhile",
    "not_for_author": "the author may not decide these accounts",
    "severe": "a step that needs a second person for each account",
    "nothing_proposed": "nothing is proposed for removal",
}
_AGES = ((30, "under 30 days"), (365, "30 days to a year"), (3 * 365, "1 to 3 years"))
_FOLLOWERS = ((100, "under 100"), (1_000, "100 to 999"), (10_000, "1,000 to 9,999"), (100_000, "10,000 to 99,999"))
_UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a bulk stands, one sentence a step; `may_start` only says what the rules would answer now."""

    sample: str
    approval: str
    is_sampled: bool
    is_approved: bool


def facts(states: Sequence[BulkState]) -> str:
    """Write the page's first line."""
    found = Counter(states)
    running = found[BulkState.EXECUTING]
    waiting = found[BulkState.PREVIEWED] + found[BulkState.APPROVED]
    return f"{running:,} running · {counted(waiting, 'bulk', 'bulks')} waiting"


def preview(taken: Sequence[Candidate]) -> pl.DataFrame:
    """Return one row per property and value of the accounts in the list, with how many there are (U-11)."""
    columns: tuple[tuple[str, Callable[[Candidate], str], Sequence[str]], ...] = (
        ("Age", lambda one: _band(one.age_days, _AGES, "over 3 years"), [name for _, name in _AGES]),
        ("Followers", lambda one: _band(one.followers, _FOLLOWERS, "100,000 and more"), [n for _, n in _FOLLOWERS]),
        ("Verified", lambda one: {None: _UNKNOWN, True: "yes", False: "no"}[one.is_verified], ["no", "yes"]),
        ("Appeals before", lambda one: "none" if not one.prior_appeals else "one or more", ["none"]),
    )
    rows = []
    for title, of, order in columns:
        counts = Counter(of(one) for one in taken)
        names = sorted(counts, key=lambda name: (order.index(name) if name in order else len(order), name))
        rows += [{"What": title, "Value": name, "Accounts": counts[name]} for name in names]
    return pl.DataFrame(rows, schema={"What": pl.String, "Value": pl.String, "Accounts": pl.Int64})


def _band(value: int | None, bands: Sequence[tuple[int, str]], above: str) -> str:
    return _UNKNOWN if value is None else next((name for end, name in bands if value < end), above)


def proposed_in_all(taken: Sequence[Candidate]) -> str:
    """Say what would be removed from all accounts together."""
    sums: Counter[str] = Counter()
    for one in taken:
        sums.update(one.proposed)
    return proposed(sums)


def left_out(sifted: Sifted, line: int) -> tuple[str, ...]:
    """Say which cases stay out and why."""
    parts = []
    if sifted.above_line:
        parts.append(
            f"{counted(len(sifted.above_line), 'account')} with more than {line:,} followers: name them to add"
        )
    if sifted.severe:
        parts.append(f"{counted(len(sifted.severe), 'account')} at a step that needs a second person each")
    if sifted.protected:
        parts.append(f"{counted(len(sifted.protected), 'protected account')}, which two people decide one by one")
    if sifted.unproposed:
        parts.append(f"left out: {counted(sifted.unproposed, 'case')} with nothing proposed")
    return tuple(parts)


def named_option(one: Candidate) -> str:
    """Name one large account for the list of those that may be added."""
    return f"{plain(one.account_id, 60)} · {counted(one.followers or 0, 'follower')}"


def account_rows(taken: Sequence[Candidate]) -> pl.DataFrame:
    """Return one row per account in the list."""
    rows = [
        {
            "Account": plain(one.account_id, 60),
            "Proposed": proposed(one.proposed),
            "Followers": one.followers,
            "Age, days": one.age_days,
            "Appeals before": one.prior_appeals,
        }
        for one in taken
    ]
    kinds = {"Account": pl.String, "Proposed": pl.String, "Followers": pl.Int64, "Age, days": pl.Int64}
    return pl.DataFrame(rows, schema={**kinds, "Appeals before": pl.Int64})


def needs(accounts: int, rules: BulkRules) -> str:
    """Say who must agree to a list of this size."""
    roles = approvers_for(accounts, rules)
    if not roles:
        return "No second person is needed for a list this small."
    names = [ROLES[role].lower() for role in (Role.SENIOR_REVIEWER, Role.MANAGER) if role in roles]
    return f"Needs the approval of a {' or '.join(names)} who is not the author."


def stand(
    sample: Sample,
    approved: tuple[str, datetime] | None,
    accounts: int,
    now: datetime,
    rules: BulkRules,
) -> Stand:
    """Say how the sample and the approval stand."""
    told = f"{sample.decided:,} of {sample.size:,} sampled cases decided, {sample.confirmed:,} confirmed whole"
    enough = sample.confirmed >= rules.confirmed_least * sample.size
    is_sampled = sample.decided >= sample.size and enough
    if sample.decided >= sample.size and not enough:
        told += f" ({share(sample.share)}): at least {share(rules.confirmed_least, 0)} are needed"
    left = timedelta(0) if approved is None else approved[1] + rules.approval_lasts - now
    if approved is None:
        approval = needs(accounts, rules)
    elif left > timedelta(0):
        approval = f"Approved by {plain(approved[0], 80)}; counts for another {span(left)}."
    else:
        approval = f"The approval by {plain(approved[0], 80)} ran out {ago(approved[1] + rules.approval_lasts, now)}."
    is_approved = not approvers_for(accounts, rules) or (approved is not None and left > timedelta(0))
    return Stand(sample=f"{told}.", approval=approval, is_sampled=is_sampled, is_approved=is_approved)


def progress(decided: int, skipped: Mapping[str, int], total: int) -> tuple[float, str]:
    """Return how far a run is, and the sentence that says it."""
    seen = decided + sum(skipped.values())
    return (seen / total if total else 1.0), f"{seen:,} of {total:,} cases seen to, {decided:,} decided"


def aftermath(undone: int, partly: int) -> tuple[str, ...]:
    """Say what a stop left behind."""
    parts = (
        [f"{counted(undone, 'decision')} taken back: nothing of it had left, and the case waits again."]
        if undone
        else []
    )
    if partly:
        parts.append(f"{counted(partly, 'account')} partly done: the owner was told, the removal was cancelled.")
    return tuple(parts)


def report_rows(actions: Mapping[ActionState, int], skipped: Mapping[str, int]) -> pl.DataFrame:
    """Return one row per outcome of the run's actions and per reason for which a case was left alone (U-13)."""
    rows = [
        {"What": "Actions", "Outcome": STATES[state], "Count": actions[state]}
        for state in ActionState
        if state in actions
    ]
    rows += [
        {"What": "Cases left alone", "Outcome": SKIPS.get(why, why), "Count": skipped[why]} for why in sorted(skipped)
    ]
    return pl.DataFrame(rows, schema={"What": pl.String, "Outcome": pl.String, "Count": pl.Int64})


class Named(Protocol):
    """One bulk as a list of all needs it."""

    @property
    def author(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def cases(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def state(self) -> BulkState: ...


def title(one: Named, now: datetime) -> str:
    """Name one bulk in a select box."""
    told = REASONS[ReasonCode(one.reason)].lower()
    parts = (counted(one.cases, "case"), told, plain(one.author, 60), ago(one.created_at, now), BULK_STATES[one.state])
    return " · ".join(parts)


def about(service_id: str | None, group_id: str | None, least_score: float) -> str:
    """Say in words which cases a list was made of."""
    parts = [f"service {plain(service_id, 60)}"] if service_id else []
    parts += [f"group {plain(group_id, 60)}"] if group_id else []
    parts += [f"score at least {least_score:.2f}"] if least_score else []
    return listed(parts) or "every waiting case"


def made(author: str, at: datetime, note: str, zone: ZoneInfo) -> str:
    """Say who froze a list, when, and what they noted."""
    return f"frozen by {plain(author, 80)} {exact(at, zone)}" + (f": {plain(note, 300)}" if note else "")
