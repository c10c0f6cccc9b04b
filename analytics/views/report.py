"""A published period as a page, a table and bytes: made of the frozen figures alone, so years later it is the same.

`content` is what the ledger stored: version, period, as_of_seq, figures and tables with everything already rounded to
what was published. Nothing here reads a clock, a setting or a definition that may have changed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from analytics.views.text import plain

Content = Mapping[str, Any]  # Any: JSON as it was stored
# Reports of this version on write long waits in days; an older one keeps its hours for ever.
_DAYS_SINCE = 2
_DAYS_FROM = 72

_STYLE = """
@page { size: A4; margin: 18mm }
body { font: 14px/1.45 system-ui, sans-serif; color: #1f2429; background: #fff; max-width: 52rem; margin: 2rem auto }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 1.8rem; border-bottom: 1px solid #d5dade }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #e3e7ea; vertical-align: top }
td.n, th.n { text-align: right; white-space: nowrap }
.quiet { color: #4d5761; font-size: .9em }
"""


def report_html(content: Content) -> str:
    """Render the whole report as one file that needs nothing else."""
    title = f"Enforcement report, {content['since']} to {content['until']}"
    sections = "".join(_section(name, content) for name in content["sections"])
    tables = "".join(_table(table, content) for table in content["tables"])
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    state = f"Counted from the ledger up to entry {content['as_of_seq']:,}. Days in UTC."
    body = f'<h1>{escape(title)}</h1><p class="quiet">{escape(state)}</p>{sections}{tables}{_definitions(content)}'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def report_rows(content: Content) -> pl.DataFrame:
    """One row per published figure, whole and by part: figure, title, part, name, value, low, high, counted."""
    schema = {
        "figure": pl.String,
        "title": pl.String,
        "part": pl.String,
        "name": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "counted": pl.Int64,
    }
    whole = [_flat(figure, "all", "all") for figure in content["figures"]]
    parts = [
        _flat({**row, "id": table["id"], "title": table["title"]}, table["by"], row["name"])
        for table in content["tables"]
        for row in table["rows"]
    ]
    return pl.DataFrame([*whole, *parts], schema=schema, orient="row")


def _flat(figure: Mapping[str, Any], part: str, name: str) -> tuple[Any, ...]:
    bounds = (figure["value"], figure["low"], figure["high"], figure["n"])
    return (figure["id"], figure["title"], part, name, *bounds)


def _section(name: str, content: Content) -> str:
    rows = [figure for figure in content["figures"] if figure["question"] == name]
    cells = "".join(_figure_row(figure, content) for figure in rows)
    head = '<tr><th>Figure</th><th class="n">Value</th><th class="n">95 % interval</th><th class="n">Counted</th></tr>'
    return f"<h2>{escape(name)}</h2><table>{head}{cells}</table>"


def _figure_row(figure: Mapping[str, Any], content: Content) -> str:
    value, bounds = value_and_bounds(figure, content)
    counted = f"{figure['n']:,}"
    numbers = "".join(f'<td class="n">{escape(text)}</td>' for text in (value, bounds, counted))
    return f"<tr><td>{escape(figure['title'])}</td>{numbers}</tr>"


def _table(table: Mapping[str, Any], content: Content) -> str:
    title = f"{table['title']} by {table['by']}"
    named = [{**row, "title": row["name"], "unit": table["unit"]} for row in table["rows"]]
    rows = "".join(_figure_row(row, content) for row in named)
    left = table.get("left_out", 0)
    note = f'<p class="quiet">{left} rows about fewer than five are left out.</p>' if left else ""
    head = f'<tr><th>{escape(str(table["by"]).capitalize())}</th><th class="n">Value</th>'
    head += '<th class="n">95 % interval</th><th class="n">Counted</th></tr>'
    return f"<h2>{escape(title)}</h2><table>{head}{rows}</table>{note}"


def _definitions(content: Content) -> str:
    told = "".join(
        f"<p><b>{escape(figure['title'])}</b> ({escape(figure['id'])}): {escape(figure['counted'])} "
        f"{escape(figure['caution'])}</p>"
        for figure in content["figures"]
    )
    return f"<h2>How each figure is counted</h2>{told}"


def written(value: float | None, unit: str) -> str:
    """Write a figure in its unit; a dash where there was nothing to count."""
    if value is None:
        return "–"  # noqa: RUF001 - the dash of the screens
    if unit in ("share", "difference"):
        return f"{100 * value:+.1f} points" if unit == "difference" else f"{100 * value:.2f} %"
    if unit == "hours":
        return f"{value:,.1f} h"
    if unit == "seconds":
        return f"{value:,.0f} s"
    return f"{value:.2f}" if unit == "agreement" else f"{value:,.0f}"


def value_and_bounds(figure: Mapping[str, Any], content: Content) -> tuple[str, str]:
    """Write a figure and its bounds in one unit; no bounds are nothing."""
    value, bounds = figure["value"], (figure["low"], figure["high"])
    is_long = figure["unit"] == "hours" and value is not None and value >= _DAYS_FROM
    in_days = is_long and content["version"] >= _DAYS_SINCE
    told = [_days(one) if in_days else written(one, figure["unit"]) for one in (value, *bounds)]
    return told[0], "" if None in bounds else f"{told[1]} to {told[2]}"


def _days(hours: float | None) -> str:
    return written(None, "hours") if hours is None else f"{hours / 24:,.1f} days"


def sections_of(questions: Sequence[str]) -> list[str]:
    """Return the sections in their order, each once."""
    return list(dict.fromkeys(questions))


def section_rows(content: Content) -> list[tuple[str, pl.DataFrame]]:
    """Return the sections and tables of a report for the screen, in their order."""
    told = [
        (name, _rows([figure for figure in content["figures"] if figure["question"] == name], "Figure", content))
        for name in content["sections"]
    ]
    for table in content["tables"]:
        rows = [{**row, "title": row["name"], "unit": table["unit"]} for row in table["rows"]]
        if rows:
            told.append((f"{table['title']} by {table['by']}", _rows(rows, str(table["by"]).capitalize(), content)))
    return told


def definition_lines(content: Content) -> list[str]:
    """Return how each figure is counted, as it was when the report was made."""
    return [
        f"{figure['title']} ({figure['id']}): {figure['counted']} {figure['caution']}" for figure in content["figures"]
    ]


def _rows(figures: Sequence[Mapping[str, Any]], first: str, content: Content) -> pl.DataFrame:
    told = [value_and_bounds(figure, content) for figure in figures]
    return pl.DataFrame(
        {
            first: [figure["title"] for figure in figures],
            "Value": [value for value, _ in told],
            "95 % interval": [bounds for _, bounds in told],
            "Counted": [figure["n"] for figure in figures],
        }
    )


def origin(person_id: str | None, names: Mapping[str, str]) -> str:
    """Say who froze a report: the clock, or somebody by name."""
    return "scheduled, frozen" if person_id is None else f"published by {plain(names.get(person_id, person_id), 40)}"
