"""The people of one drill world, where they live, what they hold in their hands, and how they spend their days.

Every world draws its platform anew: how many clients, how carriers share addresses, how often people change their
phone or move house, how much they come back to the same few. A model that has seen many such worlds cannot lean on
the habits of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

DAY, HOUR = 86_400.0, 3_600.0
LIKE, FOLLOW, COMMENT, UNFOLLOW = range(4)
START = 1_780_000_000
# Ids of networks: homes, carriers, private networks, machine rooms, offices.
HOME_NETWORKS, PRIVATE_NETWORKS, MACHINE_ROOMS, OFFICES = 1_000, 68_000, 70_000, 90_000

Array = npt.NDArray[Any]  # Any: numbers of one kind each
WORDS = (
    "nice", "love this", "wow", "great shot", "haha", "so good", "congrats", "where is this", "beautiful",
    "see you soon", "miss you", "first", "cool pic", "amazing work", "need this", "thanks", "yes", "no way", "perfect",
    "same here", "how was it", "looking great", "this is the way", "send me one",
)  # fmt: skip


@dataclass(slots=True)
class People:
    """One entry per account; services and farms append and write to it."""

    country: Array
    client: Array
    next_client: Array
    client_change: Array
    device_change: Array
    move: Array
    network: Array
    next_network: Array
    carrier: Array
    mobile_share: Array
    household: Array
    private: Array
    second_device: Array
    activity: Array
    peak: Array
    width: Array
    born: Array
    followers: Array
    following: Array
    posts: Array
    role: list[str] = field(default_factory=list)
    family: list[str | None] = field(default_factory=list)
    services: list[list[str]] = field(default_factory=list)
    started: list[float | None] = field(default_factory=list)
    declared: list[bool] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.role)


@dataclass(slots=True)
class Habits:
    """What is usual on this platform."""

    days: int
    countries: int
    clients: int
    client_shares: Array
    networks: int
    carrier_prefixes: int
    prefix_hours: float
    home_lease_days: float
    known_share: float
    reply_share: float
    kinds: Array
    gap_mean: float
    gap_spread: float
    session_size: float
    post_days: float
    has_pages: bool
    # Days between releases of every client; 0: clients keep their names.
    release_days: float


def draw_habits(rng: np.random.Generator) -> Habits:
    clients = int(rng.integers(4, 26))
    return Habits(
        days=int(rng.integers(14, 61)),
        countries=int(rng.integers(1, 9)),
        clients=clients,
        client_shares=rng.dirichlet(np.full(clients, 0.6)),
        networks=int(rng.integers(2, 14)),
        carrier_prefixes=int(np.exp(rng.uniform(np.log(2), np.log(400)))),
        prefix_hours=float(np.exp(rng.uniform(np.log(0.5), np.log(48)))),
        home_lease_days=float(np.exp(rng.uniform(np.log(1), np.log(400)))),
        known_share=float(rng.uniform(0.2, 0.9)),
        reply_share=float(rng.uniform(0.02, 0.4)),
        kinds=rng.dirichlet([16, 1.5, 2.5, 0.3]),
        gap_mean=float(rng.uniform(2.2, 4.6)),
        gap_spread=float(rng.uniform(0.9, 1.9)),
        session_size=float(rng.uniform(0.5, 7)),
        post_days=float(np.exp(rng.uniform(np.log(0.2), np.log(10)))),
        has_pages=bool(rng.random() < 0.2),
        release_days=float(rng.uniform(4, 40)) if rng.random() < 0.6 else 0.0,
    )


def draw_people(rng: np.random.Generator, habits: Habits, count: int) -> People:
    def sometimes(least: float, most: float) -> Array:
        """The day on which it happens, or never."""
        return np.where(rng.random(count) < rng.uniform(least, most), rng.uniform(0, habits.days, count), 1e9)

    client = rng.choice(habits.clients, count, p=habits.client_shares)
    shared = rng.random(count) < rng.uniform(0.05, 0.4)
    return People(
        country=rng.integers(0, habits.countries, count),
        client=client,
        next_client=np.where(
            rng.random(count) < 0.8, rng.choice(habits.clients, count, p=habits.client_shares), client
        ),
        client_change=sometimes(0.05, 0.5),
        device_change=sometimes(0.02, 0.15),
        move=sometimes(0.02, 0.15),
        network=rng.integers(0, habits.networks, count),
        next_network=rng.integers(0, habits.networks, count),
        carrier=rng.integers(0, 2, count),
        mobile_share=rng.uniform(0, 0.95, count) * rng.uniform(0.1, 1),
        household=np.where(shared, rng.integers(0, max(count // 3, 1), count) + 10**6, np.arange(count)),
        private=rng.random(count) < rng.uniform(0.0, 0.1),
        second_device=rng.random(count) < rng.uniform(0.1, 0.5),
        activity=np.minimum(rng.lognormal(rng.uniform(np.log(0.04), np.log(1.5)), rng.uniform(0.8, 1.4), count), 15),
        peak=rng.normal(rng.uniform(12, 20), 3.5, count),
        width=rng.uniform(2, 5, count),
        born=START - rng.exponential(700, count) * DAY - 20 * DAY,
        followers=rng.lognormal(rng.uniform(4.5, 6.5), 1.2, count).astype(np.int64),
        following=rng.lognormal(rng.uniform(5, 6.5), 0.9, count).astype(np.int64),
        posts=rng.lognormal(rng.uniform(2.5, 4), 1.3, count).astype(np.int64),
        role=["genuine"] * count,
        family=[None] * count,
        services=[[] for _ in range(count)],
        started=[None] * count,
        declared=[False] * count,
    )


def append_young(rng: np.random.Generator, habits: Habits, people: People, count: int) -> Array:
    """Add made-up accounts of one country; returns their keys."""
    first = len(people)
    young = draw_people(rng, habits, count)
    young.country[:] = rng.integers(habits.countries)
    young.activity[:] = 0.0
    young.born[:] = START - rng.exponential(rng.uniform(30, 300), count) * DAY - 2 * DAY
    young.followers[:] = rng.lognormal(rng.uniform(3, 4.6), 1, count)
    young.following[:] = rng.lognormal(rng.uniform(5.5, 7.4), 0.7, count)
    young.posts[:] = rng.poisson(rng.choice([0.3, 3, 10]), count)
    young.role = ["farm"] * count
    for name in People.__dataclass_fields__:
        old, new = getattr(people, name), getattr(young, name)
        setattr(people, name, old + new if isinstance(old, list) else np.concatenate([old, new]))
    return np.arange(first, first + count)
