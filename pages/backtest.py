"""Back-test: what other thresholds would have done, beside what is in force."""

from pages._backtest import parts
from pages._kit import layout, state

here = state.here()
layout.head("Back-test", here, facts="past data, judged by what people found")
ran = here.workspace.backtest.setting_of()
left, right = parts.columns()
with left:
    a = parts.setting("A", ran)
    b = parts.setting("B", ran)
with right:
    parts.contrast(here, a, b)
parts.candidates(here, b)
