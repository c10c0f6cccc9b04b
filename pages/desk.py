"""Desk: the queue and one case at a time."""

from analytics.views import queue as queue_view
from pages._desk import after, case, filters, flow, queue, rest
from pages._kit import layout, state

with state.turn():
    here = state.here()
    waiting = here.workspace.desk.waiting(here.token)
    beside = layout.head(
        "Desk", here, facts=queue_view.waiting(waiting.count, waiting.oldest_at, waiting.decided_today, here.now)
    )
    lease = flow.lease(here)
    with beside:
        case.undo(here)
    rest.suggest(here)
    after.bar(here)
    if lease is None:
        after.panel(here)
        queue.show(here)
    else:
        case.show(here, lease)
if lease is not None:
    # While the person reads this case, and others have their turn, the next one is made ready (U-04).
    here.workspace.desk.peek(here.token, filters.queue_filter(here))
