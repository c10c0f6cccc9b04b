"""Towards whom people act: acquaintances who live near them on a ring, favourites, the popular, and strangers."""

from __future__ import annotations

import numpy as np

from data.synthetic.acts import DAY, NOTHING
from data.synthetic.chance import Array, scramble, unit
from data.synthetic.people import FAME, People

REACH, NEARNESS = 44, 2.3
# Of two people near each other on the ring this share know each other; both do, or neither.
ACQUAINTED = 0.42
FAVOURITES = 26
# Post codes leave room for a million posts of each account.
POSTS, POST_OFFSET = 2**20, 2_000


def acquaintances(people: People, actor: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Somebody whom each actor knows, and whether one was found in three tries."""
    count = len(actor)
    chosen, found = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=bool)
    rows = np.arange(count)
    for _ in range(3):
        who = actor[rows]
        steps = 1 + (REACH * rng.random(len(rows), dtype=np.float32) ** np.float32(NEARNESS)).astype(np.int32)
        steps *= np.where(rng.random(len(rows), dtype=np.float32) < 0.5, 1, -1).astype(np.int32)
        other = people.ring[(people.place[who] + steps) % len(people)]
        known = unit(scramble(np.minimum(who, other), np.maximum(who, other))) < ACQUAINTED
        chosen[rows[known]] = other[known]
        found[rows[known]] = True
        rows = rows[~known]
    return chosen, found


def favourites(people: People, actor: Array, rng: np.random.Generator) -> Array:
    """One of the few accounts that each actor comes back to, some more than others."""
    which = (FAVOURITES * rng.random(len(actor), dtype=np.float32) ** np.float32(2.0)).astype(np.int64)
    return ranked(people, unit(scramble(actor, which, 5)))


def popular(people: People, count: int, rng: np.random.Generator) -> Array:
    return ranked(people, rng.random(count, dtype=np.float32))


def ranked(people: People, share: Array) -> Array:
    """The account at this share of all that goes to the popular."""
    place = (len(people) * share.astype(np.float64) ** FAME).astype(np.int64)
    told: Array = people.by_rank[place]
    return told


def strangers(people: People, count: int, rng: np.random.Generator) -> Array:
    return rng.integers(0, len(people), count, dtype=np.int32)


def compatriots(people: People, actor: Array, rng: np.random.Generator, reach: int = 4_000) -> Array:
    """Somebody of the actor's country, most of the time: within some thousand places of the ring."""
    reach = max(2, min(reach, len(people) // 12))
    steps = rng.integers(-reach, reach, len(actor))
    told: Array = people.ring[(people.place[actor] + steps) % len(people)]
    return told


def posts(people: People, target: Array, at: Array, age: Array) -> Array:
    """The post of the target that is so many posts old at that time."""
    phase = unit(scramble(target, 9)).astype(np.float64)
    number = np.floor(at / DAY / people.posts_every[target] + phase).astype(np.int64) + POST_OFFSET - age
    return target.astype(np.int64) * POSTS + np.maximum(number, 0)


def posts_unless(people: People, target: Array, at: Array, age: Array, *, none: Array) -> Array:
    """As posts; nothing where there is none, as for a follow."""
    return np.where(none, NOTHING, posts(people, target, at, age))
