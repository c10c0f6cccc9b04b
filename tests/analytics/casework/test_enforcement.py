"""What a confirmed finding asks of the platform, step by step, and when it may leave."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from analytics.casework.enforcement import NewAction, Order, measures, new_actions, planned
from analytics.casework.plan import Confirmation, plan_for
from analytics.workflows.notice_texts import load_notices
from analytics.workflows.policy import load_policy
from data.platform.contract import ActionBody, body_hash
from data.records import ActionKind, NoticeText, ReasonCode

K = ActionKind
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
UNDO, REMOVAL = AT + timedelta(seconds=30), AT + timedelta(minutes=20)
POLICY = load_policy()
NOTICE = NoticeText(language="en", title="We removed likes", body="Please.", template_version="1")


def asked(step: int, ids: list[str], **over: object) -> tuple[NewAction, ...]:
    values = {
        "account_id": "a1",
        "decision_id": "d1",
        "step": POLICY.step(step),
        "engagement_ids": ids,
        "notice": NOTICE,
        "decided_at": AT,
        "undo_until": UNDO,
        "removal_at": REMOVAL,
    }
    return new_actions(Order(**values | over))


@pytest.mark.parametrize(
    ("step", "kinds"),
    [
        (1, [K.RESET_PASSWORD, K.WARN, K.REMOVE_ENGAGEMENTS]),
        (2, [K.RESET_PASSWORD, K.WARN, K.REMOVE_ENGAGEMENTS]),
        (3, [K.RESET_PASSWORD, K.WARN, K.LIMIT, K.REMOVE_ENGAGEMENTS]),
        (4, [K.RESET_PASSWORD, K.WARN, K.SUSPEND, K.REMOVE_ENGAGEMENTS]),
        (5, [K.RESET_PASSWORD, K.WARN, K.SUSPEND, K.REMOVE_ENGAGEMENTS]),
    ],
)
def test_sessions_end_first_and_the_owner_is_told_before_anything_is_taken(step: int, kinds: list[ActionKind]) -> None:
    found = asked(step, ["e1", "e2"])

    assert [one.kind for one in found] == kinds
    assert [one.position for one in found] == list(range(len(kinds)))
    assert [one.kind for one in planned(POLICY.step(step), 2, AT)] == kinds


def test_timed_steps_have_their_end_and_a_closed_account_has_none() -> None:
    assert dict(measures(POLICY.step(3), AT))[K.LIMIT] == AT + timedelta(days=7)
    assert dict(measures(POLICY.step(4), AT))[K.SUSPEND] == AT + timedelta(days=30)
    assert dict(measures(POLICY.step(5), AT))[K.SUSPEND] is None


def test_the_body_is_what_the_platform_takes_and_its_hash_is_of_it() -> None:
    found = asked(3, ["e2", "e1"])
    bodies = [ActionBody.model_validate_json(one.body) for one in found]

    assert json.loads(found[-1].body) == {
        "account_id": "a1",
        "decision_id": "d1",
        "engagement_ids": ["e1", "e2"],
        "kind": "remove_engagements",
    }
    assert bodies[1].notice is not None
    assert bodies[1].notice.body == "Please."
    assert bodies[2].ends_at == AT + timedelta(days=7)
    assert all(one.body_hash == body_hash(one.body) for one in found)


@pytest.mark.parametrize(
    ("count", "chunks"), [(1, [1]), (1_000, [1_000]), (1_001, [1_000, 1]), (2_500, [1_000, 1_000, 500])]
)
def test_a_removal_is_cut_into_calls_and_no_id_is_lost(count: int, chunks: list[int]) -> None:
    ids = [f"e{n}" for n in range(count)]
    found = [one for one in asked(1, ids) if one.kind is K.REMOVE_ENGAGEMENTS]

    assert [one.engagements for one in found] == chunks
    assert [one for part in found for one in json.loads(part.body)["engagement_ids"]] == sorted(ids)


def test_the_same_finding_always_gives_the_same_bytes() -> None:
    assert asked(2, ["e1", "e2", "e3"]) == asked(2, ["e3", "e1", "e2"])


def test_nothing_leaves_before_the_undo_window_is_over() -> None:
    """P-05; removals wait longer, so that their moment tells nobody what was noticed."""
    waits = {one.kind: one.not_before for one in asked(3, ["e1"])}

    assert waits == {K.RESET_PASSWORD: UNDO, K.WARN: UNDO, K.LIMIT: UNDO, K.REMOVE_ENGAGEMENTS: REMOVAL}
    early = asked(1, ["e1"], removal_at=AT)
    assert [one.not_before for one in early if one.kind is K.REMOVE_ENGAGEMENTS] == [UNDO]


def test_an_urgent_reset_leaves_at_once_and_nothing_else_does() -> None:
    """U-05."""
    waits = [one.not_before for one in asked(1, ["e1"], is_urgent=True)]

    assert waits == [AT, UNDO, REMOVAL]


@pytest.mark.parametrize("step", range(1, 6))
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_every_step_has_its_plan_and_notice_in_every_language(step: int, language: str) -> None:
    told = Confirmation(step=step, case_number=8_831, removed={"like": 412, "follow": 96}, at=AT, language=language)
    plan = plan_for(told, POLICY, load_notices(), needs_second_person=step > 3)

    assert (plan.step, plan.steps_total, plan.removed) == (step, 5, {"like": 412, "follow": 96})
    assert plan.notice.language == language
    assert "412" in plan.notice.body
    assert sum(action.engagements for action in plan.actions) == 508


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (1, "Next time: the same again."),
        (2, "Next time: limited for 7 days."),
        (3, "Next time: suspended for 30 days."),
        (4, "Next time: the account may be closed."),
        (5, "This is the last step."),
    ],
)
def test_the_reviewer_reads_what_follows_next_time(step: int, words: str) -> None:
    told = Confirmation(step=step, case_number=8_831, removed={"like": 1}, at=AT, language="en")

    assert plan_for(told, POLICY, load_notices(), needs_second_person=False).next_time == words


def test_an_account_that_is_nobodys_breaks_another_rule() -> None:
    plain = Confirmation(step=1, case_number=8_831, removed={"like": 1}, at=AT, language="en")
    fake = Confirmation(
        step=1, case_number=8_831, removed={"like": 1}, at=AT, language="en", reason=ReasonCode.FAKE_ACCOUNT
    )
    bodies = [plan_for(one, POLICY, load_notices(), needs_second_person=False).notice.body for one in (plain, fake)]

    assert "from people themselves" in bodies[0]
    assert "real person" in bodies[1]
