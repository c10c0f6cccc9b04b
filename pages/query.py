"""Query: one question in SQL on a pseudonymised copy; its rows, a chart, an export, or cases proposed for review."""

from pages._kit import layout, state
from pages._query import parts

here = state.here()
layout.head("Query", here, facts="a pseudonymised copy of the newest run: no names, no ids, no comment text")
left, right = parts.columns()
with right:
    parts.tables()
    parts.kept(here)
with left:
    found = parts.ask(here)
    if found is not None and found.is_answered:
        parts.chart(found)
        parts.propose(here, found)
        parts.export(here, found)
parts.history(here)
