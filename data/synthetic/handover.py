"""How a password comes to a seller: entered from its network soon after the sale, and again after a change."""

from __future__ import annotations

import numpy as np

from data.synthetic.acts import DAY
from data.synthetic.chance import Array
from data.synthetic.entries import enter
from data.synthetic.hired import Hired
from data.synthetic.rigs import Rig
from data.synthetic.whereabouts import own_place
from data.synthetic.world import World

# The seller's entry leaves a trace for most; for the others it came by a token.
TRACED, CHANGES = 0.75, 0.30
AGAIN_HOURS = (1.0, 48.0)


def hand_over(world: World, hired: Hired, rig: Rig) -> None:
    """Entries of the seller before it first acts, and 1 to 48 hours after a password change of the owner."""
    rng = world.rng("hand over", *hired.seller.name.encode())
    traced = rng.random(len(hired.member)) < TRACED
    member, first = hired.member[traced], hired.first[traced]
    at = ((first - rng.exponential(0.08, len(first)) - 0.002) * DAY).astype(np.int64)
    sign_in(world, member, at, rig, rng)
    lasts = np.minimum(hired.last, world.spec.planned_days) - np.maximum(hired.first, 0)
    changing = np.flatnonzero((rng.random(len(hired.member)) < CHANGES) & (lasts > 2))
    day = np.maximum(hired.first[changing], 0) + lasts[changing] * rng.uniform(0.2, 0.9, len(changing))
    owner = hired.member[changing]
    at = (day * DAY).astype(np.int64)
    enter(world, owner, at, own_place(world, owner, at), rng)
    again = at + (rng.uniform(*AGAIN_HOURS, len(at)) / 24 * DAY).astype(np.int64)
    sign_in(world, owner, again, rig, rng)


def sign_in(world: World, member: Array, at: Array, rig: Rig, rng: np.random.Generator) -> None:
    kept = at >= 0
    enter(world, member[kept], at[kept], rig.place(world, member[kept], at[kept]), rng)
