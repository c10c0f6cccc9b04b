"""Farms: accounts made to follow and like for buyers, and to hide among what is popular."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, FOLLOW, LIKE, Acts, record
from data.synthetic.cast import Seller
from data.synthetic.chance import Array, scramble, unit
from data.synthetic.rhythm import hours_around, human_gaps, lay_out, moments
from data.synthetic.rigs import Rig
from data.synthetic.ties import popular, posts_unless, strangers
from data.synthetic.world import World

BUYERS, CAMPAIGN_DAYS = 30, 9
AIMED = 0.58
BUSY = 0.55


@dataclass(frozen=True, slots=True)
class Farm:
    world: World
    seller: Seller
    accounts: Array
    buyers: Array
    campaign: Array
    opens: Array
    rig: Rig
    origin: int

    def day(self, day: int) -> Acts:
        world, seller = self.world, self.seller
        rng = world.rng(seller.name, day)
        awake = self.accounts[(world.people.born[self.accounts] <= day) & (rng.random(len(self.accounts)) < BUSY)]
        who = np.repeat(awake, rng.poisson(seller.per_day / seller.sitting / BUSY, len(awake)))
        start = moments(day, hours_around(rng, self.peaks(who), np.full(len(who), 4.5), anytime=0.25))
        size = rng.geometric(1 / seller.sitting, len(who))
        sitting, at = lay_out(start, size, human_gaps(rng, np.full(int(size.sum()), np.log(seller.gap_s)), 0.8))
        actor = who[sitting]
        target, campaign = self.aim(len(at), day, rng)
        kind = rng.choice([LIKE, FOLLOW, COMMENT], len(at), p=seller.mix)
        text = np.where(kind == COMMENT, world.phrases.pick(seller.name, rng, len(at)), -1)
        place = self.rig.place(world, who, start).take(sitting)
        return record(
            place,
            actor=actor,
            target=target,
            at=at,
            kind=kind,
            post=posts_unless(world.people, target, at, rng.geometric(0.6, len(at)) - 1, none=kind == FOLLOW),
            text=text,
            origin=np.int16(self.origin),
            campaign=campaign,
        )

    def peaks(self, who: Array) -> Array:
        if self.seller.hours == "owner":
            told: Array = self.world.people.peak[who]
            return told
        return 24 * unit(scramble(who // 7, self.rig.salt))

    def aim(self, count: int, day: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Buyers whose campaign runs, and for the rest what anybody might like."""
        people = self.world.people
        running = np.flatnonzero((self.opens <= day) & (day < self.opens + CAMPAIGN_DAYS))
        hidden = np.where(rng.random(count) < 0.7, popular(people, count, rng), strangers(people, count, rng))
        if not len(running):
            return hidden, np.full(count, -1)
        which = rng.choice(running, count)
        aimed = rng.random(count) < AIMED
        return np.where(aimed, self.buyers[which], hidden), np.where(aimed, self.campaign[which], -1)


def open_farm(world: World, seller: Seller, count: int, rig: Rig) -> Farm:
    rng = world.rng("farm", *seller.name.encode())
    accounts = world.take(count, "farm")
    people, days = world.people, world.spec.planned_days
    people.sittings[accounts] = 0.0
    people.born[accounts] = np.where(
        rng.random(len(accounts)) < 0.3,
        rng.uniform(0, 0.6 * days, len(accounts)),
        -rng.exponential(150, len(accounts)) - 5,
    )
    # One country for most, as numbers are bought in lots.
    people.country[accounts] = np.where(rng.random(len(accounts)) < 0.8, rng.integers(10), people.country[accounts])
    buyers = np.unique(rng.integers(0, len(people), max(BUYERS, count // 4)))
    name = f"farm:{seller.name}"
    for key in accounts.tolist():
        world.services[key], world.families[key] = [name], "farm"
        world.started[key] = float(max(people.born[key], -30.0))
    opens = rng.uniform(-CAMPAIGN_DAYS, days, len(buyers))
    return Farm(world, seller, accounts, buyers, world.new_campaigns(len(buyers)), opens, rig, world.origin(name))
