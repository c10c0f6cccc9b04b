"""Appeals: complaints about decisions of others, read beside what was done, answered with grounds."""

from analytics.views import appeals as view
from analytics.views.words import AppealState
from pages._appeals import parts
from pages._kit import layout, state

here = state.here()
waiting = here.workspace.appeals.list(here.token, AppealState.OPEN)
layout.head("Appeals", here, facts=view.facts(waiting, here.now))
shown, appeal_id = parts.chosen(here, waiting)
if not shown:
    layout.empty("No appeal fits here.", "Appeals come by the platform's message, by command, or by the form below.")
else:
    parts.one(here, appeal_id)
    parts.table(here, shown)
parts.take_in(here)
