"""One account's activity over time: the owner's, the service's and the unclear engagements on rows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import polars as pl

from analytics.charts.drawing import LARGEST, MODEBAR, TIME_TICKS, Drawing, label
from analytics.charts.palette import AMBER, QUIET, RED, SOURCES
from analytics.views.moments import day, short_day
from analytics.views.text import counted, listed
from analytics.views.words import SOURCES as SOURCE_WORDS
from data.moments import EPOCH, of_micros
from data.records import Mark

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_HOUR_US = 3_600_000_000
_HOURS = (1, 3, 6, 12, 24, 72, 168)
# Bars narrower than this cannot be told apart or clicked.
_MOST_BARS = 180
# Between two rows, as a share of the height.
_GAP = 0.06
_MARK_COLOURS = {"login": AMBER, "password": AMBER, "enforcement": RED}


@dataclass(frozen=True, slots=True)
class _Lane:
    """One row of the chart: its title and name, how its engagements are told in the sentence, and how it is drawn."""

    title: str
    words: str
    said: str
    colour: str
    pattern: str = ""


def _lane(source: str, said: str, pattern: str = "") -> _Lane:
    return _Lane(SOURCE_WORDS[source], SOURCE_WORDS[source], said, SOURCES[source], pattern)


_LANES = {
    "owner": _lane("owner", "from the owner"),
    "service": _lane("service", "from the suspected service"),
    "unclear": _lane("unclear", "unclear", "/"),
}
_TOLD_FIRST = "service"
# Rows of a chart that names no suspicion: the clients used most, and one for all others.
_CLIENTS = 2
_OTHERS, _NO_CLIENT = "others", "no client named"


@dataclass(frozen=True, slots=True)
class _Hours:
    """Hours with engagements, column by column: microseconds since 1970, who made them, and how many.

    To ask a frame of a few hundred rows costs more than what is asked, several times over for one chart.
    """

    at: npt.NDArray[np.int64]
    source: npt.NDArray[np.object_]
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, hours: pl.DataFrame) -> _Hours:
        at = hours["hour"].cast(pl.Datetime("us", "UTC")).to_physical().to_numpy()
        source, counts = hours["source"].to_numpy(), hours["engagements"].cast(pl.Int64).to_numpy()
        there = counts > 0
        return cls(at[there], source[there], counts[there])

    @property
    def is_empty(self) -> bool:
        return not self.at.size

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """Return when the first hour begins and the last one ends."""
        if self.is_empty:
            return EPOCH, EPOCH + _HOUR
        return _moment(self.at.min()), _moment(self.at.max()) + _HOUR

    def bars(self, source: str, width: int, zone: ZoneInfo) -> _Bars:
        """Add the hours of one source up to bars of so many hours."""
        chosen = self.source == source
        wide = width * _HOUR_US
        starts, place = np.unique(self.at[chosen] // wide * wide, return_inverse=True)
        counts = np.bincount(place, weights=self.counts[chosen], minlength=starts.size)
        clock = [_moment(start).astimezone(zone).replace(tzinfo=None) for start in starts]
        return _Bars(clock, counts.astype(np.int64).tolist())


@dataclass(frozen=True, slots=True)
class _Bars:
    """The bars of one source: when each begins on the reader's clock, and how many engagements it stands for."""

    starts: list[datetime]
    counts: list[int]


