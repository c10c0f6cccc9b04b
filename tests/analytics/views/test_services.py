"""One service in words: what is main is said to be, shares add up, and the numbers of a chart can be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from analytics.views import services as view

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AT = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) * 1_000_000


def header(**over: Any) -> dict[str, Any]:
    return {
        "customers": 46,
        "active": 40,
        "engagements": 4_000,
        "a_day": 97.0,
        "action_mix": [0.838, 0.134, 0.026, 0.002],
        "clients": ["web"],
        "asns": [18256, 12219, 61010, 35029],
        "first_at": AT,
        "last_at": AT,
        "caught": 3,
        "cases": 9,
        **over,
    }


def test_networks_are_said_to_be_the_main_ones() -> None:
    """Those with little of its engagement are not among them, and stand in the chart below."""
    told = " ".join(view.facts(header(), NOW))
    assert "Acts mainly from web, mainly over AS18256, AS12219 and 2 more." in told


def test_what_a_service_does_adds_up_to_a_whole() -> None:
    told = " ".join(view.facts(header(), NOW))
    assert "84 % likes, 13 % follows, 3 % comments and under 1 % unfollows" in told


def test_the_numbers_of_the_networks_have_titles_and_days() -> None:
    """R-02."""
    networks = pl.DataFrame({"week": [datetime(2026, 10, 15, tzinfo=UTC)], "network": ["AS1"], "engagements": [7]})
    (row,) = view.networks_drawing(networks).table.rows(named=True)
    assert row == {"Week from": "15 Oct 2026", "Network": "AS1", "Engagements": 7}


def test_the_picture_of_a_service_draws_few_lines_and_says_which() -> None:
    """R-02: more lines would be a grey surface; what is drawn is in the sentence."""
    rows = [(f"c{one % 20}", f"t{one % 31}", 400 - one) for one in range(400)]
    pairs = pl.DataFrame(rows, schema=["customer", "target", "engagements"], orient="row")
    drawn = view.picture_drawing(pairs, "S-04")
    lines = [one for one in drawn.figure.data if one.mode == "lines"]

    assert sum(sum(place is None for place in one.x) for one in lines) == 150
    assert "lines join the 150 heaviest of 400 pairs, the heaviest with 400." in drawn.sentence
    assert [one.marker.color for one in drawn.figure.data if one.mode == "markers"] == ["#2476ad", "#828b93"]
