"""Everybody in a world: where they live, what they hold in their hands, how lively they are, when, and towards whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.chance import Array, stream
from data.synthetic.places import COUNTRIES, OFFSETS, PROVIDER_SHARES

NEVER = np.float32(1e9)
# No platform of this kind is older; a load refuses accounts from before 2004.
OLDEST_DAYS = 8_000
# Engagements of an account in 31 days have median 2 and 95 % point 98 (Wikipedia); the tail is cut at its 99 % point.
LIVELY_MEDIAN, LIVELY_SPREAD, LIVELY_MOST, LIVELY_DAYS = 4.0, 1.95, 273.0, 31.0
# Nobody's rank-size curve: the top 0.5 % receive 30 % of what goes to the popular.
FAME = 4.4
ANDROID, IPHONE, WEB = range(3)
# Couples, shops and clubs: a second person acts for so many accounts, and nobody declared it.
HELPED = 0.06
# Cheap phones of some makes all report the same device id.
BLANK, BLANK_IDS = 0.05, 5
# How much is found by taste differs from platform to platform; a quarter of all people follow one small crowd's list.
BY_TASTE, DEVOTED = (0.3, 1.0), 0.8
ROLES = (
    *("genuine", "customer", "farm", "pod", "agency_client", "heavy", "fan", "giveaway", "community", "newcomer"),
    *("traveller", "celebrity"),
)
ROLE = {name: code for code, name in enumerate(ROLES)}


@dataclass(slots=True)
class People:
    """One entry per account in each column. Days are counted from the start of the world; hours are in UTC."""

    country: Array
    place: Array  # on the ring of acquaintance
    ring: Array
    by_rank: Array
    rank: Array
    sittings: Array  # a day
    size: Array  # engagements in a sitting
    gap: Array  # log of seconds
    peak: Array
    width: Array
    friends: Array  # share of engagements with acquaintances, and so on
    favourites: Array
    explores: Array
    keen: Array  # share of follows among first meetings
    talks: Array  # comments as a multiple of the usual; half hardly ever do
    system: Array
    lag: Array  # days behind a release
    second: Array
    helper: Array  # whose phone and home a second person acts from, or -1; since when; how often
    helped_from: Array
    helped_share: Array
    device_change: Array
    blank: Array  # number of a device id that many phones of one make report, or -1
    head: Array  # whose device the household shares
    household: Array
    provider: Array
    lease: Array
    move: Array
    carrier: Array
    mobile: Array
    visits: Array  # share of half days spent on others' networks
    site: Array  # prefix of an office, a school or a private network, or -1
    site_share: Array
    travel_first: Array
    travel_last: Array
    travel_to: Array
    born: Array
    posts_every: Array
    declared: Array
    role: Array
    taste: Array  # share of new accounts, and of favourites, that are of a list which others of the same taste share
    devoted: Array  # who has one taste only, which a small crowd shares

    def __len__(self) -> int:
        return len(self.country)


def draw_people(seed: int, count: int, days: int, liveliness: float) -> People:
    """Draw everybody as ordinary people; roles are cast afterwards."""
    rng = stream(seed, "people")

    def some_day(share: float) -> Array:
        return np.where(rng.random(count) < share, rng.uniform(0, days, count), NEVER).astype(np.float32)

    country = rng.choice(len(COUNTRIES), count, p=[share for _, share, _ in COUNTRIES]).astype(np.int8)
    ring = np.argsort(country, kind="stable").astype(np.int32)
    by_rank = rng.permutation(count).astype(np.int32)
    monthly = np.minimum(rng.lognormal(np.log(LIVELY_MEDIAN), LIVELY_SPREAD, count), LIVELY_MOST)
    size = np.clip(rng.lognormal(np.log(2.6), 0.6, count), 1.1, 14)
    household, head = draw_households(rng, count)
    towards = rng.dirichlet([3.2, 2.8, 1.9, 1.3], count)
    own = stream(seed, "tastes")
    tasteful, platform = own.beta(1.4, 1.0, count), own.uniform(*BY_TASTE)
    return People(
        country=country,
        place=inverse(ring),
        ring=ring,
        by_rank=by_rank,
        rank=inverse(by_rank),
        sittings=(liveliness * monthly / LIVELY_DAYS / size).astype(np.float32),
        size=size.astype(np.float32),
        gap=rng.normal(np.log(22), 0.65, count).astype(np.float32),
        peak=((rng.normal(18, 3.6, count) - OFFSETS[country]) % 24).astype(np.float32),
        width=rng.uniform(2.2, 6.0, count).astype(np.float32),
        friends=towards[:, 0].astype(np.float32),
        favourites=towards[:, 1].astype(np.float32),
        explores=towards[:, 2].astype(np.float32),
        keen=rng.beta(1.2, 4.5, count).astype(np.float32),
        talks=rng.gamma(0.45, 2.2, count).astype(np.float32),
        system=rng.choice(3, count, p=[0.58, 0.38, 0.04]).astype(np.int8),
        lag=draw_lags(rng, count),
        second=rng.random(count) < 0.3,
        helper=np.where(rng.random(count) < HELPED, rng.integers(0, count, count), -1).astype(np.int32),
        helped_from=np.where(rng.random(count) < 0.5, -1.0, rng.uniform(0, days, count)).astype(np.float32),
        helped_share=rng.beta(1.3, 1.8, count).astype(np.float32),
        device_change=some_day(0.0016 * days),
        blank=np.where(rng.random(count) < BLANK, rng.integers(0, BLANK_IDS, count), -1).astype(np.int32),
        head=head,
        household=household,
        provider=rng.choice(len(PROVIDER_SHARES), count, p=PROVIDER_SHARES).astype(np.int8)[household],
        lease=np.exp(rng.uniform(np.log(1.0), np.log(240), count)).astype(np.float32)[household],
        move=some_day(0.0012 * days),
        carrier=(rng.random(count) < 0.4).astype(np.int8),
        mobile=rng.beta(1.0, 1.6, count).astype(np.float32),
        visits=rng.beta(0.9, 4.0, count).astype(np.float32),
        site=np.full(count, -1, dtype=np.int32),
        site_share=rng.uniform(0.3, 0.95, count).astype(np.float32),
        travel_first=np.full(count, NEVER),
        travel_last=np.full(count, NEVER),
        travel_to=np.zeros(count, dtype=np.int8),
        born=-np.minimum(20 + rng.exponential(800, count), OLDEST_DAYS).astype(np.float32),
        posts_every=np.exp(rng.normal(np.log(7), 1.1, count)).astype(np.float32),
        declared=np.zeros(count, dtype=bool),
        role=np.zeros(count, dtype=np.int8),
        taste=(tasteful * platform).astype(np.float32),
        devoted=tasteful > DEVOTED,
    )


def inverse(order: Array) -> Array:
    told = np.empty(len(order), dtype=np.int32)
    told[order] = np.arange(len(order), dtype=np.int32)
    return told


def draw_lags(rng: np.random.Generator, count: int) -> Array:
    """Most update within days, some within months, and 2 % not for a year."""
    lag = rng.exponential(4, count)
    slow = rng.random(count)
    lag = np.where(slow < 0.28, rng.uniform(0, 60, count), lag)
    return np.where(slow < 0.02, rng.uniform(90, 320, count), lag).astype(np.float32)


def draw_households(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Under whose roof everybody lives, and whose device those use who share one (or -1)."""
    roof = np.arange(count, dtype=np.int32)
    shared = np.flatnonzero(rng.random(count) < 0.38)
    rng.shuffle(shared)
    sizes = rng.choice([2, 3, 4, 5], len(shared) // 2 + 1, p=[0.45, 0.27, 0.18, 0.1])
    home = np.repeat(np.arange(len(sizes)), sizes)[: len(shared)]
    first = np.concatenate([[0], np.cumsum(sizes)])[home].astype(np.int64)
    roof[shared] = shared[first]
    lends = rng.random(count) < 0.25
    head = np.where((roof != np.arange(count)) & lends[roof], roof, -1)
    return roof, head.astype(np.int32)
