"""Audit: who did what when, newest first, and whether anybody changed the record since."""

from analytics.views import audit as view
from pages._audit import parts
from pages._kit import layout, state

here = state.here()
log = here.workspace.audit
status, choices = log.status(), log.choices(here.who)
layout.head("Audit", here, facts=view.facts(status))
parts.chain(here, status)
which = parts.filters(here, choices)
found = log.page(here.who, which, page=parts.page())
if not found.rows:
    layout.empty("No row fits here.", "Change the filters.")
else:
    parts.table(here, found, choices)
    parts.one_row(here, found, choices)
