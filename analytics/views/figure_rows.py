"""The rows behind a figure in people's words: what adds up to the figure first, ids of the database nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.views.moments import exact, of_micros
from analytics.views.text import NOTHING, plain
from analytics.views.words import APPEALS, CASES, OUTCOMES, REASONS, STATES

_CASE = ("number", "account_id")
_OF_CASE = ("service_id", "country")
_DRAWN = ("kind", "at", "account_id", "p", "band", "number", "decided_at", *_OF_CASE, "engagement_id")
# figure → the columns of its rows, in order
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "M-01": ("is_inauthentic", *_DRAWN),
    "M-01w": ("is_inauthentic", "weight", *_DRAWN),
    "M-02": (
        *_CASE,
        "removed",
        "removed_likes",
        "removed_follows",
        "removed_comments",
        *("decided_at", "person_id", "reason", "step", *_OF_CASE),
    ),
    "M-03": (*_CASE, "is_proactive", "outcome", "decided_at", "person_id", "reason", "step", *_OF_CASE),
    "M-04": (*_CASE, "is_confirmed", "score", "decided_at", "person_id", "reason", *_OF_CASE),
    "M-05": ("is_caught", *_DRAWN),
    "M-06": (*_CASE, "is_right", "outcome", "expected", "decided_at", "person_id", "reason", "policy_version"),
    "M-07": (*_CASE, "first", "second", "at", *_OF_CASE),
    "M-07a": ("number", "outcome"),
    "M-08": (*_CASE, "is_overturned", "filed_at", "decided_at", "step", *_OF_CASE),
    "M-09": (*_CASE, "is_wrong", "first", "second", "at", *_OF_CASE),
    "M-10": (
        *_CASE,
        "hours",
        *("detect_hours", "wait_hours", "decide_hours", "deliver_hours"),
        *("first_engagement_at", "removed_at", *_OF_CASE),
    ),
    "M-11": ("kind", "at", "removed_at", "hours", "account_id", "engagement_id"),
    "M-12": (*_CASE, "seconds", "idle_us", "decided_at", "outcome", "reason", *_OF_CASE),
    "M-13": (*_CASE, "age_hours", "opened_at", "state", *_OF_CASE),
    "M-14": (*_CASE, "is_repeat", "decided_at", "next_at", "step", *_OF_CASE),
    "M-15": ("account_id", "is_still_active", "created_at", "finished_at", "service_last_at", "service_id"),
    "M-16": (*_CASE, "explanation_shown", "is_confirmed", "seconds", "decided_at", "reason", *_OF_CASE),
    "SLA": (*_CASE, "is_in_time", "opened_at", "decided_at", *_OF_CASE),
}
_TITLES: Mapping[str, str] = {
    "number": "Case",
    "account_id": "Account",
    "engagement_id": "Engagement",
    "removed": "Removed",
    "removed_likes": "Likes",
    "removed_follows": "Follows",
    "removed_comments": "Comments",
    "decided_at": "Decided",
    "person_id": "Decided by",
    "service_id": "Service",
    "is_proactive": "Found by ourselves",
    "is_confirmed": "Confirmed",
    "is_right": "Rightly decided",
    "is_wrong": "Came out otherwise",
    "is_overturned": "Overturned",
    "is_repeat": "Confirmed again",
    "is_still_active": "Service seen again",
    "is_in_time": "In time",
    "is_caught": "Proposed by the machine",
    "is_inauthentic": "Found inauthentic",
    "explanation_shown": "Explanation shown",
    "score": "Score of the machine",
    "p": "Probability",
    "band": "The machine proposed",
    "weight": "Audience",
    "expected": "Known answer",
    "policy_version": "Policy",
    "first": "First finding",
    "second": "Second finding",
    "at": "When",
    "filed_at": "Appealed",
    "opened_at": "Opened",
    "created_at": "Reset ordered",
    "finished_at": "Reset delivered",
    "service_last_at": "Service last seen",
    "removed_at": "Removed at",
    "first_engagement_at": "First engagement",
    "next_at": "Confirmed again at",
    "hours": "Hours",
    "detect_hours": "Detect, h",
    "wait_hours": "Wait, h",
    "decide_hours": "Decide, h",
    "deliver_hours": "Deliver, h",
    "age_hours": "Waited, h",
    "seconds": "Seconds",
    "idle_us": "Pause taken out, min",
}
_BANDS = {0: "nothing", 1: "a look", 2: "removal"}
_FINDINGS = {**{str(one): word for one, word in OUTCOMES.items()}, **{str(one): word for one, word in APPEALS.items()}}
_STATES = {**{str(one): word for one, word in STATES.items()}, **{str(one): word for one, word in CASES.items()}}
_WORDS: Mapping[str, Mapping[Any, str]] = {  # Any: a stored word or number
    "reason": {str(one): word for one, word in REASONS.items()},
    "state": _STATES,
    "band": _BANDS,
    **dict.fromkeys(("outcome", "first", "second", "expected"), _FINDINGS),
}
_DIGITS = {"p": 3, "score": 3, "weight": 0, "seconds": 0, "idle_us": 1}
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: their zone, and the names of people and services."""

    zone: ZoneInfo
    people: Mapping[str, str]
    services: Mapping[str, str]


def figure_rows(metric_id: str, found: pl.DataFrame, reader: Reader) -> pl.DataFrame:
    """Return the counted rows for the table: one for each, its columns in people's words."""
    names = [name for name in COLUMNS.get(metric_id, ()) if name in found.columns]
    return pl.DataFrame([_column(found[name], reader) for name in names])


def _column(values: pl.Series, reader: Reader) -> pl.Series:
    title = _TITLES.get(values.name, values.name.replace("_", " ").capitalize())
    if values.name == "idle_us":
        values = (values / _MINUTE).alias(values.name)
    if values.dtype.is_float():
        return values.round(_DIGITS.get(values.name, 1)).alias(title)
    told = _writer(values, reader)
    if told is None:
        return values.alias(title)
    return pl.Series(title, [NOTHING if value is None else told(value) for value in values], dtype=pl.String)


def _writer(values: pl.Series, reader: Reader) -> Callable[[Any], str] | None:
    """Return what writes the values of a column; None where numbers are told as they are."""
    name = values.name
    named = {"person_id": reader.people, "service_id": reader.services}.get(name)
    if named is not None:
        return lambda value: plain(named.get(value, value), 60)
    if name in _WORDS:
        return lambda value: _WORDS[name].get(value, plain(str(value), 60))
    if name == "at" or name.endswith("_at"):
        return lambda value: exact(of_micros(value), reader.zone)
    if values.dtype == pl.Boolean:
        return lambda value: "yes" if value else "no"
    return (lambda value: plain(str(value))) if not values.dtype.is_numeric() else None
