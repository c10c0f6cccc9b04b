"""The colours of every chart: each stands out on the light and the dark surface and stays apart for colour-blind eyes.

tests/analytics/charts/test_palette.py measures both. Colour is never the only sign: series also differ by row, dash
or name.
"""

from __future__ import annotations

ACCENT = "#2476ad"
QUIET = "#828b93"
PALETTE = (ACCENT, QUIET, "#c56520", "#855c47", "#8150e2", "#a69359")

# Who made the engagements: the service is what the chart is about, the owner is what must be left alone.
SOURCES = {"owner": QUIET, "service": ACCENT, "unclear": "#a69359"}

# From nothing to much; the ends stay visible on both surfaces.
SCALE = ((0.0, "rgba(36,118,173,0.06)"), (0.5, "rgba(36,118,173,0.55)"), (1.0, "rgba(36,118,173,1)"))

# Enforcement that cannot be undone; waiting; restored.
RED, AMBER, GREEN = "#d0473d", "#b07a10", "#2f8f57"

DASHES = ("solid", "dot", "dash", "dashdot", "longdash", "longdashdot")
