"""A drawing: the figure, the sentence that says what it shows, and the numbers as a table (R-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
import polars as pl

from analytics.views.text import NOTHING, plain

# More would take seconds to draw and nobody could tell them apart (S-20).
LARGEST = 5_000
# The chart library's own buttons say nothing a reader needs.
MODEBAR = {"remove": ["zoom", "pan", "lasso", "select", "autoscale", "resetscale", "toimage", "zoomin", "zoomout"]}
# A day is named once, under the hours or the days that follow it; nobody reads the year of a log of weeks.
TIME_TICKS = (
    {"dtickrange": [None, 43_200_000], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [43_200_001, "M1"], "value": "%-d %b"},
    {"dtickrange": ["M1", None], "value": "%b\n%Y"},
)
Part = Mapping[str, Any]  # Any: what the chart library takes
PLAIN: Part = {}
# An axis of time writes its ticks as the rest of the pages write days and hours.
ON_TIME: Part = {"tickformatstops": [dict(stop) for stop in TIME_TICKS]}
# Names beside bars or cells, the first on top. They say what they are, and a title would lie over the longest.
NAMES_DOWN: Part = {"autorange": "reversed", "type": "category", "title": None}
_LABEL_LENGTH = 40
_WRAPPED_LENGTH = 126
_FONT_SIZE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure that can also be read: `sentence` for everybody, `table` for whoever wants the numbers."""

    figure: go.Figure
    sentence: str
    # a plan where it takes longer to make the table than to draw, since few ask for it
    rows: pl.DataFrame | pl.LazyFrame

    @property
    def table(self) -> pl.DataFrame:
        return self.rows.lazy().collect()


def label(text: object, length: int = _LABEL_LENGTH) -> str:
    """Return text as a chart may show it: the chart library would draw tags and follow links (X-05)."""
    return escape(plain(str(text), length), quote=False)


def labels(values: pl.Series) -> list[str]:
    """Return a column as chart labels."""
    return [label(NOTHING if value is None else value) for value in values]


def wrapped(values: pl.Series, width: int = 42) -> list[str]:
    """Return a column as labels beside bars: long ones on several lines, whole and without markup of their own."""
    lines = [wrap(plain(NOTHING if value is None else value, _WRAPPED_LENGTH), width) or [""] for value in values]
    return ["<br>".join(escape(line, quote=False) for line in each) for each in lines]


def figure(
    height: int, x: str, y: str, traces: Sequence[Part], *, across: Part = PLAIN, up: Part = PLAIN, **layout: Any
) -> go.Figure:
    """Return a figure in the project's manner; both axes must be named.

    `across` and `up` say more of the axes, `layout` of the whole; what is None there is left out. All in one piece: a
    figure that is built step by step checks itself at every step, and takes ten times as long.
    """
    both = {"automargin": True, "zeroline": False, "separatethousands": True, "exponentformat": "none"}
    told = {
        "height": height,
        "font": {"size": _FONT_SIZE},
        "bargap": 0.15,
        "hoverlabel": {"namelength": -1},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        "dragmode": False,
        "modebar": MODEBAR,
        **layout,
        "margin": {"l": 8, "r": 8, "t": 22, "b": 8, **layout.get("margin", {})},
        "xaxis": {"title": {"text": label(x, 80), "standoff": 6}, "showgrid": False, **both, **across},
        "yaxis": {"title": {"text": label(y, 80), "standoff": 6}, "rangemode": "tozero", **both, **up},
    }
    return go.Figure({"data": list(traces), "layout": told})


def within_budget(rows: pl.DataFrame, series: int = 1) -> pl.DataFrame:
    """Return the rows that may be drawn; whoever has more must aggregate first."""
    if rows.height * max(series, 1) > LARGEST:
        message = f"{rows.height * series:,} marks are more than {LARGEST:,}: aggregate them first."
        raise ValueError(message)
    return rows
