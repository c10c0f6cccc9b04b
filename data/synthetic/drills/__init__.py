"""Drill worlds: small, quickly made, each drawn with other services and other crowds than the last.

The demo and the quality figures use the worlds of data/synthetic, which follow one specification closely. A model that
learned from those alone would learn the specification. Drills are what it learns from: everything that a platform or a
service may do differently is drawn anew for each seed.
"""

from __future__ import annotations

import numpy as np

from data.synthetic.drills.crowds import gather
from data.synthetic.drills.owners import draw_circles, live
from data.synthetic.drills.platform import draw_habits, draw_people
from data.synthetic.drills.sellers import trade
from data.synthetic.drills.world import World

__all__ = ["draw_world"]


def draw_world(seed: int, *, people: tuple[int, int] = (500, 2000), sellers: tuple[int, int] = (4, 9)) -> World:
    """One world: its platform, its sellers, its crowds, and everybody's own life."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(*people))
    habits = draw_habits(rng)
    popularity = 1 / np.arange(1, count + 1) ** rng.uniform(0.5, 1.1)
    world = World(
        rng,
        habits,
        draw_people(rng, habits, count),
        draw_circles(rng, habits, count),
        popularity / popularity.sum(),
        rng.permutation(count),
    )
    ids = [int(key) for key in rng.permutation(count)]
    for key in range(int(rng.integers(*sellers))):
        trade(world, key, ids)
    gather(world, ids)
    for key in range(world.owners):
        live(world, key)
    return world
