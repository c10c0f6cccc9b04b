"""Genuine crowds: fans of stars, giveaways, posts that go viral, and communities that like all of each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.acts import COMMENT, FOLLOW, LIKE, UNFOLLOW, acts
from data.synthetic.elsewhere.chance import DAY, HOUR, Floats, Ints
from data.synthetic.elsewhere.world import World

DESCRIBED_SIZE = 6000  # crowds are drawn for a platform of this many accounts and scaled to the world's


@dataclass(frozen=True, slots=True)
class Fans:
    """A star and its core of fans."""

    star: int
    core: Ints


@dataclass(frozen=True, slots=True)
class Club:
    """Members who like each other's posts: with which chance, and how many hours later."""

    members: Ints
    chance: float
    delay: float


@dataclass(frozen=True, slots=True)
class Reaction:
    """Chances of each kind in one crowd."""

    like: float = 0.8
    comment: float = 0.1
    follow: float = 0.0


def cast_fans(world: World) -> list[Fans]:
    """Give the best-known ids their fans and a steady rate of posts."""
    chance = world.chance
    stars = np.argsort(-world.crowd.fame)[: int(chance.integers(8, 16))]
    world.crowd.rate[stars] = chance.uniform(0.4, 1.8, len(stars))
    return [Fans(int(star), _core(world, int(star))) for star in stars]


def _core(world: World, star: int) -> Ints:
    core = world.some(scaled(world, int(world.chance.integers(15, 110))), near=star)
    _name(world, core, "fan")
    return core


def cast_clubs(world: World) -> list[Club]:
    """Form classes, teams and clubs; half of them share an office's network."""
    count = max(3, int(world.size / world.dials.trade.club_every))
    return [_club(world) for _ in range(count)]


def _club(world: World) -> Club:
    chance, size = world.chance, int(world.chance.integers(7, 30))
    start = int(chance.integers(0, world.size - size))
    neighbours = world.ties.ring[start : start + size]
    members = neighbours if chance.random() < 0.7 else world.some(size)
    members = members[~world.standing.made_up[members]]
    world.crowd.rate[members] = np.maximum(world.crowd.rate[members], chance.uniform(0.1, 0.7, len(members)))
    if chance.random() < 0.5:
        world.places.works[members] = True
        world.places.office[members], world.places.office_slot[members] = chance.choice(world.networks.offices), 1
    _name(world, members, "community")
    return Club(members, chance.uniform(0.25, 0.85), chance.uniform(0.3, 6))


def _name(world: World, who: Ints, role: str) -> None:
    world.standing.role[who[world.standing.role[who] == "genuine"]] = role


def scaled(world: World, count: float) -> int:
    """A crowd's size on this platform."""
    return int(count * world.size / DESCRIBED_SIZE)


def react(world: World, who: Ints, target: Ints, at: Floats, reaction: Reaction) -> None:
    """Write genuine people, each for itself, on the newest post of the targets."""
    chance, awake = world.chance, world.clock.awake(who, at)
    for kind, share in ((LIKE, reaction.like), (FOLLOW, reaction.follow), (COMMENT, reaction.comment)):
        moved = chance.random(len(who)) < share
        later = awake[moved] + (chance.exponential(20, moved.sum()) if kind != LIKE else 0)
        world.write(acts(who[moved], target[moved], later, kind, back=0.0))


def cheer(world: World, following: list[Fans]) -> None:
    """Write the core of fans under nearly every post of its star, and a wider circle now and then."""
    for fans in following:
        wide = world.some(scaled(world, 250), near=fans.star)
        minutes, keen = world.chance.uniform(6, 30), world.chance.beta(2.5, 2, len(fans.core)) * world.dials.zeal
        loyal = Reaction(0.97, world.chance.uniform(0.03, 0.15))
        _under_posts(world, fans.star, fans.core, keen, delay=minutes * 60, reaction=loyal)
        rare = np.full(len(wide), 0.06 * world.dials.zeal)
        _under_posts(world, fans.star, wide, rare, delay=2 * HOUR, reaction=Reaction(comment=0.05))


def _under_posts(world: World, star: int, fans: Ints, keen: Floats, *, delay: float, reaction: Reaction) -> None:
    chance, posts = world.chance, world.posts.during(np.array([star]))
    post, fan = np.nonzero(chance.random((len(posts), len(fans))) < keen)
    at = posts.at[post] + chance.lognormal(math.log(delay), 0.9, len(post))
    react(world, fans[fan], np.full(len(fan), star), at, reaction)


def meet(world: World, clubs: list[Club]) -> None:
    """Write the likes and comments of communities."""
    chance = world.chance
    for club in clubs:
        posts = world.posts.during(club.members)
        keen = np.clip(chance.normal(club.chance, 0.2, len(club.members)), 0.03, 0.97) * world.dials.zeal
        post, member = np.nonzero(chance.random((len(posts), len(club.members))) < keen)
        at = posts.at[post] + chance.lognormal(math.log(club.delay * HOUR), 1.2, len(post))
        react(world, club.members[member], posts.owner[post], at, Reaction(0.95, chance.uniform(0.05, 0.3)))


def give_away(world: World) -> None:
    """Write giveaways: strangers follow and comment one host, often a whole list of sponsors, within a day or two."""
    for _ in range(int(world.chance.integers(4, 10))):
        _giveaway(world)


def _giveaway(world: World) -> None:
    chance = world.chance
    sponsors = 1 if chance.random() < 0.4 else int(chance.integers(3, 16))
    hosts = world.ties.strangers(chance.integers(0, world.size, sponsors))
    who = world.some(scaled(world, int(chance.integers(40, 260))), near=int(hosts[0]))
    entered = who[world.standing.role[who] == "genuine"]
    world.standing.role[entered[: len(entered) // 3]] = "giveaway"
    start = chance.uniform(1, max(2, world.dials.days - 3)) * DAY
    arrival = world.clock.awake(who, start + chance.exponential(chance.uniform(0.2, 0.8) * DAY, len(who)))
    person, sponsor = np.nonzero(chance.random((len(who), len(hosts))) < 0.85)
    at = arrival[person] + sponsor * chance.uniform(6, 40) + chance.exponential(4, len(person))
    actor, target = who[person], hosts[sponsor]
    world.write(acts(actor, target, at, FOLLOW))
    _enter(world, actor[sponsor == 0], target[sponsor == 0], at[sponsor == 0])
    left = chance.random(len(person)) < 0.3
    later = world.clock.awake(actor[left], at[left] + chance.uniform(2, 9, left.sum()) * DAY)
    world.write(acts(actor[left], target[left], later, UNFOLLOW))


def _enter(world: World, actor: Ints, host: Ints, at: Floats) -> None:
    entries = world.words.entries
    text = entries.start + world.chance.integers(0, entries.size, len(actor))
    world.write(acts(actor, host, at + 15, LIKE, back=0.0))
    world.write(acts(actor, host, at + 40, COMMENT, back=0.0, text=text))


def go_viral(world: World) -> None:
    """Write posts that hundreds of strangers like within hours."""
    chance = world.chance
    for _ in range(int(chance.integers(4, 9))):
        who = world.some(scaled(world, int(chance.integers(80, 420))))
        target = np.repeat(world.ties.strangers(who[:1]), len(who))
        start = chance.uniform(1, world.dials.days - 1) * DAY
        at = start + chance.gamma(1.2, chance.uniform(1, 6) * HOUR, len(who))
        react(world, who, target, at, Reaction(0.9, 0.15, 0.2))
