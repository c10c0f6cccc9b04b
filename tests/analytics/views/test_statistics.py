"""The managers' figures as they are written: one unit, an honest interval, a comparison only with a period of work."""

from __future__ import annotations

import polars as pl

from analytics.statistics.definitions import DEFINITIONS
from analytics.statistics.metric import Metric
from analytics.views.statistics import figure_view, left_out_words


def figure(metric_id: str, value: float | None, low: float | None, high: float | None, **detail: float) -> Metric:
    rows = pl.DataFrame({"row": range(9)})
    return Metric(metric_id=metric_id, value=value, low=low, high=high, n=rows.height, rows=rows, detail=detail)


def under(now: Metric, before: Metric | None = None) -> str:
    return figure_view(DEFINITIONS[now.metric_id], now, before, is_clear=False).under


def test_one_figure_has_one_unit() -> None:
    """M-13: the oldest case waits for weeks, nine in ten for minutes, and both are said in days."""
    now = figure("M-13", 525.6, None, None, p90=0.1)
    assert under(now) == "p90 under 0.1 days"
    assert under(now, figure("M-13", 493.8, None, None)) == "+1.3 days on the period before · p90 under 0.1 days"


def test_bounds_are_in_the_unit_of_their_figure() -> None:
    assert under(figure("M-10", 80.0, 60.0, 100.0)) == "95 %: 2.5 days to 4.2 days"
    assert under(figure("M-10", 60.0, 40.0, 100.0)) == "95 %: 40.0 h to 100.0 h"


def test_a_number_of_things_without_a_period_before_says_so() -> None:
    assert under(figure("M-02", 10_523.0, None, None)) == "no whole period before to compare with"
    assert under(figure("M-02", 5.0, None, None), figure("M-02", 2.0, None, None)) == "+3 on the period before"


def test_rows_that_all_say_the_same_are_not_called_none() -> None:
    """M-07: kappa of people who only ever confirm is not defined."""
    assert under(figure("M-07", None, None, None)) == "9 rows, too alike to tell"


def test_a_figure_of_cases_says_what_a_kind_is() -> None:
    told = {name: figure_view(one, figure(name, 1.0, None, None), None, is_clear=False).counted for name, one in TWO}
    assert "most of a case's proposed engagements" in told["M-12"]
    assert "most of a case's proposed engagements" not in told["M-02"]


TWO = [(name, DEFINITIONS[name]) for name in ("M-02", "M-12")]


def test_rows_that_are_in_no_part_are_said_to_be() -> None:
    """A case with nothing proposed is of no kind, one that no service is named for of none."""
    parts = pl.DataFrame({"name": ["like", "follow"], "n": [43, 40]})
    assert left_out_words(258, parts, "Main kind") == "175 more rows of no main kind."
    assert left_out_words(84, parts, "Service") == "1 more row of no service."
    assert left_out_words(83, parts, "Kind") == left_out_words(80, parts, "Kind") == ""
