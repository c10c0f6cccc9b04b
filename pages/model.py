"""Model: whether its probabilities hold, what it leans on, whether its inputs have moved, service by service."""

from pages._kit import layout, state
from pages._model import parts

here = state.here()
place = layout.head("Model", here)
health = here.workspace.models.health()
parts.facts(health, place)
parts.truth(health, here.workspace.services.titles())
parts.inside(here, health)
