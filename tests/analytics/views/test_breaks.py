"""Breaks are suggested, never enforced, and counted for nobody but the person (U-14, S-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics.views.breaks import MOST_CASES, Sitting, is_due, suggestion

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("now", "cases", "limit", "due"),
    [
        (minutes(59), 149, 60, False),
        (minutes(60), 0, 60, True),
        (minutes(10), MOST_CASES, 60, True),
        (minutes(600), 900, 0, False),
    ],
)
def test_a_break_is_due_after_the_minutes_chosen_or_150_cases(
    now: datetime, cases: int, limit: int, *, due: bool
) -> None:
    assert is_due(replace(Sitting.begun(NINE), cases=cases), now, limit) is due


def test_a_suggestion_can_be_put_off_as_often_as_one_likes() -> None:
    sitting = replace(Sitting.begun(NINE), cases=MOST_CASES).later(minutes(60))

    assert not is_due(sitting, minutes(74), 60)
    assert is_due(sitting, minutes(75), 60)
    assert not is_due(sitting.later(minutes(75)), minutes(89), 60)


def test_putting_it_off_gives_more_cases_as_well() -> None:
    sitting = replace(Sitting.begun(NINE), cases=MOST_CASES).later(minutes(5))

    assert not is_due(sitting, minutes(21), 60)
    assert is_due(replace(sitting, cases=MOST_CASES + 25), minutes(21), 60)


def test_who_was_away_begins_anew() -> None:
    sitting = Sitting.begun(NINE).seen(minutes(5)).after_a_case()

    assert sitting.seen(minutes(14)).since == NINE
    assert sitting.seen(minutes(15)) == Sitting.begun(minutes(15))


def test_it_says_how_long_it_has_been() -> None:
    sitting = replace(Sitting.begun(NINE), cases=1)

    assert suggestion(sitting, minutes(61)) == "61 minutes and 1 case without a break. A short one helps."
