"""What moved the model: SHAP values as a waterfall from the usual account to this one."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from analytics.charts.drawing import Drawing, figure, label
from analytics.charts.palette import ACCENT, QUIET
from analytics.views.text import listed, number
from data.records import Contribution

_SHOWN = 10
_TOLERANCE = 1e-6


def explanation(
    contributions: Sequence[Contribution], base: float, raw_score: float, *, height: int = 320
) -> Drawing | None:
    """Draw the strongest contributions; None when they do not add up to the score, so nothing false is shown (S-05)."""
    if abs(base + sum(part.contribution for part in contributions) - raw_score) > _TOLERANCE:
        return None
    ranked = sorted(contributions, key=lambda part: -abs(part.contribution))
    shown, rest = ranked[:_SHOWN], ranked[_SHOWN:]
    steps = [(_name(part), part.contribution) for part in shown]
    if rest:
        steps.append((f"{len(rest)} others", sum(part.contribution for part in rest)))
    return Drawing(figure=_waterfall(steps, base, height), sentence=_sentence(shown), rows=_table(ranked))


def _waterfall(steps: Sequence[tuple[str, float]], base: float, height: int) -> go.Figure:
    steps_down = {
        "type": "waterfall",
        "orientation": "h",
        "base": base,
        "y": [label(name, 60) for name, _ in steps],
        "x": [value for _, value in steps],
        "measure": ["relative"] * len(steps),
        "text": [f"{value:+.2f}" for _, value in steps],
        "textposition": "outside",
        "cliponaxis": False,
        "increasing": {"marker": {"color": ACCENT}},
        "decreasing": {"marker": {"color": QUIET}},
        "connector": {"line": {"width": 1, "color": QUIET, "dash": "dot"}},
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }
    titles = ("Log-odds; right speaks against the account", "What was measured")
    up = {"autorange": "reversed", "title": None, "rangemode": "normal"}
    across = {"showgrid": True}
    # Room for the number of the longest bar, which stands beside it.
    margin = {"t": 4, "r": 44}
    return figure(height, *titles, [steps_down], across=across, up=up, showlegend=False, margin=margin)


def _name(part: Contribution) -> str:
    return (
        part.label if part.value is None else f"{part.label} = {number(part.value, 0 if abs(part.value) >= 100 else 2)}"
    )


def _sentence(shown: Sequence[Contribution]) -> str:
    raised = [part.label for part in shown if part.contribution > 0][:3]
    lowered = [part.label for part in shown if part.contribution < 0][:3]
    told = f"Most raised the score: {listed(raised)}." if raised else "Nothing raised the score."
    return told + (f" Most lowered it: {listed(lowered)}." if lowered else "")


def _table(ranked: Sequence[Contribution]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "What was measured": [part.label for part in ranked],
            "Value": [part.value for part in ranked],
            "Contribution": [round(part.contribution, 4) for part in ranked],
        },
        schema={"What was measured": pl.String, "Value": pl.Float64, "Contribution": pl.Float64},
    )
