"""Model: whether its probabilities hold, what it leans on, whether its inputs have moved, service by service."""

from pages._kit import layout, state
from pages._model import parts

here = state.here()
health = here.workspace.models.health()
layout.head("Model", here, facts=f"version {health.model_version}, {health.verdicts:,} engagements with a verdict")
parts.truth(health)
parts.inside(health)
