"""Explore in words: what has an order of its own is read in it, and a brush chooses what stands under it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analytics.statistics.exploration import Choices, Look
from analytics.views.explore import (
    chosen_names,
    cut,
    days_shown,
    moment_of,
    of_days,
    pages,
    panel_drawing,
    panel_names,
    series_drawing,
)

COUNTS = {
    "score": {"0.9 to 1.0": 500, "not scored": 70, "0.0 to 0.1": 90, "0.4 to 0.5": 200},
    "cohort": {"over 3 years": 9, "unknown": 5, "under 30 days": 4},
    "client": {"web": 4, "android": 9},
}


def look(dimension: str) -> Look:
    """A look with one panel, its rows as they come: the commonest first."""
    counts = sorted(COUNTS[dimension].items(), key=lambda one: -one[1])
    rows = [(name, count, 0) for name, count in counts]
    schema = ["name", "engagements", "proposed"]
    return Mock(spec=Look, panels={dimension: pl.DataFrame(rows, schema=schema, orient="row")})


@pytest.mark.parametrize(
    ("dimension", "names", "told"),
    [
        ("score", ["0.0 to 0.1", "0.4 to 0.5", "0.9 to 1.0"], "Most: 0.9 to 1.0, 500; not scored 70."),
        ("cohort", ["under 30 days", "over 3 years"], "Most: over 3 years, 9; unknown 5."),
        ("client", ["android", "web"], "Most: android, 9."),
    ],
)
def test_a_scale_is_drawn_in_its_order_and_a_brush_chooses_what_it_covers(
    dimension: str, names: list[str], told: str
) -> None:
    drawing = panel_drawing(look(dimension), dimension)

    assert list(drawing.figure.data[0].y) == names
    assert drawing.sentence == told
    assert panel_names(look(dimension), dimension) == names
    assert chosen_names(look(dimension), dimension, [1, 1, 99]) == (names[1],)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-03T12:00", datetime(2026, 11, 3, 12, tzinfo=UTC)),
        ("2026-11-03T13:00+01:00", datetime(2026, 11, 3, 12, tzinfo=UTC)),
        ("yesterday' or 1=1", None),
        ("", None),
    ],
)
def test_a_moment_of_the_address_is_read_or_none(text: str, at: datetime | None) -> None:
    """X-11."""
    assert moment_of(text) == at


LOG = Choices(first=datetime(2026, 9, 1, tzinfo=UTC), last=datetime(2026, 11, 1, tzinfo=UTC), names={})


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ({}, (date(2026, 9, 1), date(2026, 10, 31))),
        ({"since": "2026-09-10T00:00", "until": "2026-09-12T00:00"}, (date(2026, 9, 10), date(2026, 9, 11))),
        ({"since": "2026-09-10T05:00", "until": "2026-09-10T07:00"}, (date(2026, 9, 10), date(2026, 9, 10))),
        ({"since": "x' or 1=1", "until": "9999-01-01"}, (date(2026, 9, 1), date(2026, 10, 31))),
    ],
)
def test_the_field_of_days_shows_the_span_of_the_address(address: dict[str, str], shown: tuple[date, date]) -> None:
    """R-01, X-11: whoever cannot drag over the chart writes the days (WCAG 2.5.7)."""
    assert days_shown(address, LOG) == shown


def test_days_chosen_are_whole_days_and_the_whole_log_is_no_filter() -> None:
    chosen = of_days(date(2026, 9, 10), date(2026, 9, 11), LOG)
    assert chosen == {"since": "2026-09-10T00:00", "until": "2026-09-12T00:00"}
    assert days_shown(chosen, LOG) == (date(2026, 9, 10), date(2026, 9, 11))
    assert of_days(date(2026, 9, 1), date(2026, 10, 31), LOG) == {}


def test_a_list_that_stops_before_its_end_says_so() -> None:
    assert (pages(Mock(spec=Look, proposed=10_000)), cut(Mock(spec=Look, proposed=10_000))) == (200, "")
    assert pages(Mock(spec=Look, proposed=23_019)) == 200
    assert cut(Mock(spec=Look, proposed=23_019)) == (
        "The newest 10,000 of 23,019; narrow the filter to see the others."
    )


@pytest.mark.parametrize(("before", "lines"), [((0, 0), 2), ((0, 4), 3)])
def test_no_line_stands_for_a_time_before_the_log(before: tuple[int, int], lines: int) -> None:
    at = [datetime(2026, 9, day, tzinfo=UTC) for day in (1, 2)]
    rows = pl.DataFrame({"at": at, "engagements": [5, 6], "before": before, "proposed": [1, 1]})
    seen = Mock(
        spec=Look,
        series=rows,
        is_hourly=False,
        since=at[0],
        until=at[1],
        engagements=11,
        before=sum(before),
        proposed=2,
        proposed_accounts=1,
    )

    drawing = series_drawing(seen, ZoneInfo("UTC"))
    assert len(drawing.figure.data) == lines
    assert any(one.name == "Period before" for one in drawing.figure.data) is (lines == 3)