def activity(
    hours: pl.DataFrame,
    marks: Sequence[Mark] = (),
    *,
    zone: ZoneInfo,
    height: int = 170,
    whose: str = "This account",
    is_blind: bool = False,
) -> Drawing:
    """Draw engagements over time; `hours` has one row per hour and source: hour (UTC datetime), source, engagements.

    `is_blind`: one row a `client` instead, so that nothing says whom the machine takes for the owner.
    """
    lanes = _LANES
    if is_blind:
        hours, lanes = _by_client(hours)
    known = _Hours.of(hours)
    there = set(known.source)
    lanes = {name: lane for name, lane in lanes.items() if name in there}
    width = _bar_hours(known, len(lanes))
    bars = {source: known.bars(source, width, zone) for source in lanes}
    rows = max(len(lanes), 1)
    traces = [_bars(bars[source], lane, row, width) for row, (source, lane) in enumerate(lanes.items(), start=1)]
    layout = _layout(list(lanes.values()), height, width, zone)
    layout["shapes"] = _lines(marks, rows, zone)
    _whole_numbers(layout, bars)
    _least_span(layout, known, marks, zone)
    # In one piece: a figure that is built step by step checks itself at every step and takes seven times as long.
    drawn = go.Figure({"data": traces + _arrows(marks, rows, zone), "layout": layout})
    told = sorted(lanes, key=lambda name: name != _TOLD_FIRST)
    totals = [f"{sum(bars[name].counts):,} {lanes[name].said}" for name in told]
    rows_of = {lanes[name].words: shown for name, shown in bars.items()}
    return Drawing(figure=drawn, sentence=_sentence(known, totals, marks, whose, zone), rows=_table(rows_of))


def _by_client(hours: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, _Lane]]:
    """Part the hours by the client that was used, most used first: whose it is is for the reader to say (S-01)."""
    named = hours.with_columns(pl.col("client").fill_null(_NO_CLIENT))
    most = named.group_by("client").agg(pl.col("engagements").sum()).sort("engagements", "client", descending=True)
    shown = most["client"].head(_CLIENTS).to_list()
    # Names are too long to stand upright beside a row this low: they stand below, by number.
    lanes = {
        name: _Lane(f"Client {place}", label(name, 24), f"by {label(name)}", QUIET)
        for place, name in enumerate(shown, start=1)
    }
    lanes[_OTHERS] = _Lane(_OTHERS.capitalize(), _OTHERS.capitalize(), "by other clients", QUIET, "/")
    source = pl.when(pl.col("client").is_in(shown)).then(pl.col("client")).otherwise(pl.lit(_OTHERS))
    return named.with_columns(source.alias("source")), lanes


