"""Collusion networks: members' accounts like, follow and comment whoever of them asks, a handful to dozens at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, DAY, FOLLOW, LIKE, MINUTE, Acts, gather, record
from data.synthetic.answers import TO_SERVICES, answers
from data.synthetic.cast import Seller
from data.synthetic.chance import Array
from data.synthetic.handover import hand_over
from data.synthetic.hired import Hired, hire
from data.synthetic.rhythm import hours_around, moments
from data.synthetic.rigs import Rig
from data.synthetic.ties import posts_unless
from data.synthetic.world import World

# A request reaches this share of the members, within 5 to 120 minutes.
DENSITY, WINDOW_MINUTES, LEAST = (0.03, 0.12), (5.0, 120.0), 4
# Of the acts of a request so many are of its main kind.
MAIN = 0.9


@dataclass(frozen=True, slots=True)
class Collusion:
    world: World
    seller: Seller
    hired: Hired
    rig: Rig
    origin: int

    def day(self, day: int) -> Acts:
        """The requests of one day, each served by a draw of the members."""
        world, hired, seller = self.world, self.hired, self.seller
        rng = world.rng(seller.name, day)
        rows = hired.on(day)
        if len(rows) < 2 * LEAST:
            return gather([])
        asks = rng.poisson(len(rows) * seller.per_day / self.usual(len(rows)))
        size = np.maximum(LEAST, (len(rows) * rng.uniform(*DENSITY, asks)).astype(np.int64))
        customer = rng.choice(rows, asks)
        begins = moments(day, hours_around(rng, world.people.peak[hired.member[customer]], np.full(asks, 4.0)))
        window = rng.uniform(*WINDOW_MINUTES, asks)
        request = np.repeat(np.arange(asks), size)
        served = self.draw_members(rows, request, rng)
        request = request[served >= 0]
        served = served[served >= 0]
        at = begins[request] + (rng.beta(1, 2.2, len(request)) * window[request] * MINUTE).astype(np.int64)
        valid = hired.serves(served, at / DAY)
        acts = self.perform(served[valid], customer[request[valid]], at[valid], request[valid], rng)
        return gather([acts, answers(world, acts, TO_SERVICES, rng)])

    @staticmethod
    def usual(members: int) -> float:
        return max(LEAST, members * sum(DENSITY) / 2)

    def draw_members(self, rows: Array, request: Array, rng: np.random.Generator) -> Array:
        """A member for each act of a request, nobody twice for the same; -1 where one would be."""
        weight = self.hired.volume[rows] / self.hired.volume[rows].sum()
        drawn = rng.choice(rows, len(request), p=weight)
        code = request * (int(rows.max()) + 1) + drawn
        first = np.zeros(len(code), dtype=bool)
        first[np.unique(code, return_index=True)[1]] = True
        told: Array = np.where(first, drawn, -1)
        return told

    def perform(self, rows: Array, customer: Array, at: Array, request: Array, rng: np.random.Generator) -> Acts:
        world, member = self.world, self.hired.member[rows]
        target = self.hired.member[customer]
        asks = int(request.max()) + 1 if len(request) else 0
        main = rng.choice([LIKE, FOLLOW, COMMENT], asks, p=self.seller.mix)[request]
        kind = np.where(rng.random(len(rows)) < MAIN, main, LIKE)
        text = np.where(kind == COMMENT, world.phrases.pick(self.seller.name, rng, len(rows)), -1)
        post = posts_unless(world.people, target, at, np.zeros(len(rows), dtype=np.int64), none=kind == FOLLOW)
        return record(
            self.rig.place(world, member, at),
            actor=member,
            target=target,
            at=at,
            kind=kind,
            post=post,
            text=text,
            origin=np.int16(self.origin),
            campaign=world.new_campaigns(asks)[request],
        )


def open_collusion(world: World, seller: Seller, count: int, rig: Rig) -> Collusion:
    hired = hire(world, seller, count)
    hand_over(world, hired, rig)
    return Collusion(world, seller, hired, rig, world.origin(f"service:{seller.name}"))
