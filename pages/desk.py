"""Desk: the queue and one case at a time."""

from analytics.views import queue as queue_view
from pages._desk import case, flow, queue
from pages._kit import layout, state

here = state.here()
waiting = here.workspace.desk.waiting(here.token)
beside = layout.head(
    "Desk", here, facts=queue_view.waiting(waiting.count, waiting.oldest_at, waiting.decided_today, here.now)
)
lease = flow.lease(here)
with beside:
    case.undo(here)
if lease is None:
    queue.show(here)
else:
    case.show(here, lease)
