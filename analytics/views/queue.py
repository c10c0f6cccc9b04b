"""The queue as a reviewer reads it: who waits, for what, and who is already there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from analytics.views.moments import ago
from analytics.views.text import NOTHING, counted, plain
from analytics.views.words import CASES, LANES
from data.records import Case, CaseState

_PRIORITIES = ((0.75, "high"), (0.4, "medium"))
_ROW = {
    "Priority": pl.String,
    "Account": pl.String,
    "Proposed": pl.String,
    "Service": pl.String,
    "Lane": pl.String,
    "Step": pl.Int64,
    "Waiting": pl.String,
    "State": pl.String,
}


def proposed(counts: Mapping[str, int]) -> str:
    """Write `412 likes, 96 follows`."""
    parts = [counted(count, kind) for kind, count in counts.items() if count]
    return ", ".join(parts) or "nothing"


def asked(counts: Mapping[str, int]) -> str:
    """Say what a case proposes to remove, or that it only asks a person to look."""
    return proposed(counts) if any(counts.values()) else "nothing proposed"


def asked_of(case: Case) -> str:
    """Say what a case proposes, else what it puts up for review; not what is decided before it is seen (S-01)."""
    if case.is_blind:
        return "decide first"
    is_for_review = case.for_review and not any(case.proposed.values())
    return f"{case.for_review:,} for review" if is_for_review else asked(case.proposed)


def priority(case: Case) -> str:
    """Say in a word how soon a case should be seen; the number would only look exact."""
    return next((word for least, word in _PRIORITIES if case.priority >= least), "low")


def rows(
    cases: Sequence[Case], names: Mapping[str, str], now: datetime, services: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Return one row per case in the order of the queue; `services` holds what services are called."""
    return pl.DataFrame([_row(case, names, now, services or {}) for case in cases], schema=_ROW)


def _row(case: Case, names: Mapping[str, str], now: datetime, services: Mapping[str, str]) -> dict[str, object]:
    return {
        "Priority": priority(case),
        "Account": plain(case.handle or case.account_id, 60),
        "Proposed": asked_of(case),
        "Service": NOTHING
        if case.is_blind
        else plain(services.get(case.service_id or "", case.service_id), 40) or NOTHING,
        "Lane": LANES.get(case.lane, case.lane),
        "Step": case.step,
        "Waiting": ago(case.opened_at, now).removesuffix(" ago"),
        "State": state(case, names, now),
    }


def alike(cases: Sequence[Case], now: datetime, services: Mapping[str, str]) -> pl.DataFrame:
    """Return look-alikes with what tells them apart."""
    return rows(cases, {}, now, services).select("Account", "Proposed", "Service", "Priority", "Waiting")


def state(case: Case, names: Mapping[str, str], now: datetime) -> str:
    """Say who is at the case, if anybody; a lease that ran out counts as nobody."""
    if case.lease is not None and not is_free(case, now):
        return f"with {plain(names.get(case.lease.person_id, 'a colleague'), 40)}"
    return CASES[CaseState.OPEN if case.state is CaseState.LEASED else case.state]


def is_free(case: Case, now: datetime) -> bool:
    """Whether nobody is at the case."""
    return case.lease is None or case.lease.expires_at <= now


def option(case: Case) -> str:
    """Name one case in a select box."""
    return f"{plain(case.handle or case.account_id, 60)} · {asked_of(case)} · {priority(case)}"


def waiting(count: int, oldest: datetime | None, today: int, now: datetime) -> str:
    """Write the desk's first line."""
    oldest_text = f" · oldest {ago(oldest, now).removesuffix(' ago')}" if oldest else ""
    return f"{count:,} waiting{oldest_text} · yours today {today:,}"
