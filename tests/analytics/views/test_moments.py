from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.views.moments import ago, clock, exact, minute, passed, span, zone_named

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=3, minutes=50), "3 h"),
        (timedelta(days=1500), "4 y"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_a_length_is_written_in_its_largest_unit(length: timedelta, shown: str) -> None:
    assert span(length) == shown


def test_moments_are_written_in_the_readers_zone() -> None:
    assert exact(NOON, BERLIN) == "3 Nov 2026 13:00:00"
    assert minute(NOON, BERLIN) == "3 Nov 13:00"


def test_past_and_future_read_differently() -> None:
    assert ago(NOON - timedelta(hours=3), NOON) == "3 h ago"
    assert ago(NOON + timedelta(seconds=27), NOON) == "in 27 s"


def test_a_countdown_never_runs_below_zero() -> None:
    assert (clock(timedelta(seconds=552)), clock(timedelta(seconds=-3))) == ("9:12", "0:00")


@pytest.mark.parametrize("name", [None, "", "../etc/passwd", "Mars/Olympus"])
def test_an_unknown_zone_is_utc(name: str | None) -> None:
    """X-11: the zone comes from the browser."""
    assert zone_named(name).key == "UTC"


def test_what_was_done_while_the_page_was_drawn_was_done_just_now() -> None:
    assert passed(NOON + timedelta(seconds=2), NOON) == "just now"
    assert passed(NOON - timedelta(seconds=4), NOON) == "just now"
    assert passed(NOON - timedelta(hours=3), NOON) == "3 h ago"
    assert passed(None, NOON) == "\u2013"
