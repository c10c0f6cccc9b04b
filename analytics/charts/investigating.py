"""Charts of analysts: a series to brush, curves with settings marked, reliability, sessions on one axis, a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import cos, pi, sin
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.drawing import NAMES_DOWN, ON_TIME, Drawing, Part, figure, label, labels, within_budget
from analytics.charts.palette import ACCENT, DASHES, PALETTE, QUIET, SOURCES
from analytics.charts.plots import before
from analytics.views.text import counted
from analytics.views.words import SOURCES as SOURCE_WORDS

_MIDDLE = 0.5
_PROPOSED: Part = {"color": PALETTE[2], "pattern": {"shape": "/"}}
# More lines between customers and targets than these run into one grey surface.
MOST_LINES = 150


def series(rows: pl.DataFrame, *, zone: ZoneInfo, sentence: str, is_hourly: bool, height: int = 230) -> Drawing:
    """Draw engagements with the period before as a ghost, and the proposed among them; `rows` as Explore gives them.

    A drag across the time axis chooses a span.
    """
    at = [moment.astimezone(zone).replace(tzinfo=None) if is_hourly else moment.date() for moment in rows["at"]]
    within_budget(rows, 3)
    every = {
        "type": "scatter",
        "x": at,
        "y": rows["engagements"].to_list(),
        "name": "Engagements",
        "mode": "lines+markers",
        "line": {"color": ACCENT, "width": 2},
        "marker": {"size": 5},
    }
    proposed = {
        "type": "bar",
        "x": at,
        "y": rows["proposed"].to_list(),
        "name": "Proposed for removal or review",
        "marker": _PROPOSED,
        "opacity": 0.75,
    }
    # A log begins somewhere: what lies before it is no line at zero.
    ghost = [before(at, rows["before"])] if rows["before"].sum() else []
    chosen: Part = {"dragmode": "select", "selectdirection": "h", "hovermode": "x unified"}
    title = f"{'Hour' if is_hourly else 'Day'}, {zone.key if is_hourly else 'UTC'}"
    drawn = figure(height, title, "Engagements", [*ghost, every, proposed], across=ON_TIME, **chosen)
    return Drawing(figure=drawn, sentence=sentence, rows=rows.select("at", "engagements", "before", "proposed"))


def shares(rows: pl.DataFrame, *, name: str, sentence: str, height: int = 260, most: int = 12) -> Drawing:
    """Draw the commonest values as bars, the proposed part laid over each; `rows`: name, engagements, proposed.

    A click on a bar chooses it; where a drag chooses, the page's library hears no click.
    """
    shown = within_budget(rows.head(most), 2)
    names = labels(shown["name"])
    traces = [
        {
            "type": "bar",
            "y": names,
            "x": shown[column].to_list(),
            "orientation": "h",
            "name": title,
            "marker": marker,
            "hovertemplate": f"%{{y}}: %{{x:,}}<extra>{title.lower()}</extra>",
        }
        for column, title, marker in (("engagements", "All", {"color": ACCENT}), ("proposed", "Proposed", _PROPOSED))
    ]
    up = {**NAMES_DOWN, "rangemode": "normal", "fixedrange": True}
    across = {"showgrid": True, "rangemode": "tozero", "nticks": 4, "fixedrange": True}
    # Room for the last number of the axis, which is left out where it does not fit.
    laid = {"barmode": "overlay", "clickmode": "event+select", "showlegend": False, "margin": {"t": 4, "r": 28}}
    drawn = figure(height, "Engagements", name, traces, across=across, up=up, **laid)
    return Drawing(figure=drawn, sentence=sentence, rows=rows)


def curves(rows: pl.DataFrame, marks: Sequence[tuple[str, float]], *, sentence: str, height: int = 280) -> Drawing:
    """Draw precision and recall over the threshold; `marks` name the thresholds in question. `rows`: see `curve`."""
    within_budget(rows, 2)
    traces = [
        {
            "type": "scatter",
            "x": rows["threshold"].to_list(),
            "y": rows[column].to_list(),
            "name": title,
            "line": {"color": PALETTE[place * 2], "width": 2, "dash": DASHES[place * 2]},
        }
        for place, (column, title) in enumerate((("precision", "Precision"), ("recall", "Recall")))
    ]
    drawn = figure(
        height,
        "Threshold",
        "Share",
        traces,
        across={"range": [0, 1.02]},
        up={"range": [0, 1.02], "tickformat": ".0%"},
        shapes=[_upright(threshold) for _, threshold in marks],
        annotations=[_beside(place, *mark) for place, mark in enumerate(marks)],
        showlegend=True,
        hovermode="x unified",
    )
    return Drawing(figure=drawn, sentence=sentence, rows=rows)


def _upright(at: float) -> Part:
    """Return a line through the whole height."""
    ends = {"x0": at, "x1": at, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain"}
    return {"type": "line", "line": {"color": QUIET, "width": 1.5, "dash": "dot"}, **ends}


def _beside(place: int, name: str, at: float) -> Part:
    """Return the name of a line, on the side of it that has room."""
    anchors = {"xanchor": "right" if at > _MIDDLE else "left", "yanchor": "bottom", "xref": "x", "yref": "y domain"}
    return {"text": label(name), "x": at, "y": 1 - 0.08 * place, "font": {"size": 12}, "showarrow": False, **anchors}


def reliability(rows: pl.DataFrame, *, sentence: str, height: int = 300) -> Drawing:
    """Draw what was said against what was found, with intervals; on the diagonal the two agree."""
    line = {"color": QUIET, "dash": "dot"}
    diagonal = {"x": [0, 1], "y": [0, 1], "mode": "lines", "name": "as said", "line": line, "hoverinfo": "skip"}
    found = rows["found"]
    dots = {
        "type": "scatter",
        "x": rows["said"].to_list(),
        "y": found.to_list(),
        "mode": "markers",
        "name": "found, with 95 % interval",
        "marker": {"size": 9, "color": ACCENT},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - found).to_list(),
            "arrayminus": (found - rows["low"]).to_list(),
            "color": ACCENT,
            "thickness": 1.5,
        },
        "customdata": rows["n"].to_list(),
        "hovertemplate": "said %{x:.2f}, found %{y:.2f}, %{customdata:,} verdicts<extra></extra>",
    }
    ends = {"range": [0, 1.05]}
    traces = [{"type": "scatter", **diagonal}, dots]
    drawn = figure(height, "Probability said", "Share found inauthentic", traces, across=ends, up=ends)
    return Drawing(figure=drawn, sentence=sentence, rows=rows)


def sessions(rows: pl.DataFrame, *, zone: ZoneInfo, sentence: str, height: int = 200) -> Drawing:
    """Draw sessions on one time axis, a row per source, larger for more engagements; `rows`: started_at, source, ..."""
    shown = within_budget(rows.tail(2_000))
    traces = [_dots_of(shown.filter(pl.col("source") == source), source, zone) for source in SOURCES]
    up = {"type": "category", "title": None, "rangemode": "normal"}
    plain = {"showlegend": False, "margin": {"t": 4}}
    drawn = figure(height, f"Time, {zone.key}", "Made by", traces, across=ON_TIME, up=up, **plain)
    return Drawing(figure=drawn, sentence=sentence, rows=rows)


def _dots_of(part: pl.DataFrame, source: str, zone: ZoneInfo) -> Part:
    """Return the sessions of one source."""
    return {
        "type": "scatter",
        "x": [at.astimezone(zone).replace(tzinfo=None) for at in part["started_at"]],
        "y": [SOURCE_WORDS[source]] * part.height,
        "mode": "markers",
        "name": SOURCE_WORDS[source],
        "marker": {
            "color": SOURCES[source],
            "size": [min(6 + count**0.5, 26) for count in part["engagements"]],
            "symbol": {"owner": "circle", "service": "square", "unclear": "diamond"}[source],
            "opacity": 0.7,
        },
        "customdata": list(zip(labels(part["client"]), part["engagements"], strict=True)),
        "hovertemplate": "%{x|%-d %b %H:%M}: %{customdata[1]:,} engagements, %{customdata[0]}<extra></extra>",
    }


def network(pairs: pl.DataFrame, *, sentence: str, height: int = 520) -> Drawing:
    """Draw customers left and the accounts they were made to serve right, with lines for the heaviest pairs.

    `pairs`: customer, target, engagements, the heaviest first; at most 5,000 marks, lines and dots together. The size
    of a dot counts all of them, also those without a line.
    """
    customers, targets = (_weights(pairs, side) for side in ("customer", "target"))
    within_budget(
        pl.concat([pairs.select("engagements"), customers.select("engagements"), targets.select("engagements")])
    )
    left, right = _arc(customers, -1), _arc(targets, 1)
    lines = pairs.head(MOST_LINES)
    traces = [
        _lines(_between(lines, low, high), (left, right), width)
        for low, high, width in ((0.0, 0.5, 0.6), (0.5, 0.9, 1.0), (0.9, 1.0, 2.0))
    ]
    traces += [
        _dots("Customers", left, customers, ACCENT),
        _dots("Served accounts", right, targets, QUIET),
    ]
    across = {"visible": False, "range": [-1.25, 1.25]}
    up = {"visible": False, "range": [-1.1, 1.1], "rangemode": "normal"}
    drawn = figure(height, "", "", traces, across=across, up=up, margin={"t": 24, "b": 4}, hovermode="closest")
    return Drawing(figure=drawn, sentence=sentence, rows=pairs)


def network_sentence(pairs: pl.DataFrame, name: str) -> str:
    """Say what the picture shows."""
    if pairs.is_empty():
        return f"No proposed engagement of {name} in this log."
    heaviest = pairs.row(0, named=True)
    lines = "each pair" if pairs.height <= MOST_LINES else f"the {MOST_LINES} heaviest of {pairs.height:,} pairs"
    return (
        f"Left, the {counted(pairs['customer'].n_unique(), 'busiest customer')} of {name}; right, the "
        f"{counted(pairs['target'].n_unique(), 'account')} they were made to serve most. Larger dots have more "
        f"engagements; lines join {lines}, the heaviest with {heaviest['engagements']:,}."
    )


def _weights(pairs: pl.DataFrame, side: str) -> pl.DataFrame:
    told = pairs.group_by(side).agg(pl.col("engagements").sum()).rename({side: "name"})
    return told.sort("engagements", "name", descending=[True, False])


def _arc(weights: pl.DataFrame, side: int) -> dict[str, tuple[float, float]]:
    """Place dots on half a circle, the heaviest in the middle, so that the picture stays readable when it is full."""
    count = weights.height
    places = {}
    for place, name in enumerate(weights["name"]):
        step = (place + 1) // 2 * (1 if place % 2 else -1)
        angle = pi / 2 * 0.95 * step / max(count / 2, 1)
        places[name] = (side * (0.35 + 0.75 * cos(angle)), sin(angle))
    return places


def _between(pairs: pl.DataFrame, low: float, high: float) -> pl.DataFrame:
    ranked = pairs.with_columns(share=pl.col("engagements").rank("ordinal") / max(pairs.height, 1))
    return ranked.filter(pl.col("share") > low, pl.col("share") <= high)


def _lines(pairs: pl.DataFrame, places: tuple[Mapping[str, tuple[float, float]], ...], width: float) -> Part:
    left, right = places
    across: list[float | None] = []
    up: list[float | None] = []
    for customer, target in pairs.select("customer", "target").iter_rows():
        across += [left[customer][0], right[target][0], None]
        up += [left[customer][1], right[target][1], None]
    quiet = {"line": {"color": QUIET, "width": width}, "opacity": 0.3, "hoverinfo": "skip", "showlegend": False}
    return {"type": "scatter", "x": across, "y": up, "mode": "lines", **quiet}


def _dots(title: str, places: Mapping[str, tuple[float, float]], weights: pl.DataFrame, colour: str) -> Part:
    most = float(weights["engagements"].max() or 1)  # type: ignore[arg-type]
    return {
        "type": "scatter",
        "x": [places[name][0] for name in weights["name"]],
        "y": [places[name][1] for name in weights["name"]],
        "mode": "markers",
        "name": title,
        "marker": {
            "color": colour,
            "size": [5 + 17 * (count / most) ** 0.5 for count in weights["engagements"]],
            "line": {"width": 0.5},
            "symbol": "square" if title == "Customers" else "circle",
        },
        "customdata": list(zip(labels(weights["name"]), weights["engagements"], strict=True)),
        "hovertemplate": "%{customdata[0]}: %{customdata[1]:,} engagements<extra></extra>",
    }


def moment_range(selection: Sequence[object]) -> tuple[datetime, datetime] | None:
    """Read the span of a brush as the chart gives it back; None where it is no span of times."""
    try:
        first, last = (datetime.fromisoformat(str(end).replace(" ", "T").split(".")[0]) for end in selection)
    except ValueError:
        return None
    return (first, last) if first < last else None
