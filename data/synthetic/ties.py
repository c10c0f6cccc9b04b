"""Towards whom people act: acquaintances near them on a ring, favourites, the popular, those of their taste."""

from __future__ import annotations

import numpy as np

from data.synthetic.acts import DAY, NOTHING
from data.synthetic.chance import Array, below, scramble, unit
from data.synthetic.people import FAME, People

REACH, NEARNESS = 44, 2.3
# Of two people near each other on the ring this share know each other; both do, or neither.
ACQUAINTED = 0.42
FAVOURITES = 26
# Everybody has so many interests, some interests have many followers, and each has a list that its followers choose
# from: of eight accounts or of two hundred, known everywhere or only among them.
INTERESTS, FOLLOWERS, CROWD, FASHION = 3, 100, 250, 1.5
SHORTEST_LIST, LONGEST_LIST, FAMOUS_IN_LIST = 8, 200, 0.4
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
    """One of the few accounts that each actor comes back to, some more than others; part of them of its taste."""
    which = (FAVOURITES * rng.random(len(actor), dtype=np.float32) ** np.float32(2.0)).astype(np.int64)
    fixed = scramble(actor, which, 5)
    tasted = unit(fixed, 1) < people.taste[actor]
    chosen = ranked(people, unit(fixed))
    rows = np.flatnonzero(tasted)
    chosen[rows] = listed(people, interest(people, actor[rows], which[rows] % INTERESTS), unit(fixed[rows], 2))
    return chosen


def discoveries(people: People, actor: Array, found: Array, rng: np.random.Generator) -> Array:
    """The accounts found otherwise, but those of the actor's taste for as many as it finds by taste."""
    rows = np.flatnonzero(rng.random(len(actor), dtype=np.float32) < people.taste[actor])
    which = (INTERESTS * rng.random(len(rows), dtype=np.float32) ** np.float32(2.4)).astype(np.int64)
    chosen = found.copy()
    chosen[rows] = listed(people, interest(people, actor[rows], which), rng.random(len(rows), dtype=np.float32))
    return chosen


def interest(people: People, actor: Array, which: Array) -> Array:
    """Which of the world's interests each actor's first, second or third is; the devoted have one, of a small crowd."""
    broad, narrow = max(8, len(people) // FOLLOWERS), max(4, len(people) // CROWD)
    devoted = people.devoted[actor]
    fixed = scramble(actor, np.where(devoted, 0, which), 21)
    fashionable = (broad * unit(fixed) ** FASHION).astype(np.int64)
    told: Array = np.where(devoted, broad + below(fixed, narrow), fashionable)
    return told


def listed(people: People, about: Array, share: Array) -> Array:
    """The account at this share of what goes to an interest's list: its first ones get the most."""
    length = SHORTEST_LIST * (LONGEST_LIST / SHORTEST_LIST) ** unit(scramble(about, 23))
    place = (length * share.astype(np.float64) ** 1.8).astype(np.int64)
    entry = scramble(about, place, 25)
    told: Array = np.where(
        unit(entry) < FAMOUS_IN_LIST, ranked(people, unit(entry, 1)), below(entry, len(people))
    ).astype(np.int32)
    return told


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
