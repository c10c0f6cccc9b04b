"""The plain charts: bars, lines with a ghost of the period before, heat maps, and figures with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analytics.charts.drawing import (
    NAMES_DOWN,
    ON_TIME,
    PLAIN,
    Drawing,
    Part,
    figure,
    label,
    labels,
    within_budget,
    wrapped,
)
from analytics.charts.palette import ACCENT, DASHES, PALETTE, QUIET, SCALE

_NUMBERS_ACROSS: Part = {"showgrid": True, "rangemode": "tozero"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def bars(
    rows: pl.DataFrame,
    *,
    x: str,
    y: str,
    titles: tuple[str, str],
    sentence: str,
    height: int = 240,
    is_horizontal: bool = False,
) -> Drawing:
    """Draw one bar per row; `titles` names the axis of the categories and the one of the numbers."""
    within_budget(rows)
    told, values = rows[x].cast(pl.String), rows[y].to_list()
    names = wrapped(told) if is_horizontal else labels(told)
    across, up = (titles[1], titles[0]) if is_horizontal else titles
    bar = {
        "type": "bar",
        "x": values if is_horizontal else names,
        "y": names if is_horizontal else values,
        "orientation": "h" if is_horizontal else "v",
        "marker": {"color": ACCENT},
        "hovertemplate": "%{label}: %{value:,}<extra></extra>",
    }
    axes = {"across": _NUMBERS_ACROSS, "up": NAMES_DOWN} if is_horizontal else {"across": {"type": "category"}}
    drawn = figure(height, across, up, [bar], margin={"t": 4}, **axes)
    return Drawing(figure=drawn, sentence=sentence, rows=rows.select(x, y))


def stacked_bars(
    rows: pl.DataFrame, *, x: str, y: str, series: str, titles: tuple[str, str], sentence: str, height: int = 240
) -> Drawing:
    """Draw one stack per `x`, split by `series` in the order in which they first appear."""
    within_budget(rows)
    traces = []
    for position, name in enumerate(rows[series].unique(maintain_order=True)):
        part = rows.filter(pl.col(series) == name)
        bar = {
            "type": "bar",
            "x": _axis(part[x]),
            "y": part[y].to_list(),
            "name": label(name),
            "marker": {"color": PALETTE[position % len(PALETTE)], "pattern": _pattern(position)},
            "hovertemplate": "%{x}: %{y:,}<extra>" + label(name) + "</extra>",
        }
        traces.append(bar)
    drawn = figure(height, *titles, traces, across=_across(rows[x]), barmode="stack")
    return Drawing(figure=drawn, sentence=sentence, rows=rows.select(x, series, y))


def lines(
    rows: pl.DataFrame,
    *,
    x: str,
    y: str | Sequence[str],
    titles: tuple[str, str],
    sentence: str,
    height: int = 240,
    ghost: str | None = None,
    band: tuple[str, str] | None = None,
) -> Drawing:
    """Draw one line per column of `y`; `ghost` is the column of the period before, `band` those of an interval."""
    columns = [y] if isinstance(y, str) else list(y)
    within_budget(rows, len(columns) + (ghost is not None) + 2 * (band is not None))
    at = _axis(rows[x])
    traces = [*_band(at, rows, band)] if band else []
    if ghost:
        traces.append(before(at, rows[ghost]))
    for position, column in enumerate(columns):
        line = {
            "type": "scatter",
            "x": at,
            "y": rows[column].to_list(),
            "name": label(column),
            "mode": "lines+markers" if rows.height <= 40 else "lines",
            "line": {"color": PALETTE[position % len(PALETTE)], "width": 2, "dash": DASHES[position % len(DASHES)]},
            "marker": {"size": 5},
        }
        traces.append(line)
    named: Part = {"showlegend": len(columns) > 1 or ghost is not None, "hovermode": "x unified"}
    drawn = figure(height, *titles, traces, across=_across(rows[x]), **named)
    return Drawing(figure=drawn, sentence=sentence, rows=rows.select(x, *columns, *([ghost] if ghost else [])))


def before(at: Sequence[object], values: pl.Series) -> Part:
    """Return the line of the period before, as a ghost."""
    line = {"color": QUIET, "width": 1.5, "dash": "dot"}
    return {"type": "scatter", "x": at, "y": values.to_list(), "name": "Period before", "line": line}


def intervals(
    rows: pl.DataFrame, *, name: str, value: str, low: str, high: str, titles: tuple[str, str], sentence: str
) -> Drawing:
    """Draw one dot per row with its 95 % interval; rows without a value are left out."""
    known = within_budget(rows.filter(pl.col(value).is_not_null()), 3)
    middle = known[value]
    dots = {
        "type": "scatter",
        "x": middle.to_list(),
        "y": labels(known[name].cast(pl.String)),
        "mode": "markers",
        "marker": {"size": 9, "color": ACCENT},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (known[high].fill_null(middle) - middle).to_list(),
            "arrayminus": (middle - known[low].fill_null(middle)).to_list(),
            "color": ACCENT,
            "thickness": 1.5,
            "width": 5,
        },
        "hovertemplate": "%{y}: %{x}<extra></extra>",
    }
    height, axes = 60 + 34 * max(known.height, 1), {"across": _NUMBERS_ACROSS, "up": NAMES_DOWN}
    drawn = figure(height, titles[1], titles[0], [dots], showlegend=False, margin={"t": 4}, **axes)
    return Drawing(figure=drawn, sentence=sentence, rows=known.select(name, value, low, high))


def heat_map(
    rows: pl.DataFrame,
    *,
    x: str,
    y: str,
    value: str,
    titles: tuple[str, str],
    sentence: str,
    height: int = 220,
    up: Part = PLAIN,
) -> Drawing:
    """Draw one cell per row of the frame; both axes keep the order in which their names first appear."""
    within_budget(rows)
    columns, lanes = (rows[name].unique(maintain_order=True).to_list() for name in (x, y))
    found = {(row[0], row[1]): row[2] for row in rows.select(x, y, value).iter_rows()}
    cells = {
        "type": "heatmap",
        "x": [label(name) for name in columns],
        "y": [label(name) for name in lanes],
        "z": [[found.get((column, lane)) for column in columns] for lane in lanes],
        "colorscale": [list(stop) for stop in SCALE],
        "xgap": 1,
        "ygap": 1,
        "colorbar": {"thickness": 8, "outlinewidth": 0, "title": {"text": ""}},
        "hovertemplate": "%{y}, %{x}: %{z:,}<extra></extra>",
    }
    down = {"type": "category", "autorange": "reversed", "rangemode": "normal", **up}
    across = {"type": "category", "nticks": 13}
    drawn = figure(height, *titles, [cells], across=across, up=down, margin={"t": 4})
    return Drawing(figure=drawn, sentence=sentence, rows=rows.select(x, y, value))


def rhythm(rows: pl.DataFrame, *, sentence: str, zone_name: str = "UTC", height: int = 220) -> Drawing:
    """Draw engagements by weekday and hour; `rows`: weekday (1 = Monday), hour (0 to 23), engagements."""
    grid = pl.DataFrame({"weekday": range(1, 8)}).join(pl.DataFrame({"hour": range(24)}), how="cross")
    filled = grid.join(rows.with_columns(pl.col("weekday", "hour").cast(pl.Int64)), on=["weekday", "hour"], how="left")
    named = filled.sort("weekday", "hour").select(
        pl.col("weekday").replace_strict(dict(enumerate(_DAYS, start=1)), return_dtype=pl.String).alias("Day"),
        pl.format("{}:00", pl.col("hour").cast(pl.String).str.zfill(2)).alias("Hour"),
        pl.col("engagements").fill_null(0).alias("Engagements"),
    )
    titles = (f"Hour of the day, {zone_name}", "Day")
    return heat_map(named, x="Hour", y="Day", value="Engagements", titles=titles, sentence=sentence, height=height)


def _band(at: Sequence[object], rows: pl.DataFrame, band: tuple[str, str]) -> tuple[Part, Part]:
    """Return the two edges of an interval, the room between them shaded."""
    shade = {"type": "scatter", "x": at, "mode": "lines", "line": {"width": 0}, "showlegend": False}
    low, high = ({**shade, "hoverinfo": "skip", "y": rows[name].to_list()} for name in band)
    return low, {**high, "fill": "tonexty", "fillcolor": "rgba(36,118,173,0.15)"}


def _across(values: pl.Series) -> Part:
    return ON_TIME if values.dtype.is_temporal() else PLAIN


def _axis(values: pl.Series) -> list[object]:
    """Return times and numbers as they are, and text as labels."""
    if values.dtype.is_temporal() or values.dtype.is_numeric():
        return list(values)
    return list(labels(values.cast(pl.String)))


def _pattern(position: int) -> dict[str, object]:
    """Return a second sign beside the colour, faint enough to read the bar."""
    shape = ("", "/", ".", "x", "-", "|")[position % 6]
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.55)", "solidity": 0.2, "size": 7}
