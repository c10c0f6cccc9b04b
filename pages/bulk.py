"""Bulk: many alike cases, a sample first, a second person, and a run that can be stopped."""

from analytics.views import bulk as view
from pages._bulk import parts, run
from pages._kit import layout, state

here = state.here()
lines = here.workspace.bulk.list(here.token)
layout.head("Bulk", here, facts=view.facts([line.state for line in lines]))
if bulk_id := parts.wanted():
    layout.keep("bulk_id", bulk_id)
    layout.rows_link("All bulks", "pages/bulk.py", "all_bulks")
    run.one(here, bulk_id)
else:
    parts.listing(here, lines)
    parts.new(here)
