"""The managers' figures in words: value, interval, change, and the number of rows behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.drawing import Drawing
from analytics.charts.plots import lines
from analytics.statistics.definitions import Definition, Unit
from analytics.statistics.metric import Metric
from analytics.views.moments import ago, of_micros
from analytics.views.text import NOTHING, counted, number, plain, share
from analytics.views.words import ACTIONS, OUTCOMES, STATES
from data.records import ActionKind, ActionState, Outcome

# dimension of the figures → what it is called on the page
DIMENSIONS = {"kind": "Kind", "service_id": "Service", "country": "Country", "step": "Step"}
# The same for figures whose rows are cases, which may be about several kinds.
MAIN_KIND = "Main kind"
_MAIN_KIND = "A kind is the one that most of a case's proposed engagements are of; without any it has none."
# Nobody reads hundreds of hours.
_DAYS_FROM = 72
_STEP_DAYS_FROM = 48
_DIGITS = {Unit.HOURS: 1, Unit.SECONDS: 0, Unit.COUNT: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureView:
    """One figure as it stands on the page."""

    metric_id: str
    title: str
    value: str
    under: str
    rows: int
    rows_label: str
    counted: str
    caution: str


def figure_view(definition: Definition, now: Metric, before: Metric | None, *, is_clear: bool) -> FigureView:
    """Write one figure with its interval and the change since the period before."""
    unit = definition.unit
    parts = [_interval(unit, now), _change(definition, now, before, is_clear=is_clear), _tail(unit, now)]
    return FigureView(
        metric_id=definition.metric_id,
        title=definition.title,
        value=amount(unit, now.value),
        under=" · ".join(part for part in parts if part) or _without(definition, now),
        rows=now.n,
        rows_label=counted(now.n, "row"),
        counted=counted_words(definition),
        caution=definition.caution,
    )


def _without(definition: Definition, now: Metric) -> str:
    """Say why a figure has nothing under it."""
    if now.value is None:
        return f"{counted(now.n, 'row')}, too alike to tell" if now.n else f"no {definition.row} in this period"
    return "no whole period before to compare with" if definition.unit is Unit.COUNT else "without an interval"


def counted_words(definition: Definition) -> str:
    """Say how a figure is counted, what one row is, and what a kind means where the rows are cases."""
    kind = "" if definition.has_own_kind else f"{_MAIN_KIND} "
    return f"{definition.counted} {kind}One row: {definition.row}."


def amount(unit: Unit, value: float | None, beside: float | None = None) -> str:
    """Write a value in its unit; one that stands beside another is written as that one is."""
    if value is None:
        return NOTHING
    if unit is Unit.SHARE:
        return share(value)
    if unit is Unit.DIFFERENCE:
        return f"{100 * value:+.1f} points"
    if unit is Unit.AGREEMENT:
        return f"{value:.2f}"
    if unit is Unit.HOURS and abs(value if beside is None else beside) >= _DAYS_FROM:
        days = number(value / 24, 1)
        return "under 0.1 days" if value and not float(days.replace(",", "")) else f"{days} days"
    words = {Unit.HOURS: " h", Unit.SECONDS: " s"}
    return number(value, _DIGITS[unit]) + words.get(unit, "")


def _interval(unit: Unit, figure: Metric) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"95 %: {amount(unit, figure.low, figure.value)} to {amount(unit, figure.high, figure.value)}"


def _change(definition: Definition, now: Metric, before: Metric | None, *, is_clear: bool) -> str:
    """Say what changed; a change that chance may explain is called so."""
    if before is None or now.value is None or before.value is None:
        return ""
    difference = now.value - before.value
    if not difference:
        return "unchanged"
    if definition.unit in (Unit.SHARE, Unit.DIFFERENCE):
        told = f"{100 * difference:+.1f} points"
    elif definition.unit in (Unit.HOURS, Unit.SECONDS):
        told = f"{'+' if difference > 0 else '-'}{amount(definition.unit, abs(difference), now.value)}"
    else:
        told = f"{difference:+,.{_DIGITS.get(definition.unit, 2)}f}"
    return f"{told} on the period before" + ("" if is_clear or now.low is None else ", within chance")


def _tail(unit: Unit, figure: Metric) -> str:
    """Name the slow tail of a duration: averages hide it."""
    slow = figure.detail.get("p90")
    return "" if slow is None else f"p90 {amount(unit, slow, figure.value)}"


def outcomes_over_time(decisions: pl.DataFrame, since: datetime, until: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Return one row per day and outcome of the period: day, outcome, decisions."""
    moment = pl.from_epoch("decided_at", time_unit="us").dt.replace_time_zone("UTC")
    inside = decisions.with_columns(moment=moment).filter(pl.col("moment").is_between(since, until, closed="left"))
    days = inside.group_by(day=pl.col("moment").dt.convert_time_zone(zone.key).dt.date(), outcome=pl.col("outcome"))
    order = pl.col("outcome").replace_strict({name: place for place, name in enumerate(Outcome)}, default=9)
    words: Mapping[str, str] = {name.value: word for name, word in OUTCOMES.items()}
    return (
        days.agg(decisions=pl.len())
        .sort(order, "day")
        .with_columns(outcome=pl.col("outcome").replace_strict(words, default=pl.col("outcome")))
    )


