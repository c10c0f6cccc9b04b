from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.views.deliveries import alarms, count_rows, decisions, facts, receipt, rows
from data.records import Action, ActionKind, ActionState

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def action(kind: ActionKind, state: ActionState, **over: object) -> Action:
    made = {
        "action_id": f"{kind}-{state}",
        "decision_id": "d1",
        "case_id": "c1",
        "account_id": "a1",
        "kind": kind,
        "state": state,
        "position": 0,
        "engagements": 0,
        "not_before": NOON,
        "attempts": 1,
        "last_error": "",
        "receipt": "",
        "created_at": NOON,
        "finished_at": None,
    }
    return Action(**(made | over))  # type: ignore[arg-type]


def test_steps_of_a_decision_stand_in_plan_order() -> None:
    made = [
        action(ActionKind.WARN, ActionState.QUEUED, position=1),
        action(ActionKind.REMOVE_ENGAGEMENTS, ActionState.DELIVERED, finished_at=NOON, engagements=412),
    ]

    (decision,) = decisions(made, NOON, ZONE)

    assert [step.name for step in decision.steps] == ["Remove engagements (412)", "Warn the owner"]


@pytest.mark.parametrize(
    ("kind", "state", "colour"),
    [
        (ActionKind.REMOVE_ENGAGEMENTS, ActionState.DELIVERED, "gray"),
        (ActionKind.RESTORE_ENGAGEMENTS, ActionState.DELIVERED, "green"),
        (ActionKind.WARN, ActionState.QUEUED, "orange"),
        (ActionKind.WARN, ActionState.DEAD, "red"),
    ],
)
def test_green_is_restored_amber_waits_red_needs_a_person(kind: ActionKind, state: ActionState, colour: str) -> None:
    (decision,) = decisions([action(kind, state)], NOON, ZONE)

    assert decision.steps[0].colour == colour


def test_only_a_dead_action_can_be_tried_again() -> None:
    made = [action(ActionKind.WARN, state) for state in ActionState]

    assert [step.state for step in decisions(made, NOON, ZONE)[0].steps if step.can_retry] == ["needs a person"]


def test_a_waiting_action_says_when_it_leaves() -> None:
    made = [action(ActionKind.WARN, ActionState.QUEUED, not_before=NOON + timedelta(seconds=27), attempts=0)]

    assert rows(made, NOON, ZONE)["When"].to_list() == ["leaves in 27 s"]


def test_hostile_ids_are_shown_as_text() -> None:
    """X-03."""
    assert rows([action(ActionKind.WARN, ActionState.DEAD, account_id="a\nb")], NOON, ZONE)["Account"][0] == "a␊b"


def test_counts_are_told_by_kind_and_state() -> None:
    counts = {
        ActionKind.WARN: {ActionState.DELIVERED: 2, ActionState.DEAD: 1},
        ActionKind.LIMIT: {ActionState.QUEUED: 3},
    }

    assert facts(counts) == "3 waiting · 2 delivered · 1 needs a person"
    assert count_rows(counts).rows() == [("Warn the owner", 0, 2, 1), ("Limit features", 3, 0, 0)]
    assert facts({}) == "nothing to deliver yet"


@dataclass(frozen=True, kw_only=True)
class State:
    circuit: str = "closed"
    circuit_reason: str = ""
    retry_at: datetime | None = None
    is_paused: bool = False
    pause_reason: str = ""
    alarms: tuple[str, ...] = ()
    worker_seen_at: datetime | None = NOON


def test_nothing_alarms_while_actions_can_leave() -> None:
    assert alarms(State(), NOON) == ()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State(circuit="open", circuit_reason="403"), "Delivery stopped: 403"),
        (State(is_paused=True, pause_reason="too many"), "Delivery is paused: too many"),
        (State(worker_seen_at=NOON - timedelta(minutes=2)), "silent (last seen 2 min ago)"),
        (State(worker_seen_at=None), "silent (never seen)"),
    ],
)
def test_what_keeps_actions_from_leaving_is_said(state: State, said: str) -> None:
    (alarm,) = alarms(state, NOON)

    assert said in alarm.text
    assert alarm.is_stopped


def test_a_receipt_is_read_in_words_and_an_odd_one_stays_as_it_came() -> None:
    told = '{"effects": ["sessions_revoked", "password_reset"], "id": "a", "receipt": "rcpt-9"}'

    assert receipt(told) == "rcpt-9: sessions revoked, password reset"
    assert [receipt(odd) for odd in ("", "ok", "[1]", '{"id": "a"}')] == ["", "ok", "[1]", '{"id": "a"}']
