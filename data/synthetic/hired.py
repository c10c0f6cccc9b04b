"""Customers and members: who gave a password to whom, from when to when, and what is left of their own life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.cast import Seller
from data.synthetic.chance import Array, scramble, unit
from data.synthetic.world import World

# Half are gone after a trial of three to seven days; of the others 27 % leave in a month.
STAYS, MONTHLY_CHURN, REJOINS = 0.52, 0.27, 0.10
BOTH, DORMANT = 0.15, 0.15
MOST_PAUSES = 0.7
# How alike customers' wishes are.
TICKED = 5.0
OWN_SHARE = (0.05, 0.40)
# How long before the log the first customers came, and how long before its end the last, as shares of its length.
BEFORE, UNTIL = -0.35, 0.85


@dataclass(frozen=True, slots=True)
class Hired:
    """One row per stretch of time in which an account is served; an account that rejoins has two."""

    seller: Seller
    member: Array
    first: Array
    last: Array
    volume: Array
    mix: Array  # cumulated shares of likes, follows and comments: customers tick what they want

    def on(self, day: int) -> Array:
        """Rows that are served on a day, for a part of it at least; some pause for a day, some often."""
        pauses = unit(scramble(self.member, 41)) * MOST_PAUSES
        works = unit(scramble(self.member, day, 43)) >= pauses
        told: Array = np.flatnonzero((self.first < day + 1) & (self.last > day) & works)
        return told

    def kinds(self, rows: Array, rng: np.random.Generator) -> Array:
        draw = rng.random(len(rows))
        told: Array = (draw >= self.mix[rows, 0]).astype(np.uint8) + (draw >= self.mix[rows, 1])
        return told

    def serves(self, rows: Array, at_day: Array) -> Array:
        told: Array = (self.first[rows] <= at_day) & (at_day < self.last[rows])
        return told


def hire(world: World, seller: Seller, count: int) -> Hired:
    """Find customers for a seller, 15 % of them with another seller already."""
    rng = world.rng("hire", *seller.name.encode())
    other = np.array(world.customers, dtype=np.int64)
    both = rng.choice(other, min(int(count * BOTH), len(other)), replace=False) if len(other) else other
    new = world.take_from(seller.countries, count - len(both), "customer")
    member = np.concatenate([new, both])
    world.customers.extend(new.tolist())
    days = world.spec.planned_days
    first = rng.uniform(BEFORE * days, UNTIL * days, len(member))
    stays = rng.random(len(member)) < STAYS
    length = np.where(stays, 7 + rng.exponential(30 / MONTHLY_CHURN, len(member)), rng.uniform(3, 7, len(member)))
    again = np.flatnonzero(rng.random(len(member)) < REJOINS)
    later = first[again] + length[again] + rng.uniform(5, 25, len(again))
    hired = Hired(
        seller,
        np.concatenate([member, member[again]]),
        np.concatenate([first, later]),
        np.concatenate([first + length, later + rng.uniform(5, 40, len(again))]),
        np.tile(rng.lognormal(-0.3, 0.8, len(member)), 2)[: len(member) + len(again)],
        np.cumsum(rng.dirichlet(np.array(seller.mix) * TICKED, len(member) + len(again)), axis=1),
    )
    leave_own_life(world, new, bought_a_day(hired, days)[: len(new)], rng)
    book(world, hired)
    return hired


def bought_a_day(hired: Hired, days: int) -> Array:
    """What each row's account will have had done for it, spread over all days of the world."""
    served = np.clip(hired.last, 0, days) - np.clip(hired.first, 0, days)
    told: Array = hired.seller.per_day * hired.volume * served / days
    return told


def leave_own_life(world: World, member: Array, bought: Array, rng: np.random.Generator) -> None:
    """Most go on themselves, so that 5 to 40 % of what they do is their own; some leave the account to the seller."""
    people = world.people
    own = rng.uniform(*OWN_SHARE, len(member))
    lively = own / (1 - own) * bought / people.size[member]
    dormant = rng.random(len(member)) < DORMANT
    people.sittings[member] = np.where(dormant, people.sittings[member] * 0.03, lively)


def book(world: World, hired: Hired) -> None:
    """Write down for the truth who is served by whom since when."""
    named = f"service:{hired.seller.name}"
    for key, first in zip(hired.member.tolist(), hired.first.tolist(), strict=True):
        served = world.services.setdefault(key, [])
        if named not in served:
            served.append(named)
        world.families.setdefault(key, hired.seller.family)
        world.started[key] = min(first, world.started.get(key, first))