def actions_by_state(actions: pl.DataFrame) -> pl.DataFrame:
    """Return one row per kind and state: kind, state, actions."""
    kinds: Mapping[str, str] = {kind.value: word for kind, word in ACTIONS.items()}
    states: Mapping[str, str] = {state.value: word for state, word in STATES.items()}
    order = [
        pl.col("kind").replace_strict({kind: place for place, kind in enumerate(ActionKind)}, default=99),
        pl.col("state").replace_strict({state: place for place, state in enumerate(ActionState)}, default=99),
    ]
    found = actions.group_by("kind", "state").agg(actions=pl.len()).sort(*order)
    return found.with_columns(
        kind=pl.col("kind").replace_strict(kinds, default=pl.col("kind")),
        state=pl.col("state").replace_strict(states, default=pl.col("state")),
    )


class TargetLike(Protocol):
    """A target with who set it and when."""

    @property
    def value(self) -> float: ...
    @property
    def person_id(self) -> str: ...
    @property
    def at(self) -> int: ...


def target_line(definition: Definition, target: TargetLike, now: datetime, names: Mapping[str, str]) -> str:
    """Write a target with who set it and when."""
    who = f"set by {plain(names.get(target.person_id, target.person_id), 40)} {ago(of_micros(target.at), now)}"
    return f"target {amount(definition.unit, target.value)}, {who}"


def target_title(definition: Definition) -> str:
    """Ask for a target in the unit that the page shows."""
    return f"Target for {definition.title.lower()}, in {_ASKED.get(definition.unit, 'its own unit')}"


def target_value(definition: Definition, written: float) -> float:
    """Return a target as it is stored: shares are written in per cent."""
    return written / 100 if definition.unit in (Unit.SHARE, Unit.DIFFERENCE) else written


PART_WORDS = {"like": "likes", "follow": "follows", "comment": "comments"}
_ASKED = {Unit.SHARE: "per cent", Unit.DIFFERENCE: "points", Unit.HOURS: "hours", Unit.SECONDS: "seconds"}


def dimension_titles(definition: Definition) -> dict[str, str]:
    """Name what a figure can be split by."""
    return DIMENSIONS if definition.has_own_kind else {**DIMENSIONS, "kind": MAIN_KIND}


def part_rows(definition: Definition, found: pl.DataFrame, title: str, names: Mapping[str, str]) -> pl.DataFrame:
    """Return a figure by part as the table shows it, the most counted first."""
    unit = definition.unit
    bounds = [
        NOTHING if low is None or high is None else f"{amount(unit, low, value)} to {amount(unit, high, value)}"
        for value, low, high in found.select("value", "low", "high").iter_rows()
    ]
    return pl.DataFrame(
        {
            title: [plain(names.get(name, name), 60) for name in found["name"]],
            definition.title: [amount(unit, value) for value in found["value"]],
            "95 % interval": bounds,
            "Counted from": [counted(n, "row") for n in found["n"]],
        }
    )


def left_out_words(whole: int, found: pl.DataFrame, title: str) -> str:
    """Say how many rows of a figure are in no part of its table; nothing where all are in one."""
    left = whole - int(found["n"].sum())
    return f"{counted(left, 'more row')} of no {title.lower()}." if left > 0 else ""


def over_time_drawing(definition: Definition, found: pl.DataFrame, zone: ZoneInfo) -> Drawing | None:
    """Draw a figure step by step with its interval; None when no step has a value."""
    known = found.filter(pl.col("value").is_not_null())
    if known.is_empty():
        return None
    scale = 100.0 if definition.unit in (Unit.SHARE, Unit.DIFFERENCE) else 1.0
    value = pl.col("value") * scale
    rows = known.select(
        pl.col("since").dt.convert_time_zone(zone.key).dt.replace_time_zone(None).alias("From"),
        value.alias(definition.title),
        (pl.col("low") * scale).fill_null(value).alias("low"),
        (pl.col("high") * scale).fill_null(value).alias("high"),
    )
    last = known.row(-1, named=True)
    told = f"{definition.title}: {amount(definition.unit, last['value'])} at the end, from {counted(last['n'], 'row')}."
    unit = {Unit.SHARE: "per cent", Unit.DIFFERENCE: "points", Unit.HOURS: "hours", Unit.SECONDS: "seconds"}
    titles = (f"Start of each step of {_step(found['since'])}, {zone.key}", unit.get(definition.unit, definition.title))
    return lines(rows, x="From", y=definition.title, titles=titles, sentence=told, band=("low", "high"), height=220)


def _step(since: pl.Series) -> str:
    """Say how long the equal steps are that a figure is drawn in."""
    hours = (since[1] - since[0]).total_seconds() / 3600 if len(since) > 1 else 0.0
    return counted(round(hours), "hour") if hours < _STEP_DAYS_FROM else f"{number(hours / 24, 1)} days"
