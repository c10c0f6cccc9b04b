"""Reports: a period's figures as they would be published, and what was published before, the same for ever."""

from pages._kit import layout, state
from pages._reports import parts

here = state.here()
layout.head("Reports", here, facts="what is published stays as it is")
if report_id := parts.wanted():
    layout.keep("report_id", report_id)
    parts.published(here, report_id)
else:
    parts.listing(here)
    parts.draft(here)
