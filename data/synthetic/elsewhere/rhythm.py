"""When a seller acts within a day: at even gaps, in blocks, at human hours, or while the owner is away."""

from __future__ import annotations

import numpy as np

from data.synthetic.elsewhere.chance import HOUR, Floats, Ints, running, spread, unit
from data.synthetic.elsewhere.sellers import Seller
from data.synthetic.elsewhere.world import World


def paced(world: World, seller: Seller, who: Ints, day: Floats, count: Ints) -> tuple[Ints, Floats]:
    """Row and second of `count` acts on each account's day, in the seller's rhythm."""
    if seller.pace.rhythm == "steady":
        return _steady(world, seller, who, day, count)
    chance, pace = world.chance, seller.pace
    block_size = max(4.0, pace.volume / (3 + seller.code % 7)) * chance.uniform(0.6, 1.4, len(who))
    blocks = np.maximum(1, np.rint(count / block_size)).astype(np.int64)
    row, _ = spread(blocks)
    start = _block_starts(world, seller, who[row], day[row])
    block, position = spread(np.maximum(1, chance.poisson((count / blocks)[row])))
    gap = np.maximum(pace.gap * chance.lognormal(0, pace.gap_spread, len(block)), 1)
    return row[block], start[block] + running(gap, block, position)


def _steady(world: World, seller: Seller, who: Ints, day: Floats, count: Ints) -> tuple[Ints, Floats]:
    """Even gaps from waking to the pause."""
    chance, pace, size = world.chance, seller.pace, len(who)
    row, position = spread(count)
    gap = np.maximum(chance.lognormal(0, pace.gap_spread + 0.05, len(row)), 0.02)
    part = running(gap, row, position) / np.bincount(row, gap, size)[row]
    fixed = (unit(who, world.dials.seed, seller.code) * 4 + 6) % 24
    wake = fixed if seller.odd else chance.uniform(0, 24, size)
    start = (day * 24 + wake - world.clock.zone[who]) * HOUR
    span = (24 - pace.pause) * HOUR * chance.uniform(0.5, 1, size)
    return row, start[row] + part * span[row]


def _block_starts(world: World, seller: Seller, who: Ints, day: Floats) -> Floats:
    chance, size = world.chance, len(who)
    if seller.pace.rhythm == "human":
        return world.clock.moments(who, day)
    if seller.pace.rhythm == "odd":
        night, office = chance.uniform(0.5, 6.5, size), chance.uniform(9, 16.5, size)
        hour = np.where(chance.random(size) < 0.5, night, office) + world.clock.shift[who] - world.clock.zone[who]
    else:
        hour = unit(who, world.dials.seed, seller.code, 3) * 24 + chance.uniform(0, 24 - seller.pace.pause, size)
    return np.asarray((day * 24 + hour) * HOUR, np.float64)
