"""Reciprocity services: they like, follow and comment strangers from customers' accounts, so that some do it back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, DAY, FOLLOW, UNFOLLOW, Acts, gather, record
from data.synthetic.answers import TO_SERVICES, answers
from data.synthetic.cast import Seller
from data.synthetic.chance import Array, scramble, unit
from data.synthetic.handover import hand_over
from data.synthetic.hired import Hired, hire
from data.synthetic.rhythm import hours_around, lay_out, machine_gaps, moments
from data.synthetic.rigs import Rig
from data.synthetic.ties import compatriots, discoveries, favourites, posts_unless, strangers
from data.synthetic.world import World

WARM_UP_DAYS, WARM_UP = 4.0, 0.4
LANGUAGE, OWN_FEED = 0.6, 0.18
BLOCKED, BLOCK_SHARE, BLOCK_DAYS = 0.6, 0.4, (3.0, 20.0)
UNFOLLOW_HOURS = (24.0, 72.0)


@dataclass(frozen=True, slots=True)
class Reciprocity:
    world: World
    seller: Seller
    hired: Hired
    rig: Rig
    origin: int

    def day(self, day: int) -> Acts:
        """One day of the service: sittings for each customer, then what it takes back and what comes back."""
        world, seller, hired = self.world, self.seller, self.hired
        rng = world.rng(seller.name, day)
        rows = hired.on(day)
        mean = seller.per_day * hired.volume[rows] * self.held_back(rows, day) / seller.sitting
        rows = np.repeat(rows, rng.poisson(mean))
        start = moments(day, self.hours(rows, rng))
        size = rng.geometric(1 / seller.sitting, len(rows))
        sitting, at = lay_out(start, size, machine_gaps(rng, seller.gap_s, seller.gap_shape, int(size.sum())))
        served = hired.serves(rows[sitting], at / DAY)
        sitting, at = sitting[served], at[served]
        acts = self.perform(rows[sitting], at, start[sitting], rng)
        return gather([acts, self.taken_back(acts, rng), answers(world, acts, TO_SERVICES, rng)])

    def held_back(self, rows: Array, day: int) -> Array:
        """Slow at first, and just under the threshold for some days after a block."""
        age = day - self.hired.first[rows]
        told = np.where(age < WARM_UP_DAYS, WARM_UP + (1 - WARM_UP) * np.maximum(age, 0) / WARM_UP_DAYS, 1.0)
        if not self.seller.answers_to_blocks:
            return told
        bits = scramble(self.hired.member[rows], self.rig.salt + 5)
        ends = BLOCKED * self.world.spec.planned_days + BLOCK_DAYS[0] + unit(bits, 1) * (BLOCK_DAYS[1] - BLOCK_DAYS[0])
        is_blocked = (unit(bits) < BLOCK_SHARE) & (day >= BLOCKED * self.world.spec.planned_days) & (day < ends)
        slowed: Array = np.where(is_blocked, 0.3 * told, told)
        return slowed

    def hours(self, rows: Array, rng: np.random.Generator) -> Array:
        """By the seller's office, by the owner's day, or at any time but for a nightly pause of its own."""
        member, people = self.hired.member[rows], self.world.people
        if self.seller.hours == "owner":
            return hours_around(rng, people.peak[member], people.width[member] + 0.5)
        if self.seller.hours == "office":
            return hours_around(rng, np.full(len(rows), 13.0), np.full(len(rows), 3.4), anytime=0.15)
        bits = scramble(member, self.rig.salt + 7)
        pause, begins = 4 + 5 * unit(bits), 24 * unit(bits, 1)
        told: Array = (begins + pause + rng.random(len(rows)) * (24 - pause)) % 24
        return told

    def perform(self, rows: Array, at: Array, start: Array, rng: np.random.Generator) -> Acts:
        world, member = self.world, self.hired.member[rows]
        near = rng.random(len(rows)) < LANGUAGE
        everywhere = strangers(world.people, len(rows), rng)
        target = np.where(near, compatriots(world.people, member, rng), everywhere)
        # Customers name topics of their own taste; the service looks there first.
        target = discoveries(world.people, member, target, rng)
        feed = rng.random(len(rows)) < OWN_FEED
        target = np.where(feed, favourites(world.people, member, rng), target)
        kind = self.hired.kinds(rows, rng)
        text = np.where(kind == COMMENT, world.phrases.pick(self.seller.name, rng, len(rows)), -1)
        age = rng.geometric(0.5, len(rows)) - 1
        post = posts_unless(world.people, target, at, age, none=kind == FOLLOW)
        place = self.rig.place(world, member, start)
        return record(
            place, actor=member, target=target, at=at, kind=kind, post=post, text=text, origin=np.int16(self.origin)
        )

    def taken_back(self, acts: Acts, rng: np.random.Generator) -> Acts:
        chosen = (acts["kind"] == FOLLOW) & (rng.random(len(acts)) < self.seller.takes_back)
        follows = acts.take(np.flatnonzero(chosen))
        # Taken back in batches: an hour for each customer and day, a few seconds apart.
        batch = unit(scramble(follows["actor"], follows["at"] // DAY, self.rig.salt + 9)).astype(np.float64)
        hours = UNFOLLOW_HOURS[0] + (UNFOLLOW_HOURS[1] - UNFOLLOW_HOURS[0]) * batch
        wait = (hours * 3_600 + 0.15 * (follows["at"] % DAY) / 1e6 % 900).astype(np.int64)
        at = follows["at"] // DAY * DAY + wait * 1_000_000 + rng.integers(0, 1_000_000, len(follows))
        return record(
            self.rig.place(self.world, follows["actor"], at),
            actor=follows["actor"],
            target=follows["target"],
            at=at,
            kind=np.uint8(UNFOLLOW),
            origin=np.int16(self.origin),
        )


def open_reciprocity(world: World, seller: Seller, count: int, rig: Rig) -> Reciprocity:
    hired = hire(world, seller, count)
    hand_over(world, hired, rig)
    return Reciprocity(world, seller, hired, rig, world.origin(f"service:{seller.name}"))
