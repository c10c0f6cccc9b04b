"""The deliveries page: every action, where it stands, and what a person may do about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from analytics.views.moments import ago, exact, minute, span
from analytics.views.text import counted, listed, plain
from analytics.views.words import ACTIONS, REVERSALS, STATE_COLOURS, STATES
from data.records import Action, ActionKind, ActionState

# A worker that shows no sign of life for this long is taken for dead.
_SILENT_SECONDS = 30
ANY = "any"


class Attempted(Protocol):
    """One try to deliver an action, as the ledger holds it."""

    @property
    def number(self) -> int: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime: ...
    @property
    def status(self) -> int | None: ...
    @property
    def result(self) -> str: ...
    @property
    def detail(self) -> str: ...


class Delivering(Protocol):
    """Whether actions may leave now."""

    @property
    def circuit(self) -> str: ...
    @property
    def circuit_reason(self) -> str: ...
    @property
    def retry_at(self) -> datetime | None: ...
    @property
    def is_paused(self) -> bool: ...
    @property
    def pause_reason(self) -> str: ...
    @property
    def alarms(self) -> tuple[str, ...]: ...
    @property
    def worker_seen_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One action of a decision."""

    action_id: str
    name: str
    state: str
    colour: str
    when: str
    detail: str
    can_retry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """The actions of one decision in plan order."""

    decision_id: str
    title: str
    when: str
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    text: str
    is_stopped: bool


def decisions(actions: Sequence[Action], now: datetime, zone: ZoneInfo) -> tuple[DecisionView, ...]:
    """Group actions by decision, the newest decision first, steps in plan order."""
    grouped: dict[str, list[Action]] = {}
    for action in actions:
        grouped.setdefault(action.decision_id, []).append(action)
    return tuple(_decision(steps, now, zone) for steps in grouped.values())


def _decision(actions: list[Action], now: datetime, zone: ZoneInfo) -> DecisionView:
    first = actions[0]
    in_order = sorted(actions, key=lambda one: (one.created_at, one.position))
    return DecisionView(
        decision_id=first.decision_id,
        title=plain(first.account_id, 60),
        when=minute(first.created_at, zone),
        steps=tuple(_step(action, now, zone) for action in in_order),
    )


def _step(action: Action, now: datetime, zone: ZoneInfo) -> StepView:
    done = action.state in (ActionState.DELIVERED, ActionState.ALREADY_ABSENT)
    colour = "green" if done and action.kind in REVERSALS else STATE_COLOURS[action.state]
    return StepView(
        action_id=action.action_id,
        name=_name(action),
        state=STATES[action.state],
        colour=colour,
        when=_when(action, now, zone),
        detail=plain(action.last_error if not done else receipt(action.receipt), 160),
        can_retry=action.state is ActionState.DEAD,
    )


def _name(action: Action) -> str:
    return f"{ACTIONS[action.kind]} ({action.engagements:,})" if action.engagements else ACTIONS[action.kind]


def _when(action: Action, now: datetime, zone: ZoneInfo) -> str:
    tries = f", {counted(action.attempts, 'try', 'tries')}" if action.attempts > 1 else ""
    if action.finished_at is not None:
        return exact(action.finished_at, zone) + tries
    if action.state is ActionState.QUEUED and action.not_before > now:
        return f"leaves in {span(action.not_before - now)}{tries}"
    return f"due {ago(action.not_before, now)}{tries}"


def receipt(text: str) -> str:
    """Read a platform's receipt: its number and what it says it did; one that is no such record stays as it came."""
    try:
        told = json.loads(text)
    except ValueError:
        return text
    if not isinstance(told, dict):
        return text
    number, effects = told.get("receipt"), told.get("effects")
    done = ", ".join(str(effect).replace("_", " ") for effect in effects) if isinstance(effects, list) else ""
    return ": ".join(part for part in (str(number or ""), done) if part) or text


def rows(actions: Sequence[Action], now: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Return one row per action for the table."""
    return pl.DataFrame(
        [
            {
                "Made": minute(action.created_at, zone),
                "Account": plain(action.account_id, 60),
                "Step": action.position + 1,
                "Action": ACTIONS[action.kind],
                "Engagements": action.engagements or None,
                "State": STATES[action.state],
                "When": _when(action, now, zone),
                "Tries": action.attempts,
                "Receipt": plain(receipt(action.receipt), 90),
                "Last error": plain(action.last_error, 120),
            }
            for action in actions
        ],
        schema=_ROW,
    )


_ROW = {
    "Made": pl.String,
    "Account": pl.String,
    "Step": pl.Int64,
    "Action": pl.String,
    "Engagements": pl.Int64,
    "State": pl.String,
    "When": pl.String,
    "Tries": pl.Int64,
    "Receipt": pl.String,
    "Last error": pl.String,
}


def attempt_rows(attempts: Iterable[Attempted], zone: ZoneInfo) -> pl.DataFrame:
    """Return one row per try of one action."""
    return pl.DataFrame(
        [
            {
                "Try": attempt.number,
                "At": exact(attempt.started_at, zone),
                "Took": f"{(attempt.finished_at - attempt.started_at).total_seconds():.2f} s",
                "Answer": attempt.status,
                "Result": attempt.result.replace("_", " "),
                "Detail": plain(attempt.detail),
            }
            for attempt in attempts
        ],
        schema={
            "Try": pl.Int64,
            "At": pl.String,
            "Took": pl.String,
            "Answer": pl.Int64,
            "Result": pl.String,
            "Detail": pl.String,
        },
    )


def facts(counts: dict[ActionKind, dict[ActionState, int]]) -> str:
    """Say in one line how many actions stand where."""
    totals = dict.fromkeys(ActionState, 0)
    for states in counts.values():
        for state, count in states.items():
            totals[state] += count
    parts = [f"{totals[state]:,} {STATES[state]}" for state in ActionState if totals[state]]
    return " · ".join(parts) or "nothing to deliver yet"


def alarms(state: Delivering, now: datetime) -> tuple[Alarm, ...]:
    """List what keeps actions from leaving, or would soon."""
    found = [Alarm(text=plain(text), is_stopped=False) for text in state.alarms]
    if state.is_paused:
        found.insert(0, Alarm(text=f"Delivery is paused: {plain(state.pause_reason)}", is_stopped=True))
    if state.circuit != "closed":
        when = f" Next try {ago(state.retry_at, now)}." if state.retry_at else ""
        found.insert(0, Alarm(text=f"Delivery stopped: {plain(state.circuit_reason)}.{when}", is_stopped=True))
    if state.worker_seen_at is None or (now - state.worker_seen_at).total_seconds() > _SILENT_SECONDS:
        seen = "never seen" if state.worker_seen_at is None else f"last seen {ago(state.worker_seen_at, now)}"
        found.append(Alarm(text=f"The worker that delivers is silent ({seen}).", is_stopped=True))
    return tuple(dict.fromkeys(found))


def count_rows(counts: dict[ActionKind, dict[ActionState, int]]) -> pl.DataFrame:
    """Return one row per kind of action with a column per state."""
    kinds = [kind for kind in ActionKind if counts.get(kind)]
    columns: dict[str, list[object]] = {"Action": [ACTIONS[kind] for kind in kinds]}
    for state in ActionState:
        values = [counts[kind].get(state, 0) for kind in kinds]
        if any(values):
            columns[STATES[state].capitalize()] = list(values)
    return pl.DataFrame(columns)


def summary(view: DecisionView) -> str:
    """Say one decision's steps in a sentence, for the select box."""
    return f"{view.when} · {view.title} · {listed([f'{step.name.lower()}: {step.state}' for step in view.steps])}"
