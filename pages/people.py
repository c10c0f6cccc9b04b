"""People: who may do what, who is at work, and what an administrator may change."""

from analytics.views import people as view
from pages._kit import layout, state
from pages._people import parts

here = state.here()
found = here.workspace.people.listed(here.token)
layout.head("People", here, facts=view.facts(found))
parts.table(here, found)
if parts.may_change(here):
    seen = here.workspace.ledger.version()
    parts.change(here, found, seen)
    parts.add(here, seen)
parts.duties()