def _bar_hours(hours: _Hours, sources: int) -> int:
    if hours.is_empty:
        return 24
    first, last = hours.ends
    span = int((last - first).total_seconds() // 3_600) + 1
    most = min(_MOST_BARS, LARGEST // max(sources, 1))
    return next((width for width in _HOURS if span / width <= most), _HOURS[-1])


def _bars(shown: _Bars, lane: _Lane, row: int, width: int) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": shown.starts,
        "y": shown.counts,
        "width": width * 3_600_000 * 0.9,
        "offset": 0,
        "name": lane.words,
        "marker": {
            "color": lane.colour,
            "line": {"width": 0},
            "pattern": {"shape": lane.pattern, "fillmode": "overlay", "size": 5, "solidity": 0.3},
        },
        "hovertemplate": "%{x|%-d %b %H:%M}: %{y:,}<extra>" + lane.words + "</extra>",
        "xaxis": f"x{_number(row)}",
        "yaxis": f"y{_number(row)}",
    }


def _number(row: int) -> str:
    """Write the number of an axis; the first one has none."""
    return "" if row == 1 else str(row)


def _colour(mark: Mark) -> str:
    return next((shade for kind, shade in _MARK_COLOURS.items() if kind in mark.kind), QUIET)


def _lines(marks: Sequence[Mark], rows: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Draw a line at every mark, through all rows."""
    return [
        {
            "type": "line",
            "x0": mark.at.astimezone(zone).replace(tzinfo=None),
            "x1": mark.at.astimezone(zone).replace(tzinfo=None),
            "y0": 0,
            "y1": 1,
            "xref": f"x{_number(row)}",
            "yref": f"y{_number(row)} domain",
            "line": {"color": _colour(mark), "width": 1.5, "dash": "dot"},
        }
        for mark in marks
        for row in range(1, rows + 1)
    ]


def _arrows(marks: Sequence[Mark], rows: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Put a sign with words under every line."""
    return [
        {
            "type": "scatter",
            "x": [mark.at.astimezone(zone).replace(tzinfo=None)],
            "y": [0],
            "mode": "markers",
            "marker": {"symbol": "triangle-up", "size": 10, "color": _colour(mark)},
            "name": label(mark.label),
            "hovertemplate": f"{label(mark.label, 80)}, %{{x|%-d %b %H:%M}}<extra></extra>",
            "showlegend": False,
            "xaxis": f"x{_number(rows)}",
            "yaxis": f"y{_number(rows)}",
        }
        for mark in marks
    ]


def _layout(lanes: Sequence[_Lane], height: int, width: int, zone: ZoneInfo) -> dict[str, Any]:
    """Stack one row a source over one axis of time; the lowest row carries its ticks and its title."""
    each = "hour" if width == 1 else f"{width} hours" if width < 24 else "day" if width == 24 else f"{width // 24} days"
    rows = max(len(lanes), 1)
    named = "".join(f" · {lane.title}: {lane.words}" for lane in lanes if lane.title != lane.words)
    tall = (1 - _GAP * (rows - 1)) / rows
    told: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
        "font": {"size": 12},
        "bargap": 0,
        "showlegend": False,
        "dragmode": "select",
        "selectdirection": "h",
        "hoverlabel": {"namelength": -1},
        "modebar": MODEBAR,
    }
    time = {"showgrid": False, "zeroline": False, "automargin": True, "domain": [0, 1]}
    time["tickformatstops"] = [dict(stop) for stop in TIME_TICKS]
    for row in range(1, rows + 1):
        top = 1 - (row - 1) * (tall + _GAP)
        is_last = row == rows
        title = {"text": f"Engagements per {each}, {zone.key} time{named}", "standoff": 6}
        below = {"title": title} if is_last else {"matches": f"x{_number(rows)}", "showticklabels": False}
        told[f"xaxis{_number(row)}"] = time | below | {"anchor": f"y{_number(row)}"}
        told[f"yaxis{_number(row)}"] = {
            "title": {"text": lanes[row - 1].title if lanes else "", "standoff": 2},
            "nticks": 3,
            "rangemode": "tozero",
            "zeroline": False,
            "automargin": True,
            "anchor": f"x{_number(row)}",
            "domain": [max(0.0, top - tall), top],
        }
    return told


def _whole_numbers(layout: dict[str, Any], bars: dict[str, _Bars]) -> None:
    """Write no half engagements on a row that has only one or two in a bar."""
    for row, shown in enumerate(bars.values(), start=1):
        if max(shown.counts) <= 2:
            layout[f"yaxis{_number(row)}"]["dtick"] = 1


def _sentence(hours: _Hours, totals: list[str], marks: Sequence[Mark], whose: str, zone: ZoneInfo) -> str:
    if hours.is_empty:
        return f"{whose} has no engagements in this period."
    first, last = hours.ends
    total = counted(int(hours.counts.sum()), "engagement")
    told = f"{total} from {short_day(first, zone)} to {day(last, zone)}: {listed(totals)}."
    noted = [f"{mark.label}, {short_day(mark.at, zone)}" for mark in marks[:3]]
    return told + (f" Marked: {listed(noted)}." if noted else "")


def _table(bars: dict[str, _Bars]) -> pl.LazyFrame:
    told = [
        (at, words, count)
        for words, shown in bars.items()
        for at, count in zip(shown.starts, shown.counts, strict=True)
    ]
    names = ("From", "Made by", "Engagements")
    kinds = (pl.Datetime("us"), pl.String(), pl.Int64())
    rows = pl.LazyFrame(told, schema=list(zip(names, kinds, strict=True)), orient="row")
    return rows.with_columns(pl.col("From").dt.strftime("%Y-%m-%d %H:%M")).sort("From", "Made by")


def _least_span(layout: dict[str, Any], hours: _Hours, marks: Sequence[Mark], zone: ZoneInfo) -> None:
    """Show no less than a day, so that a single hour is a bar and not a wall."""
    if hours.is_empty:
        return
    first, last = hours.ends
    first, last = min([first, *(mark.at for mark in marks)]), max([last, *(mark.at for mark in marks)])
    margin = (_DAY - (last - first)) / 2
    if margin > timedelta(0):
        ends = [at.astimezone(zone).replace(tzinfo=None) for at in (first - margin, last + margin)]
        for name in (name for name in layout if name.startswith("xaxis")):
            layout[name]["range"] = ends


def _moment(microseconds: np.int64) -> datetime:
    return of_micros(int(microseconds))
