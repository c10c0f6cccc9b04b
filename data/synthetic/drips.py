"""Slow drips: customers are dealt out to each other a few acts a day, at the owner's hours, through homes nearby."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, DAY, FOLLOW, Acts, gather, record
from data.synthetic.answers import TO_SERVICES, answers
from data.synthetic.cast import Seller
from data.synthetic.chance import Array, below, scramble
from data.synthetic.handover import hand_over
from data.synthetic.hired import Hired, hire
from data.synthetic.rhythm import hours_around, moments
from data.synthetic.rigs import Rig
from data.synthetic.ties import discoveries, posts_unless, strangers
from data.synthetic.world import World

# So many of a customer's bought acts go elsewhere, to look like anybody's.
ASTRAY = 0.12


@dataclass(frozen=True, slots=True)
class Drip:
    world: World
    seller: Seller
    hired: Hired
    rig: Rig
    origin: int

    def day(self, day: int) -> Acts:
        world, hired = self.world, self.hired
        rng = world.rng(self.seller.name, day)
        rows = hired.on(day)
        if len(rows) < 3:
            return gather([])
        rows = np.repeat(rows, rng.poisson(self.seller.per_day * hired.volume[rows]))
        member = hired.member[rows]
        at = moments(day, hours_around(rng, world.people.peak[member], world.people.width[member]))
        valid = hired.serves(rows, at / DAY)
        rows, at = rows[valid], at[valid]
        acts = self.perform(rows, self.deal(rows, day, rng), at, rng)
        return gather([acts, answers(world, acts, TO_SERVICES, rng)])

    def deal(self, rows: Array, day: int, rng: np.random.Generator) -> Array:
        """The next customers in each one's own order of all others: hardly anybody is dealt to the same one twice."""
        there = self.hired.on(day)
        order = below(scramble(rows, self.rig.salt), len(there)) + day * 7 + rng.integers(0, 7, len(rows))
        dealt = self.hired.member[there[order % len(there)]]
        people = self.world.people
        astray = discoveries(people, self.hired.member[rows], strangers(people, len(rows), rng), rng)
        told: Array = np.where(rng.random(len(rows)) < ASTRAY, astray, dealt)
        return told

    def perform(self, rows: Array, target: Array, at: Array, rng: np.random.Generator) -> Acts:
        world, member = self.world, self.hired.member[rows]
        kind = self.hired.kinds(rows, rng)
        text = np.where(kind == COMMENT, world.phrases.pick(self.seller.name, rng, len(member)), -1)
        post = posts_unless(world.people, target, at, rng.geometric(0.35, len(member)) - 1, none=kind == FOLLOW)
        return record(
            self.rig.place(world, member, at),
            actor=member,
            target=target,
            at=at,
            kind=kind,
            post=post,
            text=text,
            origin=np.int16(self.origin),
        )


def open_drip(world: World, seller: Seller, count: int, rig: Rig) -> Drip:
    hired = hire(world, seller, count)
    hand_over(world, hired, rig)
    return Drip(world, seller, hired, rig, world.origin(f"service:{seller.name}"))
