"""What people do on their own: sessions through the day, with friends, favourites and strangers, and answers."""

from __future__ import annotations

import numpy as np

from data.synthetic.drills.platform import COMMENT, DAY, HOUR, LIKE, START, Array, Habits
from data.synthetic.drills.world import World


def draw_circles(rng: np.random.Generator, habits: Habits, count: int) -> list[Array]:
    """For each person the accounts it comes back to: mostly its own crowd, some from elsewhere."""
    crowd = rng.integers(0, max(count // 60, 1), count)
    members = [np.flatnonzero(crowd == place) for place in range(int(crowd.max()) + 1)]
    most = 6 if habits.has_pages else 40
    sizes = rng.integers(2, most, count)
    told = []
    for key in range(count):
        near = members[crowd[key]]
        inside = rng.choice(near, min(len(near), int(sizes[key] * 0.6) + 1))
        told.append(np.unique(np.concatenate([inside, rng.integers(0, count, int(sizes[key] * 0.4) + 1)])))
    return told


def session_times(world: World, key: int, days: tuple[int, int], share: float) -> Array:
    """Moments of a person's acts between two days."""
    rng, people, habits = world.rng, world.people, world.habits
    first, last = days
    count = rng.poisson(people.activity[key] * 0.7 * share * (last - first))
    if count == 0:
        return np.zeros(0)
    hour = rng.normal(people.peak[key], people.width[key], count) % 24
    starts = START + rng.integers(first, last, count) * DAY + hour * HOUR
    sizes = 1 + rng.poisson(habits.session_size, count)
    gaps = [rng.lognormal(habits.gap_mean, habits.gap_spread, size) for size in sizes]
    return np.concatenate([start + np.cumsum(gap) for start, gap in zip(starts, gaps, strict=True)])


def live(world: World, key: int, days: tuple[int, int] | None = None, share: float = 1.0) -> None:
    """Add one person's own acts, and the answers that some of them get."""
    rng, habits = world.rng, world.habits
    at = session_times(world, key, days or (0, habits.days), share)
    count = len(at)
    if count == 0:
        return
    is_known = rng.random(count) < habits.known_share
    target = np.where(is_known, rng.choice(world.circles[key], count), world.popular(count))
    kind = rng.choice(4, count, p=habits.kinds)
    world.own(key, target, at, kind, text=np.where(kind == COMMENT, world.words(count), ""))
    answered = is_known & (rng.random(count) < habits.reply_share)
    if answered.any() and not habits.has_pages:
        answer(world, key, target[answered], at[answered], LIKE)


def answer(world: World, key: int, who: Array, at: Array, kind: Array | int) -> None:
    """Others act back on the account, some hours later, from where they live."""
    others = who != key
    if others.any():
        delay = world.rng.lognormal(9.3, 2, int(others.sum()))
        told = kind[others] if isinstance(kind, np.ndarray) else kind
        world.own(who[others], np.full(int(others.sum()), key), at[others] + delay, told)
