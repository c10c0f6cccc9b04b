"""Charts of analysts: a series to brush, curves with settings marked, reliability, sessions on one axis, a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import cos, pi, sin
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.drawing import Drawing, figure, label, labels, on_time, within_budget
from analytics.charts.palette import ACCENT, DASHES, PALETTE, QUIET, SOURCES
from analytics.views.text import counted
from analytics.views.words import SOURCES as SOURCE_WORDS

_MIDDLE = 0.5
# More lines between customers and targets than these run into one grey surface.
MOST_LINES = 150


def brushable(drawing: Drawing) -> Drawing:
    """Let a drag across the time axis choose a span."""
    drawing.figure.update_layout(dragmode="select", selectdirection="h")
    return drawing


def pickable(drawing: Drawing) -> Drawing:
    """Let a click on a bar choose it; where a drag chooses, the page's library hears no click."""
    drawing.figure.update_layout(dragmode=False, clickmode="event+select")
    drawing.figure.update_xaxes(fixedrange=True).update_yaxes(fixedrange=True)
    return drawing


def series(rows: pl.DataFrame, *, zone: ZoneInfo, sentence: str, is_hourly: bool, height: int = 230) -> Drawing:
    """Draw engagements with the period before as a ghost, and the proposed among them; `rows` as Explore gives them."""
    drawn = figure(height, f"{'Hour' if is_hourly else 'Day'}, {zone.key if is_hourly else 'UTC'}", "Engagements")
    at = [moment.astimezone(zone).replace(tzinfo=None) if is_hourly else moment.date() for moment in rows["at"]]
    within_budget(rows, 3)
    # A log begins somewhere: what lies before it is no line at zero.
    if rows["before"].sum():
        drawn.add_scatter(
            x=at, y=rows["before"].to_list(), name="Period before", line={"color": QUIET, "width": 1.5, "dash": "dot"}
        )
    drawn.add_scatter(
        x=at,
        y=rows["engagements"].to_list(),
        name="Engagements",
        mode="lines+markers",
        line={"color": ACCENT, "width": 2},
        marker={"size": 5},
    )
    drawn.add_bar(
        x=at,
        y=rows["proposed"].to_list(),
        name="Proposed for removal or review",
        marker={"color": PALETTE[2], "pattern": {"shape": "/"}},
        opacity=0.75,
    )
    on_time(drawn)
    drawn.update_layout(hovermode="x unified")
    table = rows.select("at", "engagements", "before", "proposed")
    return brushable(Drawing(figure=drawn, sentence=sentence, rows=table))


def shares(rows: pl.DataFrame, *, name: str, sentence: str, height: int = 260, most: int = 12) -> Drawing:
    """Draw the commonest values as bars, the proposed part laid over each; `rows`: name, engagements, proposed."""
    shown = within_budget(rows.head(most), 2)
    drawn = figure(height, "Engagements", name, barmode="overlay")
    names = labels(shown["name"])
    drawn.add_bar(
        y=names,
        x=shown["engagements"].to_list(),
        orientation="h",
        name="All",
        marker={"color": ACCENT},
        hovertemplate="%{y}: %{x:,}<extra>all</extra>",
    )
    drawn.add_bar(
        y=names,
        x=shown["proposed"].to_list(),
        orientation="h",
        name="Proposed",
        marker={"color": PALETTE[2], "pattern": {"shape": "/"}},
        hovertemplate="%{y}: %{x:,}<extra>proposed</extra>",
    )
    drawn.update_yaxes(autorange="reversed", type="category", title=None, rangemode="normal")
    drawn.update_xaxes(showgrid=True, rangemode="tozero", nticks=4)
    # Room for the last number of the axis, which is left out where it does not fit.
    drawn.update_layout(showlegend=False, margin={"t": 4, "r": 28})
    return pickable(Drawing(figure=drawn, sentence=sentence, rows=rows))


def curves(rows: pl.DataFrame, marks: Sequence[tuple[str, float]], *, sentence: str, height: int = 280) -> Drawing:
    """Draw precision and recall over the threshold; `marks` name the thresholds in question. `rows`: see `curve`."""
    within_budget(rows, 2)
    drawn = figure(height, "Threshold", "Share")
    for place, (column, title) in enumerate((("precision", "Precision"), ("recall", "Recall"))):
        drawn.add_scatter(
            x=rows["threshold"].to_list(),
            y=rows[column].to_list(),
            name=title,
            line={"color": PALETTE[place * 2], "width": 2, "dash": DASHES[place * 2]},
        )
    for place, (name, threshold) in enumerate(marks):
        drawn.add_vline(
            x=threshold,
            line={"color": QUIET, "width": 1.5, "dash": "dot"},
            annotation={
                "text": label(name),
                "yanchor": "bottom",
                "y": 1 - 0.08 * place,
                "font": {"size": 12},
                # On the side of the line that has room.
                "xanchor": "right" if threshold > _MIDDLE else "left",
            },
        )
    drawn.update_yaxes(range=[0, 1.02], tickformat=".0%")
    drawn.update_xaxes(range=[0, 1.02])
    drawn.update_layout(showlegend=True, hovermode="x unified")
    return Drawing(figure=drawn, sentence=sentence, rows=rows)


