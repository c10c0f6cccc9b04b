"""Quality: known answers, agreement, overturns, the effect of explanations, the load and where it goes."""

from pages._kit import layout, state
from pages._quality import parts

here = state.here()
layout.head("Quality", here, facts="how well do we decide?")
period = parts.period(here)
parts.figures(here, period)
found = here.workspace.quality.look(period)
parts.answers(found)
parts.services(here, found)
parts.overturns(found)
parts.load(here, found)
parts.people(here, found)
