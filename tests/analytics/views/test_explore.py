"""Explore in words: what has an order of its own is read in it, and a brush chooses what stands under it."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import Mock

import polars as pl
import pytest

from analytics.statistics.exploration import Look
from analytics.views.explore import chosen_names, moment_of, panel_drawing, panel_names

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
