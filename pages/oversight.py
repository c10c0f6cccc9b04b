"""Oversight: what people did on one day, looks at accounts without a case, and the protected accounts (T-01)."""

from analytics.views import oversight as view
from pages._kit import layout, state
from pages._oversight import parts

here = state.here()
which = parts.day(here)
found = parts.read(here, which)
layout.head("Oversight", here, facts=view.facts(found.deeds))
parts.choose(here)
parts.people(here, found, which)
parts.looks(here, found)
parts.protected(here)
