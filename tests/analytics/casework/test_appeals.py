"""P-18 and section A.2: who may appeal until when, who may decide, and what goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.casework.appeals import (
    Appealed,
    GivenBack,
    Taken,
    appeal_until,
    check_decider,
    check_filing,
    give_back,
)
from data.errors import CommandError, ConflictError
from data.records import ActionKind, ActionState, Outcome

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def appealed(**over: Any) -> Appealed:
    told: dict[str, Any] = {
        "outcome": Outcome.CONFIRM,
        "decided_at": NOON,
        "undo_until": NOON + timedelta(seconds=30),
        "appeal_until": None,
        "is_undone": False,
        "is_overturned": False,
        "waits_already": False,
        "was_answered": False,
    }
    return Appealed(**(told | over))


def test_the_window_is_183_days_to_the_end_of_the_day() -> None:
    """P-18, DSA Art. 20: at least six months."""
    assert appeal_until(NOON) == datetime(2027, 5, 26, 23, 59, 59, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.integers(-5, 400))  # noqa: DTZ001
def test_no_setting_makes_the_window_shorter_than_183_days(at: datetime, days: int) -> None:
    assert appeal_until(at, days) - at >= timedelta(days=183)


def test_an_appeal_counts_to_the_last_second_and_not_after() -> None:
    last = appeal_until(NOON)

    check_filing(appealed(), last)
    with pytest.raises(ConflictError, match="ended on 2027-05-26"):
        check_filing(appealed(), last + timedelta(seconds=1))


def test_a_later_date_in_the_notice_is_kept() -> None:
    """What the owner was promised counts; a shorter promise never does."""
    promised = appeal_until(NOON) + timedelta(days=30)

    check_filing(appealed(appeal_until=promised), promised)
    check_filing(appealed(appeal_until=NOON + timedelta(days=1)), NOON + timedelta(days=180))


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"outcome": Outcome.REJECT}, "restricted nothing"),
        ({"is_undone": True}, "undone"),
        ({"is_overturned": True}, "overturned already"),
        ({"waits_already": True}, "waiting already"),
        ({"was_answered": True}, "answered already"),
    ],
)
def test_an_appeal_about_nothing_or_twice_is_refused(over: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        check_filing(appealed(**over), NOON + timedelta(days=1))


def test_before_a_decision_took_effect_there_is_nothing_to_appeal() -> None:
    with pytest.raises(ConflictError, match="not taken effect"):
        check_filing(appealed(), NOON + timedelta(seconds=29))


def test_whoever_took_part_does_not_decide() -> None:
    """P-18."""
    check_decider("sena", {"rita", "theo"})
    with pytest.raises(ConflictError, match="took part"):
        check_decider("theo", {"rita", "theo"})


def taken(kind: ActionKind, state: ActionState, position: int = 0, *, doubt: bool = False) -> Taken:
    return Taken(action_id=f"a{position}", kind=kind, state=state, position=position, is_unsettled=doubt)


def test_what_took_effect_goes_back_each_at_its_own_place() -> None:
    done = [
        taken(ActionKind.LIMIT, ActionState.DELIVERED, 3),
        taken(ActionKind.RESET_PASSWORD, ActionState.DELIVERED, 0),
        taken(ActionKind.REMOVE_ENGAGEMENTS, ActionState.DELIVERED, 2),
        taken(ActionKind.SUSPEND, ActionState.IN_FLIGHT, 4),
    ]

    assert [(one.kind, one.reverses, one.position) for one in give_back(done)] == [
        ("restore_engagements", "a2", 2),
        ("lift_limit", "a3", 3),
        ("reinstate", "a4", 4),
    ]


@pytest.mark.parametrize(
    ("state", "doubt", "goes_back"),
    [
        (ActionState.DELIVERED, False, True),
        (ActionState.IN_FLIGHT, False, True),
        (ActionState.QUEUED, False, False),
        (ActionState.QUEUED, True, True),
        (ActionState.DEAD, False, False),
        (ActionState.DEAD, True, True),
        (ActionState.ALREADY_ABSENT, False, False),
        (ActionState.CANCELLED, False, False),
    ],
)
def test_a_doubtful_outcome_is_reversed_and_a_certain_nothing_is_not(
    state: ActionState, doubt: bool, goes_back: bool
) -> None:
    back = give_back([taken(ActionKind.LIMIT, state, doubt=doubt)])

    assert back == ((GivenBack(kind=ActionKind.LIFT_LIMIT, reverses="a0", position=0),) if goes_back else ())
