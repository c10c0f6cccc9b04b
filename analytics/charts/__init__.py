"""Charts: a frame in, a drawing out. One palette, named axes, a sentence that says it, at most 5,000 marks."""

from analytics.charts.activity import activity
from analytics.charts.drawing import LARGEST, Drawing, label
from analytics.charts.explanation import explanation
from analytics.charts.palette import ACCENT, PALETTE, QUIET
from analytics.charts.plots import bars, heat_map, intervals, lines, rhythm, stacked_bars

__all__ = [
    "ACCENT",
    "LARGEST",
    "PALETTE",
    "QUIET",
    "Drawing",
    "activity",
    "bars",
    "explanation",
    "heat_map",
    "intervals",
    "label",
    "lines",
    "rhythm",
    "stacked_bars",
]
