"""Ordinary life: sittings of thumbs on friends, creators and strangers, busy likers and sprees of follows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.acts import COMMENT, FOLLOW, LIKE, UNFOLLOW, Acts, acts
from data.synthetic.elsewhere.chance import DAY, Floats, Ints, below, running, spread, unit
from data.synthetic.elsewhere.ties import CIRCLE, CREATORS
from data.synthetic.elsewhere.world import World


@dataclass(frozen=True, slots=True)
class Thumbs:
    """Taps laid out over sittings: the row of the plan each belongs to, its place in the sitting, and its time."""

    row: Ints
    position: Ints
    at: Floats


def live(world: World, who: Ints, total: Floats) -> None:
    """Write the ordinary life of these accounts, about `total` engagements each."""
    chance = world.chance
    thumbs = _sittings(world, who, total)
    actor = who[thumbs.row]
    kin = chance.random(len(actor))
    hold = (chance.random(len(actor)) < 0.3) & (thumbs.position > 0)  # looking through one person's page
    met = _met(world, actor, kin)
    target = np.where(hold, np.roll(met, 1), met)
    kind = _done(world, actor, kin < world.hands.where[actor, 0])
    rows = acts(actor, target, thumbs.at, kind, back=np.where(hold, 4.0, 1.2))
    world.write(rows, answerable=0.7)
    regretted = (kind == FOLLOW) & (chance.random(len(actor)) < world.dials.habits.regret)
    _take_back(world, rows.take(regretted), chance.lognormal(math.log(3 * DAY), 1.2, regretted.sum()))


def _sittings(world: World, who: Ints, total: Floats) -> Thumbs:
    chance, hands, seed = world.chance, world.hands, world.dials.seed
    row, _ = spread(chance.poisson(total / hands.sitting[who]))
    actor = who[row]
    full_day = unit(actor, chance.integers(0, 6, len(actor)), seed, 21)
    part = np.where(chance.random(len(actor)) < 0.45, full_day, chance.random(len(actor)))
    start = world.clock.moments(actor, hands.since[actor] + part * (hands.until[actor] - hands.since[actor]))
    start = np.where(start < hands.since[actor] * DAY, start + DAY, start)
    sitting, position = spread(np.minimum(chance.geometric(1 / hands.sitting[actor]), 250))
    thumb = actor[sitting]
    gap = chance.lognormal(np.log(hands.thumb[thumb]), hands.thumb_spread[thumb])
    gap = np.where(chance.random(len(thumb)) < 0.07, gap + chance.uniform(60, 900, len(thumb)), gap)
    at = start[sitting] + running(np.maximum(gap, 0.8), sitting, position)
    return Thumbs(row[sitting], position, at)


def _met(world: World, actor: Ints, kin: Floats) -> Ints:
    chance, shares = world.chance, world.hands.where[actor]
    friend = np.minimum((chance.exponential(6, len(actor))).astype(np.int64), CIRCLE - 1)
    creator = np.minimum((chance.exponential(9, len(actor))).astype(np.int64), CREATORS - 1)
    known = np.where(kin < shares[:, 0], world.ties.circle[actor, friend], world.ties.creators[actor, creator])
    return np.where(kin < shares[:, 1], known, world.ties.strangers(actor))


def _done(world: World, actor: Ints, friends: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    chance, size = world.chance, len(actor)
    rest = np.where(chance.random(size) < 0.5, FOLLOW, COMMENT)
    kind = np.where(chance.random(size) < world.hands.does[actor, 0], LIKE, rest)
    followed_long_ago = (kind == FOLLOW) & friends & (chance.random(size) < 0.6)
    return np.where(followed_long_ago, COMMENT, kind)


def _take_back(world: World, follows: Acts, delay: Floats) -> None:
    at = world.clock.awake(follows.actor, follows.at + delay)
    world.write(acts(follows.actor, follows.target, at, UNFOLLOW))


@dataclass(frozen=True, slots=True)
class Bout:
    """A day of much tapping: how many taps, in sittings of how many, seconds between taps and their spread."""

    day: Floats
    taps: Floats
    sitting: Floats
    thumb: Floats
    thumb_spread: float


def by_hand(world: World, who: Ints, bout: Bout) -> Thumbs:
    """Lay the taps of a bout, one row per account and day, out over long sittings."""
    chance = world.chance
    sittings = np.maximum(1, np.rint(bout.taps / bout.sitting)).astype(np.int64)
    row, _ = spread(sittings)
    start = world.clock.moments(who[row], bout.day[row])
    place, position = spread(np.maximum(1, chance.poisson((bout.taps / sittings)[row])))
    gap = chance.lognormal(np.log(bout.thumb[row][place]), bout.thumb_spread)
    gap = np.where(chance.random(len(place)) < 0.03, gap + chance.uniform(60, 600, len(place)), gap)
    return Thumbs(row[place], position, start[place] + running(np.maximum(gap, 0.7), place, position))


def like_all_day(world: World, who: Ints) -> None:
    """Write the busy ones: hundreds a day by thumb, and some grow by hand, following strangers and dropping them."""
    chance, size, seed = world.chance, len(who), world.dials.seed
    days_on = (
        chance.random((size, world.dials.days)) < chance.uniform(0.15, 0.6, size)[:, None] * world.dials.habits.organic
    )
    row, day = np.nonzero(days_on)
    volume = np.clip(chance.lognormal(math.log(420), 0.35, size), 250, 900)[row] * chance.uniform(0.6, 1.2, len(row))
    volume = np.where(chance.random(size)[row] < 0.45, volume * 0.3, volume)
    thumb = np.clip(chance.lognormal(math.log(6), 0.9, size), 1.2, 60)[row]
    sitting = chance.uniform(25, 140, size)[row]
    thumbs = by_hand(world, who[row], Bout(day.astype(np.float64), volume, sitting, thumb, 0.7))
    actor = who[row][thumbs.row]
    part = chance.random(len(actor))
    grows = unit(actor, seed, 31) < 0.6
    kind = np.where(grows & (part < 0.25), FOLLOW, np.where(part > 0.97, COMMENT, LIKE))
    strange = chance.random(len(actor)) < unit(actor, seed, 32) * 0.9
    creator = world.ties.creators[actor, chance.integers(0, CREATORS, len(actor))]
    rows = acts(actor, np.where(strange, world.ties.strangers(actor), creator), thumbs.at, kind, back=4.0)
    world.write(rows, answerable=0.9)
    dropped = (kind == FOLLOW) & (chance.random(len(actor)) < 0.65)
    _take_back(world, rows.take(dropped), chance.uniform(1, 6, dropped.sum()) * DAY)


def follow_spree(world: World, who: Ints, day: Floats, plan: Floats) -> None:
    """Write sprees of about `plan` follows: newcomers, and people with a new interest; some unfollow later."""
    chance, seed, ties = world.chance, world.dials.seed, world.ties
    thumb = np.clip(chance.lognormal(math.log(5), 0.7, len(who)), 1.2, 40)
    thumbs = by_hand(world, who, Bout(day, plan * world.dials.zeal, np.full(len(who), 35.0), thumb, 0.8))
    actor = who[thumbs.row]
    size = len(actor)
    next_day = (unit(actor, thumbs.row, 41) < 0.5) & (chance.random(size) < 0.5)
    strangers = ties.strangers(actor, below(world.dials.topics, actor, seed, 42))
    friends = ties.circle[actor, chance.integers(0, CIRCLE, size)]
    others = np.where(chance.random(size) < 0.6, strangers, friends)
    target = np.where(chance.random(size) < 0.4, ties.celebrities(actor), others)
    kind = np.where(chance.random(size) < 0.75, FOLLOW, LIKE)
    rows = acts(actor, target, thumbs.at + next_day * DAY, kind)
    world.write(rows, answerable=1.0)
    dropped = (kind == FOLLOW) & (unit(actor, seed, 43) < 0.4) & (chance.random(size) < 0.5)
    _take_back(world, rows.take(dropped), chance.uniform(1.5, 12, dropped.sum()) * DAY)
