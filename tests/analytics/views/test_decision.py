from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.views.decision import plan_view, reason_for, reasons, undo_left
from data.records import ActionKind, NoticeText, Outcome, Plan, PlannedAction, ReasonCode

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def plan(*actions: PlannedAction, needs_second_person: bool = False, **removed: int) -> Plan:
    return Plan(
        step=1,
        steps_total=5,
        actions=actions,
        notice=NoticeText(language="en", title="t", body="b", template_version="1"),
        removed=removed,
        needs_second_person=needs_second_person,
        next_time="Next time: a limit of 7 days.",
    )


REMOVE = PlannedAction(kind=ActionKind.REMOVE_ENGAGEMENTS, summary="")
WARN = PlannedAction(kind=ActionKind.WARN, summary="")


def test_the_plan_line_counts_the_rows_still_ticked() -> None:
    view = plan_view(plan(REMOVE, WARN, like=412, follow=1), ZONE)

    assert view.line == "remove 413 (412 likes, 1 follow) · warn"
    assert (view.step, view.is_severe, view.is_empty) == ("step 1 of 5", False, False)


def test_a_hidden_plan_says_what_happens_and_not_to_how_many_rows() -> None:
    """S-01: the same words whatever is proposed, even nothing."""
    lines = {plan_view(plan(REMOVE, WARN, like=count), ZONE, is_hidden=True).line for count in (0, 1, 412)}

    assert lines == {"remove what the machine proposes, or only the rows you tick · warn"}
    assert not plan_view(plan(REMOVE, like=0), ZONE, is_hidden=True).is_empty


def test_a_limit_says_until_when() -> None:
    limit = PlannedAction(kind=ActionKind.LIMIT, summary="", ends_at=NOON + timedelta(days=7))

    assert plan_view(plan(limit), ZONE).line == "limit until 10 Nov 2026"


def test_only_what_cannot_be_undone_is_red() -> None:
    suspend = PlannedAction(kind=ActionKind.SUSPEND, summary="", ends_at=NOON)

    assert plan_view(plan(suspend, needs_second_person=True), ZONE).is_severe
    assert "second person" in plan_view(plan(suspend, needs_second_person=True), ZONE).needs


@pytest.mark.parametrize(
    ("outcome", "picked", "sent"),
    [
        (Outcome.CONFIRM, ReasonCode.PURCHASED_LIKES, ReasonCode.PURCHASED_LIKES),
        (Outcome.REJECT, ReasonCode.PURCHASED_LIKES, ReasonCode.NOT_INAUTHENTIC),
        (Outcome.REJECT, ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.INSUFFICIENT_EVIDENCE),
        (Outcome.ESCALATE, ReasonCode.PURCHASED_LIKES, ReasonCode.POLICY_UNCLEAR),
        (Outcome.REJECT, ReasonCode.OTHER, ReasonCode.OTHER),
    ],
)
def test_dissent_costs_no_more_keys_than_agreement(outcome: Outcome, picked: ReasonCode, sent: ReasonCode) -> None:
    """S-06."""
    assert reason_for(outcome, picked) is sent


def test_every_reason_code_can_be_chosen_once() -> None:
    """U-06."""
    assert sorted(reasons()) == sorted(ReasonCode)


def test_the_undo_window_ends() -> None:
    assert undo_left(NOON + timedelta(seconds=27), NOON) == 27
    assert undo_left(NOON, NOON + timedelta(seconds=1)) == 0
    assert undo_left(None, NOON) == 0
