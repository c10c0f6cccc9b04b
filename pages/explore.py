"""Explore: one filter narrows the series, the tables, the distribution and the list; the address is the view."""

from pages._explore import parts
from pages._kit import layout, state

here = state.here()
place = layout.head("Explore", here)
choices = here.workspace.explore.choices()
services = here.workspace.services.titles()
wanted = parts.filters(choices, services)
look = here.workspace.explore.look(wanted)
parts.told(here, wanted, look, place)
if not look.engagements:
    layout.empty("Nothing fits this filter.", "Take a part of it away, or choose a longer span.")
else:
    parts.series(here, look)
    parts.panels(look, services)
    parts.people(look)
    parts.listing(here, wanted, look)
