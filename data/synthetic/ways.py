"""How a seller of one world differs from its namesake in another: same trade, other pace, other rooms, other wishes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.synthetic.cast import Fabric, Seller

# Spreads of the logarithm; of the share of machine rooms, of its log-odds.
VOLUME, SITTING, PACE, SHAPE, ROOMS = 0.30, 0.35, 0.45, 0.35, 0.40
# How alike the mixes of actions are, and how often a seller keeps other hours than its namesake.
ALIKE, OTHER_HOURS = 40.0, 0.3
# Requests of many members have hours of their own; a single account acts by one of these.
HOURS = ("pause", "office", "owner")
MOST_BEHIND = 6


def ways(seller: Seller, rng: np.random.Generator) -> Seller:
    """The seller as it is in one world, around what its trade usually does."""

    def times(spread: float) -> float:
        return float(np.exp(spread * rng.standard_normal()))

    other = seller.hours in HOURS and rng.random() < OTHER_HOURS
    likes, follows, comments = rng.dirichlet(np.array(seller.mix) * ALIKE + 0.5).tolist()
    return replace(
        seller,
        fabric=furnished(seller.fabric, rng),
        per_day=seller.per_day * times(VOLUME),
        mix=(likes, follows, comments),
        sitting=max(1.0, seller.sitting * times(SITTING)),
        gap_s=max(4.0, seller.gap_s * times(PACE)),
        gap_shape=seller.gap_shape * times(SHAPE),
        hours=str(rng.choice(HOURS)) if other else seller.hours,
        takes_back=float(np.clip(seller.takes_back + rng.uniform(-0.25, 0.2), 0, 0.9)) if seller.takes_back else 0.0,
    )


def furnished(fabric: Fabric, rng: np.random.Generator) -> Fabric:
    """Other builds, as far behind or nearly so, and another share of machine rooms."""
    builds = tuple(
        build if build > MOST_BEHIND else int(np.clip(build + rng.integers(-1, 2), 0, MOST_BEHIND))
        for build in fabric.builds
    )
    odds = fabric.hosted / (1 - fabric.hosted) * np.exp(ROOMS * rng.standard_normal())
    borrowed = float(np.clip(fabric.borrowed + rng.uniform(-0.2, 0.2), 0.0, 0.7))
    crowd = fabric.accounts_per_device
    return replace(
        fabric,
        builds=builds,
        hosted=float(odds / (1 + odds)),
        borrowed=borrowed,
        accounts_per_device=max(2, round(crowd * float(np.exp(0.5 * rng.standard_normal())))) if crowd > 1 else crowd,
    )
