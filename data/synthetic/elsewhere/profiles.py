"""The accounts table: what a profile shows when the log ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.synthetic.elsewhere.chance import DAY, Floats, Ints, mix
from data.synthetic.elsewhere.lands import NAMES
from data.synthetic.elsewhere.naming import moments, texts
from data.synthetic.elsewhere.words import name
from data.synthetic.elsewhere.world import World

OLDEST = 5200.0  # days
MOST_FOLLOWED = 7500  # the platform lets nobody follow more
HUNGRY = ("customer", "heavy", "pod")


@dataclass(slots=True)
class Counts:
    """What each profile counts; `age` is days before the log's end."""

    followers: Floats
    following: Floats
    posts: Floats
    age: Floats


def draw_profiles(world: World, ids: pl.Series, code: Ints, first_seen: Floats) -> pl.DataFrame:
    """One row per account in the world's order; nobody is younger than the first thing he did (`first_seen`, s)."""
    chance, counts = world.chance, _counts(world)
    _dress_farms(world, counts)
    created = world.end - np.minimum(counts.age, OLDEST) * DAY
    created = np.minimum(created, first_seen - 90)
    known = (counts.followers > np.quantile(counts.followers, 0.997)) & (chance.random(world.size) < 0.8)
    return pl.DataFrame(
        {
            "account_id": ids,
            "created_at": moments(world, created),
            "handle": _handles(code),
            "followers": pl.Series(counts.followers.astype(np.int64)),
            "following": pl.Series(np.minimum(counts.following, MOST_FOLLOWED).astype(np.int64)),
            "posts": pl.Series(counts.posts.astype(np.int64)),
            "country": texts(list(NAMES))[world.crowd.country[: world.size]],
            "is_verified": pl.Series(known),
            "is_delegated": pl.Series(world.standing.delegated),
        }
    )


def _handles(code: Ints) -> pl.Series:
    spoken = (mix(code, 13) >> np.uint64(30)).tolist()
    return texts([f"{name(sound)}{place % 1000}" for place, sound in enumerate(spoken)])


def _counts(world: World) -> Counts:
    chance, size = world.chance, world.size
    fame, rate = np.maximum(world.crowd.fame[:size], 1), world.crowd.rate[:size]
    hungry = np.isin(world.standing.role.astype(str), HUNGRY) | (chance.random(size) < 0.12)
    age = chance.gamma(1.6, 900, size) + world.dials.days
    fresh = world.hands.born > 0
    age = np.where(fresh, world.dials.days - world.hands.born + chance.exponential(0.01, size), age)
    return Counts(
        followers=chance.lognormal(math.log(380), 1.5, size) * fame**0.5,
        following=chance.lognormal(math.log(480), 1.0, size) * np.where(hungry, chance.uniform(0.8, 2.5, size), 1),
        posts=chance.lognormal(math.log(45), 1.4, size) * np.clip(rate / 0.14, 0.3, 6) ** 0.5,
        age=age,
    )


def _dress_farms(world: World, counts: Counts) -> None:
    """Cheap lots have empty profiles and little past, aged ones have lived a little."""
    for lot in world.lots:
        if world.chance.random() < 0.5:
            _cheap(world, counts, lot)
        else:
            _aged(world, counts, lot)


def _cheap(world: World, counts: Counts, lot: Ints) -> None:
    chance, since, size = world.chance, world.hands.since[lot], len(lot)
    counts.followers[lot] = chance.lognormal(math.log(70), 0.9, size)
    counts.following[lot] = chance.lognormal(math.log(1100), 0.7, size)
    counts.posts[lot] = chance.integers(0, 6, size)
    bought_old = chance.gamma(1.2, 250, size) + world.dials.days
    counts.age[lot] = np.where(since > 0, world.dials.days - since + chance.exponential(6, size), bought_old)


def _aged(world: World, counts: Counts, lot: Ints) -> None:
    chance, size = world.chance, len(lot)
    counts.followers[lot] = chance.lognormal(math.log(240), 1.1, size)
    counts.following[lot] = chance.lognormal(math.log(800), 0.8, size)
    counts.posts[lot] = chance.lognormal(math.log(12), 1.0, size)
    counts.age[lot] = chance.gamma(1.6, 900, size) + world.dials.days
