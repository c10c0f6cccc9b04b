"""Crowds that look arranged and are not: fans, entrants of giveaways, classes and teams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, DAY, FOLLOW, HOUR, LIKE, MINUTE, SECOND, Acts, gather, record
from data.synthetic.answers import owners_acts, taken_back
from data.synthetic.chance import Array
from data.synthetic.rhythm import hours_around, moments
from data.synthetic.ties import POSTS
from data.synthetic.whereabouts import own_place
from data.synthetic.world import World

FAN_POSTS_A_DAY, FAN_MINUTES = 0.4, 28.0
STAR_POST, GIVEAWAY_POST = 700_000, 800_000


@dataclass(frozen=True, slots=True)
class Fans:
    """The same people on each post of one star, most of them within the hour."""

    world: World
    number: int
    star: int
    crowd: Array
    eager: Array

    def day(self, day: int) -> Acts:
        rng = self.world.rng("fans", self.number, day)
        parts = [self.react(day, post, rng) for post in range(rng.poisson(FAN_POSTS_A_DAY))]
        return gather(parts)

    def react(self, day: int, post: int, rng: np.random.Generator) -> Acts:
        posted = moments(day, 8 + 14 * rng.random(1))
        actor = self.crowd[rng.random(len(self.crowd)) < self.eager]
        wait = FAN_MINUTES * MINUTE * np.exp(1.2 * rng.standard_normal(len(actor)))
        at = posted + wait.astype(np.int64)
        kind = np.where(rng.random(len(actor)) < 0.88, LIKE, COMMENT)
        text = np.where(kind == COMMENT, self.world.phrases.pick("people", rng, len(actor)), -1)
        number = self.star * POSTS + STAR_POST + day * 64 + post
        place = own_place(self.world, actor, at)
        return record(place, actor=actor, target=self.star, at=at, kind=kind, post=number, text=text)


@dataclass(frozen=True, slots=True)
class Giveaway:
    """Hundreds follow the same few shops within a day or two, say so, and some leave when it is over."""

    world: World
    number: int
    opens: int
    shops: Array
    crowd: Array
    lasts_hours: float

    def day(self, day: int) -> Acts:
        if day != self.opens:
            return gather([])
        world, rng = self.world, self.world.rng("giveaway", self.number)
        follows_all = np.repeat(self.crowd, len(self.shops))
        came = day * DAY + ((9 + self.lasts_hours * rng.beta(1, 1.8, len(self.crowd))) * HOUR).astype(np.int64)
        order = np.tile(np.arange(len(self.shops)), len(self.crowd))
        at = np.repeat(came, len(self.shops)) + ((order * 9 + rng.uniform(0, 8, len(order))) * SECOND).astype(np.int64)
        kept = rng.random(len(at)) < 0.93
        follows = owners_acts(
            world,
            rng,
            follows_all[kept],
            np.tile(self.shops, len(self.crowd))[kept],
            at=at[kept],
            kind=np.full(kept.sum(), FOLLOW),
        )
        entries = record(
            own_place(world, self.crowd, came),
            actor=self.crowd,
            target=self.shops[0],
            at=came + 95 * SECOND,
            kind=np.uint8(COMMENT),
            post=int(self.shops[0]) * POSTS + GIVEAWAY_POST + self.number,
            text=world.phrases.pick("entry", rng, len(self.crowd)),
        )
        leaves = taken_back(world, follows, 0.3, rng.uniform(2, 12, len(follows)))
        return gather([follows, entries, leaves])


@dataclass(frozen=True, slots=True)
class Community:
    """A class or a team: everybody with everybody, over and over, in breaks and in the evening."""

    world: World
    number: int
    members: Array
    talkative: Array
    hour: float

    def day(self, day: int) -> Acts:
        world, rng = self.world, self.world.rng("community", self.number, day)
        actor = np.repeat(self.members, rng.poisson(self.talkative * (1.2 if day % 7 < 5 else 0.5)))
        peak = np.where(rng.random(len(actor)) < 0.5, self.hour, world.people.peak[actor])
        at = moments(day, hours_around(rng, peak, np.full(len(actor), 1.6), anytime=0.05))
        target = rng.choice(self.members, len(actor))
        kind = rng.choice([LIKE, COMMENT, FOLLOW], len(actor), p=[0.68, 0.29, 0.03])
        return owners_acts(world, rng, actor, target, at=at, kind=kind)


def draw_fans(world: World, number: int) -> Fans:
    rng = world.rng("fan club", number)
    count = int(np.clip(world.spec.accounts * rng.uniform(0.008, 0.03), 20, 1_800))
    crowd = world.take(count, "fan")
    return Fans(world, number, int(world.people.by_rank[number * 2]), crowd, rng.beta(1.4, 2.2, len(crowd)))


def draw_giveaway(world: World, number: int) -> Giveaway:
    rng = world.rng("giveaway plan", number)
    crowd = world.take(int(np.clip(world.spec.accounts * rng.uniform(0.01, 0.02), 20, 600)), "giveaway")
    shops = world.people.by_rank[rng.integers(0, max(20, len(world.people) // 5), int(rng.integers(3, 8)))]
    opens = int(rng.uniform(1, world.spec.planned_days - 3))
    return Giveaway(world, number, opens, np.unique(shops).astype(np.int64), crowd, float(rng.uniform(6, 40)))


def draw_community(world: World, number: int) -> Community:
    """People of one place; most of a class are on the network of their school by day."""
    rng = world.rng("community plan", number)
    members = world.take(int(rng.integers(11, 33)), "community")
    people, atlas = world.people, world.atlas
    country = int(rng.integers(10))
    people.country[members] = country
    if rng.random() < 0.6:
        at_school = members[rng.random(len(members)) < 0.8]
        people.site[at_school] = int(atlas.homes[country, 3] + rng.integers(atlas.home_counts[country, 3]))
    talkative = rng.gamma(1.6, 1.1, len(members))
    return Community(world, number, members, talkative, float((13 - 3 * rng.random()) % 24))
