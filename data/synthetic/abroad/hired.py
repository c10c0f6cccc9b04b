"""What all sellers share: whom they act for and when, and the seat they take in his name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import DAY, HOUR, Flags, Floats, Ints, few, fixed, fixed_part
from data.synthetic.abroad.homes import Homes, Seats
from data.synthetic.abroad.people import People, local_starts
from data.synthetic.abroad.platform import Platform
from data.synthetic.abroad.scene import Scene
from data.synthetic.abroad.sellers import Seller

_RIG = 1 << 36
FIRST_SELLER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Hire:
    """A seller with his accounts, and from when to when (seconds) each of them is in use."""

    seller: Seller
    who: Ints
    joined: Floats
    leaves: Floats

    @property
    def origin(self) -> int:
        return FIRST_SELLER + self.seller.number


def hire(rng: Generator, seller: Seller, platform: Platform, free: Ints, taken: Ints) -> Hire:
    """The accounts of one seller: from those free, and for one in seven from other sellers' customers."""
    count = _size(rng, seller, platform)
    shared = 0 if seller.family in ("farm", "pod") else min(len(taken), count // 7)
    who = np.unique(np.concatenate([few(rng, taken, shared), few(rng, free, count - shared)])).astype(np.int64)
    until = platform.days * DAY
    joined = rng.uniform(-0.5 * min(seller.stays, until), 0.85 * until, len(who))
    trial = np.where(rng.random(len(who)) < 0.4, 0.3, 1.0)
    leaves = joined + seller.stays * trial * rng.gamma(1.5, 0.7, len(who))
    if seller.family in ("farm", "pod"):
        joined, leaves = np.full(len(who), -DAY), np.full(len(who), until)
    return Hire(seller=seller, who=who, joined=joined, leaves=np.maximum(leaves, np.maximum(joined, 0) + DAY))


def _size(rng: Generator, seller: Seller, platform: Platform) -> int:
    if seller.family == "pod":
        return int(rng.integers(4, 21))
    return max(9, int(platform.accounts * seller.customers))


def sittings(rng: Generator, scene: Scene, job: Hire, events_a_day: float) -> tuple[Ints, Floats, Ints]:
    """Who, start and size of each sitting of the seller, by his hours, warm-up, daily pause and each account's stay."""
    seller, until = job.seller, scene.platform.days * DAY
    first, last = np.maximum(job.joined, 0.0), np.minimum(job.leaves, until)
    keen = rng.lognormal(-(seller.rate_sigma**2) / 2, seller.rate_sigma, len(job.who))
    wanted = keen * events_a_day * np.maximum(last - first, 0) / DAY / seller.session
    row = np.repeat(np.arange(len(job.who)), rng.poisson(np.minimum(wanted, 600)))
    day = np.floor((first[row] + (last - first)[row] * rng.random(len(row))) / DAY)
    starts = working_hours(rng, scene.people, seller, job.who[row], day)
    keep = (starts >= first[row]) & (starts < last[row]) & ~_pausing(seller, job.who[row], starts)
    keep &= rng.random(len(row)) < np.clip((starts - job.joined[row]) / seller.warm_up, 0.05, 1)
    sizes = 1 + rng.poisson(rng.gamma(2.0, seller.session / 2, len(row)))
    return job.who[row][keep], starts[keep], sizes[keep]


def working_hours(rng: Generator, people: People, seller: Seller, who: Ints, day: Floats) -> Floats:
    """A moment inside each given day by the seller's hours, or by those of the account he acts or works for."""
    if seller.hours == "customer":
        return local_starts(rng, people, who, day)
    if seller.hours == "window":
        return day * DAY + (seller.centre + seller.width * rng.standard_normal(len(who))) % 24 * HOUR
    return day * DAY + rng.random(len(who)) * DAY


def _pausing(seller: Seller, who: Ints, starts: Floats) -> Flags:
    day = np.floor(starts / DAY).astype(np.int64)
    begins = fixed(who, day, 24)
    return (starts / HOUR - begins) % 24 < seller.pause_hours


def seat(rng: Generator, homes: Homes, seller: Seller, who: Ints, at: Floats) -> Seats:
    """The seat from which the seller acts for each account at each moment."""
    own = homes.sit(rng, who, at)
    system, prefix = _network(homes, seller, who, at, own)
    return Seats(
        _device(seller, who, at, own),
        _client(homes, seller, who, at, own),
        system,
        prefix,
        homes.networks.country[system],
    )


def _network(homes: Homes, seller: Seller, who: Ints, at: Floats, own: Seats) -> tuple[Ints, Ints]:
    if seller.way == "phone":
        return own.system, own.prefix
    networks = homes.networks
    lease = np.floor((at + fixed(who, 6, 1 << 20)) / seller.address_life).astype(np.int64)
    rack = seller.systems[fixed(who, seller.number, len(seller.systems))]
    racked = networks.prefix(rack, seller.positions[fixed(who, seller.number + 9, len(seller.positions))])
    land = homes.country[who] if seller.own_country else fixed(who, lease, len(networks.homes.sizes))
    house = networks.homes.pick(land, fixed_part(who, lease + 8))
    housed = networks.prefix(house, fixed(who, lease, 1 << 20))
    main = fixed(who, lease + 5, 1000) < 1000 * seller.way_share
    racks = main if seller.way == "hosting" else ~main
    return np.where(racks, rack, house), np.where(racks, racked, housed)


def _device(seller: Seller, who: Ints, at: Floats, own: Seats) -> Ints:
    base = _RIG + (seller.number << 30)
    if seller.device_mode == "own":
        return own.device
    if seller.device_mode == "shared":
        return base + who * 31 % 4096 // seller.accounts_a_device
    age = np.floor((at + fixed(who, 4, 1 << 20)) / seller.device_life).astype(np.int64)
    return base + (1 << 28) + fixed(who, age, 1 << 28)


def _client(homes: Homes, seller: Seller, who: Ints, at: Floats, own: Seats) -> Ints:
    if seller.client_mode == "own":
        return own.client
    picked = seller.clients[fixed(who, 11, len(seller.clients))]
    return homes.clients.running(picked, at - seller.lag) if seller.client_mode == "spoof" else picked
