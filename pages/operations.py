"""Operations: what is stuck, how old everything is, and the room that is left."""

from pages._kit import layout, state
from pages._operations import parts

here = state.here()
status = here.workspace.operations.status()
layout.head("Operations", here, facts="no case and no account is shown here")
parts.problems(status)
parts.emergencies(here)
parts.readings(here, status)
parts.room(status)
