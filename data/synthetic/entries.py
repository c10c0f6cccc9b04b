"""Password entries: people sign in now and then, and so do those to whom they gave the password."""

from __future__ import annotations

import numpy as np

from data.synthetic.acts import DAY, Place
from data.synthetic.chance import Array
from data.synthetic.people import NEVER
from data.synthetic.whereabouts import own_place
from data.synthetic.world import World

# An owner signs in about so often; one entry in eleven is mistyped.
DAYS_BETWEEN, WRONG = 24.0, 0.09


def enter_passwords(world: World) -> None:
    """The owners' own entries over all planned days, on new phones and on journeys too."""
    rng, people, days = world.rng("entries"), world.people, world.spec.planned_days
    count = len(people)
    often = np.repeat(np.arange(count), rng.poisson(days / DAYS_BETWEEN, count))
    changed = np.flatnonzero(people.device_change < NEVER)
    away = np.flatnonzero((people.travel_first < NEVER) & (rng.random(count) < 0.35))
    who = np.concatenate([often, changed, away])
    day = np.concatenate(
        [
            rng.uniform(0, days, len(often)),
            people.device_change[changed] + rng.exponential(0.02, len(changed)),
            people.travel_first[away] + rng.uniform(0, 1.5, len(away)),
        ]
    )
    at = (day * DAY).astype(np.int64)
    kept = day >= people.born[who]
    enter(world, who[kept], at[kept], own_place(world, who[kept], at[kept]), rng)


def enter(world: World, who: Array, at: Array, place: Place, rng: np.random.Generator) -> None:
    world.entries.add(
        actor=who.astype(np.int64),
        at=at,
        client=place.client,
        prefix=place.prefix,
        device=place.device,
        succeeded=rng.random(len(who)) >= WRONG,
    )