def reliability(rows: pl.DataFrame, *, sentence: str, height: int = 300) -> Drawing:
    """Draw what was said against what was found, with intervals; on the diagonal the two agree."""
    drawn = figure(height, "Probability said", "Share found inauthentic")
    drawn.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as said", line={"color": QUIET, "dash": "dot"}, hoverinfo="skip"
    )
    found = rows["found"]
    drawn.add_scatter(
        x=rows["said"].to_list(),
        y=found.to_list(),
        mode="markers",
        name="found, with 95 % interval",
        marker={"size": 9, "color": ACCENT},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - found).to_list(),
            "arrayminus": (found - rows["low"]).to_list(),
            "color": ACCENT,
            "thickness": 1.5,
        },
        customdata=rows["n"].to_list(),
        hovertemplate="said %{x:.2f}, found %{y:.2f}, %{customdata:,} verdicts<extra></extra>",
    )
    drawn.update_yaxes(range=[0, 1.05])
    drawn.update_xaxes(range=[0, 1.05])
    return Drawing(figure=drawn, sentence=sentence, rows=rows)


def sessions(rows: pl.DataFrame, *, zone: ZoneInfo, sentence: str, height: int = 200) -> Drawing:
    """Draw sessions on one time axis, a row per source, larger for more engagements; `rows`: started_at, source, ..."""
    shown = within_budget(rows.tail(2_000))
    drawn = figure(height, f"Time, {zone.key}", "Made by")
    for source, colour in SOURCES.items():
        part = shown.filter(pl.col("source") == source)
        drawn.add_scatter(
            x=[at.astimezone(zone).replace(tzinfo=None) for at in part["started_at"]],
            y=[SOURCE_WORDS[source]] * part.height,
            mode="markers",
            name=SOURCE_WORDS[source],
            marker={
                "color": colour,
                "size": [min(6 + count**0.5, 26) for count in part["engagements"]],
                "symbol": {"owner": "circle", "service": "square", "unclear": "diamond"}[source],
                "opacity": 0.7,
            },
            customdata=list(zip(labels(part["client"]), part["engagements"], strict=True)),
            hovertemplate="%{x|%-d %b %H:%M}: %{customdata[1]:,} engagements, %{customdata[0]}<extra></extra>",
        )
    drawn.update_yaxes(type="category", title=None, rangemode="normal")
    on_time(drawn)
    drawn.update_layout(showlegend=False, margin={"t": 4})
    return Drawing(figure=drawn, sentence=sentence, rows=rows)


def network(pairs: pl.DataFrame, *, sentence: str, height: int = 520) -> Drawing:
    """Draw customers left and the accounts they were made to serve right, with lines for the heaviest pairs.

    `pairs`: customer, target, engagements, the heaviest first; at most 5,000 marks, lines and dots together. The size
    of a dot counts all of them, also those without a line.
    """
    customers, targets = (_weights(pairs, side) for side in ("customer", "target"))
    within_budget(
        pl.concat([pairs.select("engagements"), customers.select("engagements"), targets.select("engagements")])
    )
    drawn = figure(height, "", "")
    left, right = _arc(customers, -1), _arc(targets, 1)
    lines = pairs.head(MOST_LINES)
    for low, high, width in ((0.0, 0.5, 0.6), (0.5, 0.9, 1.0), (0.9, 1.0, 2.0)):
        _add_lines(drawn, _between(lines, low, high), (left, right), width)
    for title, places, weights, colour in (
        ("Customers", left, customers, ACCENT),
        ("Served accounts", right, targets, QUIET),
    ):
        _add_dots(drawn, title, places, weights, colour)
    drawn.update_xaxes(visible=False, range=[-1.25, 1.25])
    drawn.update_yaxes(visible=False, range=[-1.1, 1.1], rangemode="normal")
    drawn.update_layout(margin={"t": 24, "b": 4}, hovermode="closest")
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


def _add_lines(
    drawn: object, pairs: pl.DataFrame, places: tuple[Mapping[str, tuple[float, float]], ...], width: float
) -> None:
    left, right = places
    across: list[float | None] = []
    up: list[float | None] = []
    for customer, target in pairs.select("customer", "target").iter_rows():
        across += [left[customer][0], right[target][0], None]
        up += [left[customer][1], right[target][1], None]
    line = {"color": QUIET, "width": width}
    drawn.add_scatter(  # type: ignore[attr-defined]
        x=across, y=up, mode="lines", line=line, opacity=0.3, hoverinfo="skip", showlegend=False
    )


def _add_dots(
    drawn: object, title: str, places: Mapping[str, tuple[float, float]], weights: pl.DataFrame, colour: str
) -> None:
    most = float(weights["engagements"].max() or 1)  # type: ignore[arg-type]
    drawn.add_scatter(  # type: ignore[attr-defined]
        x=[places[name][0] for name in weights["name"]],
        y=[places[name][1] for name in weights["name"]],
        mode="markers",
        name=title,
        marker={
            "color": colour,
            "size": [5 + 17 * (count / most) ** 0.5 for count in weights["engagements"]],
            "line": {"width": 0.5},
            "symbol": "square" if title == "Customers" else "circle",
        },
        customdata=list(zip(labels(weights["name"]), weights["engagements"], strict=True)),
        hovertemplate="%{customdata[0]}: %{customdata[1]:,} engagements<extra></extra>",
    )


def moment_range(selection: Sequence[object]) -> tuple[datetime, datetime] | None:
    """Read the span of a brush as the chart gives it back; None where it is no span of times."""
    try:
        first, last = (datetime.fromisoformat(str(end).replace(" ", "T").split(".")[0]) for end in selection)
    except ValueError:
        return None
    return (first, last) if first < last else None
