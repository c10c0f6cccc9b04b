"""Two settings side by side in words, tables and charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import polars as pl

from analytics.charts.drawing import Drawing
from analytics.charts.investigating import curves
from analytics.charts.plots import lines
from analytics.statistics.backtest import Judged, Setting, Share
from analytics.statistics.intervals import Interval
from analytics.views.moments import ago, of_micros
from analytics.views.text import NOTHING, number, plain, share
from data.records import Kind

KINDS = {Kind.LIKE: "Likes", Kind.FOLLOW: "Follows", Kind.COMMENT: "Comments"}


class SideLike(Protocol):
    """What a back-test says about one setting."""

    @property
    def setting(self) -> Setting: ...
    @property
    def accounts(self) -> pl.DataFrame: ...
    @property
    def removed(self) -> int: ...
    @property
    def reviewed(self) -> int: ...
    @property
    def expected_precision(self) -> float | None: ...
    @property
    def judged(self) -> Judged: ...
    @property
    def lost(self) -> Interval | None: ...
    @property
    def cases_a_day(self) -> float: ...
    @property
    def hours_a_day(self) -> Interval | None: ...
    @property
    def weekly(self) -> pl.DataFrame: ...
    @property
    def curve(self) -> pl.DataFrame: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the comparison."""

    name: str
    a: str
    b: str
    help: str


def comparison(a: SideLike, b: SideLike) -> list[Line]:
    """Lay the two sides out line by line."""
    rows: tuple[tuple[str, str, Callable[[SideLike], str]], ...] = (
        ("Accounts brought up", _ACCOUNTS, lambda side: number(side.accounts.height)),
        ("Engagements for removal", _REMOVED, lambda side: number(side.removed)),
        ("Engagements for review", _REVIEWED, lambda side: number(side.reviewed)),
        ("Precision, from verdicts", _PRECISION, lambda side: _share(side.judged.precision)),
        ("Recall, from verdicts", _RECALL, lambda side: _share(side.judged.recall)),
        ("Precision, as the model expects", _EXPECTED, lambda side: share(side.expected_precision)),
        ("Genuine engagements lost", _LOST, lambda side: _range(side.lost)),
        ("Cases a day", _CASES, lambda side: number(side.cases_a_day, 1)),
        ("Reviewer hours a day", _HOURS, lambda side: _range(side.hours_a_day, 1)),
    )
    return [Line(name=name, a=write(a), b=write(b), help=told) for name, told, write in rows]


_ACCOUNTS = "Accounts whose score and number of proposed engagements reach the queue."
_REMOVED = "Engagements with enough evidence whose probability reaches the threshold of their kind."
_REVIEWED = "Engagements with some evidence that a person would look at."
_PRECISION = (
    "Of the engagements with a verdict that would be removed, the share people found inauthentic; 95 % interval."
)
_RECALL = "Of the engagements people found inauthentic, the share that would be removed; 95 % interval."
_EXPECTED = "From the calibrated probabilities alone, where there are few verdicts."
_LOST = "All removals times one minus the precision: the bounds of its 95 % interval."
_CASES = "By the first proposed engagement of each account, averaged over the weeks of the log."
_HOURS = "Cases a day at the median time per case, and at that of the slowest tenth."


def table(rows: list[Line]) -> pl.DataFrame:
    return pl.DataFrame({"": [row.name for row in rows], "A": [row.a for row in rows], "B": [row.b for row in rows]})


def _share(value: Share) -> str:
    if value.value is None or value.interval is None:
        return f"{NOTHING} (no verdicts)"
    low, high = value.interval
    return f"{share(value.value)} ({100 * low:.1f} to {100 * high:.1f}; {value.n:,})"


def _range(bounds: Interval | None, digits: int = 0) -> str:
    if bounds is None:
        return NOTHING
    low, high = bounds
    first, last = number(low, digits), number(high, digits)
    return first if first == last else f"{first} to {last}"


def curve_drawing(a: SideLike, b: SideLike) -> Drawing:
    """Draw precision and recall over one threshold for all kinds, with both settings' thresholds for likes marked."""
    marks = [(f"{name} (likes)", side.setting.remove[Kind.LIKE]) for name, side in (("A", a), ("B", b))]
    rows = a.curve
    told = f"Precision and recall over the removal threshold, from {a.judged.rows:,} verdicts."
    return curves(rows, [mark for mark in marks if mark[1] <= 1], sentence=told)


def weekly_drawing(a: SideLike, b: SideLike) -> Drawing:
    """Draw the cases each setting would have brought up week by week."""
    both = a.weekly.rename({"cases": "A"}).join(b.weekly.rename({"cases": "B"}), on="week", how="full", coalesce=True)
    rows = both.sort("week").with_columns(pl.col("A", "B").fill_null(0), week=pl.col("week").dt.date())
    told = f"Cases by week: A {int(rows['A'].sum()):,}, B {int(rows['B'].sum()):,}."
    return lines(rows, x="week", y=["A", "B"], titles=("Week", "Cases"), sentence=told)


def account_rows(accounts: pl.DataFrame, services: Mapping[str, str]) -> pl.DataFrame:
    """Return the accounts that only one setting brings up."""
    return accounts.select(
        pl.Series("Account", [plain(value, 60) for value in accounts["account_id"]], dtype=pl.String),
        pl.col("score").round(2).alias("Score"),
        pl.col("removed").alias("For removal"),
        pl.col("reviewed").alias("For review"),
        pl.Series(
            "Service",
            [plain(services.get(one, one), 60) if one else None for one in accounts["service_id"]],
            dtype=pl.String,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateView:
    """A proposed setting as the list shows it."""

    event_id: str
    title: str
    detail: str
    is_live: bool
    can_approve: bool


def candidate_view(candidate: Any, names: Mapping[str, str], person_id: str, now: datetime) -> CandidateView:
    """Write one candidate; whoever proposed it may not approve it."""
    value = candidate.value
    who = names.get(candidate.proposed_by, candidate.proposed_by)
    levels = ", ".join(f"{KINDS[kind].lower()} {value['remove'].get(kind.value, 1.1):.3f}" for kind in KINDS)
    approved = names.get(candidate.approved_by, candidate.approved_by) if candidate.approved_by else None
    since = ago(of_micros(candidate.approved_at), now)
    standing = f"live since {since}, approved by {plain(approved, 40)}" if approved else "in the shadow"
    queue = f"queue from {value['queue']['score']:.2f} and {value['queue']['proposed']} engagements"
    proposed = f"Proposed by {plain(who, 40)} {ago(of_micros(candidate.proposed_at), now)}"
    return CandidateView(
        event_id=candidate.event_id,
        title=f"Removal from {levels}; {queue}",
        detail=f"{plain(value.get('reason', ''), 200)} {proposed}; {standing}.",
        is_live=approved is not None,
        can_approve=approved is None and candidate.proposed_by != person_id,
    )
