"""Every chart can be read without seeing it, never draws markup, and never draws more than can be told apart."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analytics import charts
from data.records import Contribution, Mark

UTC_ZONE = ZoneInfo("UTC")
START = datetime(2026, 9, 20, tzinfo=UTC)
HOSTILE = '<a href="http://evil.test">x</a>'


def hours(*rows: tuple[int, str, int]) -> pl.DataFrame:
    made = [(START + timedelta(hours=hour), source, count) for hour, source, count in rows]
    schema = {"hour": pl.Datetime("us", "UTC"), "source": pl.String, "engagements": pl.Int64}
    return pl.DataFrame(made, schema=schema, orient="row")


def test_activity_says_who_made_how_many_and_what_is_marked() -> None:
    mark = Mark(at=START + timedelta(hours=30), kind="login", label="password entered from a new network")

    drawing = charts.activity(hours((0, "owner", 3), (30, "service", 40)), [mark], zone=UTC_ZONE)

    assert drawing.sentence == (
        "43 engagements from 20 Sep to 21 Sep 2026: 40 from the suspected service and 3 from the owner. "
        "Marked: password entered from a new network, 21 Sep."
    )
    assert drawing.table.rows() == [("2026-09-20 00:00", "Owner", 3), ("2026-09-21 06:00", "Service", 40)]


def test_an_axis_of_hours_names_the_hours_and_each_day_once() -> None:
    """Two ticks of one day must not carry the same words; the chart library writes a second line once a day."""
    drawn = charts.activity(hours((2, "owner", 1), (9, "owner", 1)), zone=UTC_ZONE).figure

    stops = drawn.layout.xaxis.tickformatstops
    assert stops[0].value == "%H:%M\n%-d %b"
    assert stops[0].dtickrange == (None, 43_200_000)
    assert drawn.layout.yaxis.dtick == 1


def test_a_single_hour_is_a_bar_in_a_day_and_a_longer_time_is_drawn_as_it_is() -> None:
    short = charts.activity(hours((2, "owner", 1), (2, "service", 1)), zone=UTC_ZONE).figure.layout
    long = charts.activity(hours((0, "owner", 1), (30, "owner", 1)), zone=UTC_ZONE).figure.layout

    middle = START.replace(tzinfo=None) + timedelta(hours=2.5)
    half = timedelta(hours=12)
    assert short.xaxis.range == short.xaxis2.range == (middle - half, middle + half)
    assert long.xaxis.range is None


def test_activity_of_a_year_is_drawn_in_few_bars() -> None:
    """S-20."""
    drawing = charts.activity(hours(*((hour, "service", 1) for hour in range(365 * 24))), zone=UTC_ZONE)

    assert sum(len(trace.x) for trace in drawing.figure.data) <= 180
    assert sum(sum(trace.y) for trace in drawing.figure.data) == 365 * 24


def test_a_blind_chart_parts_by_client_and_says_of_nobody_that_he_is_suspected() -> None:
    """S-01."""
    told = hours((0, "owner", 3), (1, "service", 9), (2, "service", 5), (3, "owner", 2), (4, "unclear", 1))
    clients = told.with_columns(client=pl.Series(["phone", "lib", "web", None, "old"]))

    drawing = charts.activity(clients, zone=UTC_ZONE, is_blind=True)

    assert drawing.sentence == ("20 engagements from 20 Sep to 20 Sep 2026: 9 by lib, 5 by web and 6 by other clients.")
    assert {row[1] for row in drawing.table.rows()} == {"lib", "web", "Others"}
    assert drawing.figure.layout.xaxis3.title.text.endswith("Client 1: lib · Client 2: web")
    drawn = str(drawing.figure.to_dict())
    assert "Service" not in drawn
    assert "Owner" not in drawn


def test_an_account_without_engagements_has_a_chart_that_says_so() -> None:
    nobody = hours().with_columns(client=pl.lit(None, pl.String))

    for is_blind in (False, True):
        assert "no engagements" in charts.activity(nobody, zone=UTC_ZONE, is_blind=is_blind).sentence


def contribution(label: str, value: float) -> Contribution:
    return Contribution(feature=label, label=label, value=1.0, contribution=value)


def test_an_explanation_that_does_not_add_up_is_not_drawn() -> None:
    parts = [contribution("Tempo", 1.5), contribution("Replies", -0.5)]

    assert charts.explanation(parts, base=-1.0, raw_score=0.0) is not None
    assert charts.explanation(parts, base=-1.0, raw_score=0.1) is None


def test_the_tenth_and_later_contributions_are_one_bar() -> None:
    parts = [contribution(f"f{n}", 0.1 * n) for n in range(1, 15)]
    drawing = charts.explanation(parts, base=0.0, raw_score=sum(part.contribution for part in parts))

    assert drawing is not None
    assert len(drawing.figure.data[0].y) == 11
    assert drawing.table.height == 14


FRAME = pl.DataFrame(
    {"name": [HOSTILE, "b"], "value": [0.2, 0.5], "low": [0.1, 0.4], "high": [0.3, 0.6], "s": ["p", "q"]}
)
TITLES = (HOSTILE, "Share")


@pytest.mark.parametrize(
    "drawing",
    [
        charts.bars(FRAME, x="name", y="value", titles=TITLES, sentence="s"),
        charts.bars(FRAME, x="name", y="value", titles=TITLES, sentence="s", is_horizontal=True),
        charts.stacked_bars(FRAME, x="s", y="value", series="name", titles=TITLES, sentence="s"),
        charts.lines(FRAME, x="name", y="value", titles=TITLES, sentence="s", band=("low", "high"), ghost="low"),
        charts.intervals(FRAME, name="name", value="value", low="low", high="high", titles=TITLES, sentence="s"),
        charts.heat_map(FRAME, x="name", y="s", value="value", titles=TITLES, sentence="s"),
        charts.explanation([contribution(HOSTILE, 1.0)], 0.0, 1.0),
        charts.activity(hours((0, "owner", 1)), [Mark(at=START, kind="login", label=HOSTILE)], zone=UTC_ZONE),
    ],
    ids=["bars", "horizontal", "stacked", "lines", "intervals", "heat map", "explanation", "activity"],
)
def test_no_chart_draws_markup(drawing: charts.Drawing) -> None:
    """X-05: the chart library would make a link of it."""
    drawn = json.dumps(json.loads(drawing.figure.to_json()), ensure_ascii=False)

    assert "evil.test" in drawn
    assert "<a " not in drawn


def test_both_axes_are_named() -> None:
    drawing = charts.bars(FRAME, x="name", y="value", titles=("Step", "Accounts"), sentence="s")

    assert (drawing.figure.layout.xaxis.title.text, drawing.figure.layout.yaxis.title.text) == ("Step", "Accounts")


def test_too_many_marks_are_refused() -> None:
    rows = pl.DataFrame({"x": range(5_001), "y": range(5_001)})

    with pytest.raises(ValueError, match="aggregate them first"):
        charts.lines(rows, x="x", y="y", titles=("a", "b"), sentence="s")
