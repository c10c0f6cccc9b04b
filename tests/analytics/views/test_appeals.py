"""P-18: an appeal is read beside what was done, without the first reviewer's name."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.views.appeals import Complaint, appeal_view, facts, option, rows
from data.records import (
    Action,
    ActionKind,
    ActionState,
    Appeal,
    AppealState,
    Decision,
    Direction,
    Evidence,
    Outcome,
    ReasonCode,
    Strength,
)

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
APPEAL = Appeal(
    appeal_id="ap1",
    case_id="c1",
    decision_id="d1",
    account_id="a1",
    state=AppealState.OPEN,
    text="It was me.\n<img src=http://evil.test/x.png>",
    filed_at=NOON,
)
DECISION = Decision(
    decision_id="d1",
    case_id="c1",
    account_id="a1",
    person_id="rita",
    outcome=Outcome.CONFIRM,
    reason=ReasonCode.PURCHASED_LIKES,
    note="Rita was here",
    decided_at=NOON,
    policy_version="3",
    step=1,
)


def action(kind: ActionKind, state: ActionState, engagements: int = 0) -> Action:
    return Action(
        action_id=kind,
        decision_id="d1",
        case_id="c1",
        account_id="a1",
        kind=kind,
        state=state,
        position=0,
        engagements=engagements,
        not_before=NOON,
        attempts=1,
        last_error="",
        receipt="",
        created_at=NOON,
        finished_at=None,
    )


def complaint(*actions: Action) -> Complaint:
    return Complaint(appeal=APPEAL, decision=DECISION, actions=actions, handle="@x", removed={"like": 412})


def test_nothing_on_the_page_names_the_first_reviewer() -> None:
    view = appeal_view(complaint(action(ActionKind.WARN, ActionState.DELIVERED)), ZONE)

    assert "rita" not in str(asdict(view)).lower()


def test_an_overturn_gives_back_what_was_done() -> None:
    view = appeal_view(
        complaint(
            action(ActionKind.REMOVE_ENGAGEMENTS, ActionState.DELIVERED, 412),
            action(ActionKind.LIMIT, ActionState.DELIVERED),
            action(ActionKind.RESET_PASSWORD, ActionState.QUEUED),
        ),
        ZONE,
    )

    assert view.if_overturned == (
        "restore 412 engagements, lift the limit, cancel what still waits and take the strike away"
    )


def test_what_was_never_sent_is_not_restored() -> None:
    view = appeal_view(complaint(action(ActionKind.REMOVE_ENGAGEMENTS, ActionState.CANCELLED, 412)), ZONE)

    assert view.if_overturned == "take the strike away"


def test_chunks_of_one_removal_go_back_as_one_sum() -> None:
    chunk = action(ActionKind.REMOVE_ENGAGEMENTS, ActionState.DELIVERED, 1_000)

    view = appeal_view(complaint(chunk, chunk), ZONE)

    assert view.if_overturned == "restore 2,000 engagements and take the strike away"
    assert view.done == ("remove engagements",)


def test_what_was_absent_already_is_not_restored() -> None:
    view = appeal_view(complaint(action(ActionKind.REMOVE_ENGAGEMENTS, ActionState.ALREADY_ABSENT, 412)), ZONE)

    assert view.if_overturned == "take the strike away"


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([], "Removed: 412 likes."),
        ([ActionState.DELIVERED], "Removed: 412 likes."),
        ([ActionState.ALREADY_ABSENT], "Removed: 412 likes."),
        ([ActionState.QUEUED], "To be removed: 412 likes."),
        ([ActionState.IN_FLIGHT], "To be removed: 412 likes."),
        ([ActionState.CANCELLED], "Not removed: 412 likes."),
        ([ActionState.DELIVERED, ActionState.QUEUED], "Of 412 likes, 206 of 412 are removed so far."),
        ([ActionState.DELIVERED, ActionState.CANCELLED], "Of 412 likes, 206 of 412 were removed."),
    ],
)
def test_what_still_waits_is_not_called_removed(states: list[ActionState], told: str) -> None:
    """P-18: a removal is late by intent, and an appeal may come before it."""
    each = 412 // max(len(states), 1)
    steps = [action(ActionKind.REMOVE_ENGAGEMENTS, state, each) for state in states]

    assert appeal_view(complaint(*steps), ZONE).removed == told


def test_a_recount_is_about_the_restriction_alone() -> None:
    only = replace(complaint(action(ActionKind.LIMIT, ActionState.DELIVERED)), is_recount=True)

    assert appeal_view(only, ZONE).if_overturned == "lift the limit"


def test_the_reasons_stand_beside_the_complaint_for_and_against() -> None:
    seen = [
        Evidence(evidence_id=way, direction=way, strength=Strength.STRONG, reason="r", sentence=f"It speaks {way}.")
        for way in (Direction.FOR, Direction.AGAINST)
    ]
    view = appeal_view(replace(complaint(), evidence=seen), ZONE)

    assert view.reasons_for == ("strong: It speaks for.",)
    assert view.reasons_against == ("strong: It speaks against.",)


def test_the_complaint_is_shown_as_text() -> None:
    """X-01."""
    assert appeal_view(complaint(), ZONE).text == "It was me.\n<img src=http://evil.test/x.png>"


def test_the_first_line_counts_who_waits() -> None:
    later = NOON + timedelta(hours=5)

    assert facts([APPEAL], later) == "1 appeal waiting · oldest 5 h"
    assert facts([], later) == "nobody waits for an answer"
    assert option(APPEAL, "@x", later) == "@x · filed 5 h ago"
    assert rows([APPEAL], {"a1": "@x"}, later, ZONE).row(0) == ("@x", "waiting", "3 Nov 2026 12:00:00", "5 h", "")
