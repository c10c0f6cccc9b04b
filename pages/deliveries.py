"""Deliveries: every action, where it stands, and what a person may do about it."""

from analytics.views import deliveries as view
from pages._deliveries import parts
from pages._kit import layout, state

here = state.here()
counts = here.workspace.deliveries.counts()
layout.head("Deliveries", here, facts=view.facts(counts))
parts.alarms(here)
which = parts.filters()
found = here.workspace.deliveries.list(which, page=parts.page())
if not found.actions:
    layout.empty("No action fits here.", "Confirm a case on the desk, or change the filters.")
else:
    parts.stuck(here)
    parts.table(here, found)
    parts.steps(here, found)
    parts.counts(counts)
