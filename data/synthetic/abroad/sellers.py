"""The sellers of one seed: three to eight trades, each with its own way in, programs, hours and prices in effort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import DAY, HOUR, Floats, Ints, log_uniform, whole
from data.synthetic.abroad.clients import odd_client
from data.synthetic.abroad.homes import Homes

FAMILIES = ("reciprocity", "collusion", "farm", "pod", "drip")
# The traits have the types of the fields of Seller they fill, which one mapping cannot say.
Traits = dict[str, Any]
_WAYS = ("hosting", "residential", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """One seller. Shares lie between 0 and 1, times are seconds, rates are a day and customer."""

    number: int
    name: str
    family: str
    way: str
    way_share: float
    client_mode: str
    clients: Ints
    lag: float
    device_mode: str
    accounts_a_device: int
    device_life: float
    address_life: float
    systems: Ints
    positions: Ints
    own_country: bool
    hours: str
    centre: float
    width: float
    pace: float
    unevenness: float
    session: float
    rate: float
    rate_sigma: float
    mix: Floats
    warm_up: float
    pause_hours: float
    take_back: float
    take_back_from: float
    stays: float
    customers: float
    dormant: float
    taste: float
    crowd: float
    spread: float
    relogin: float
    buyers: float
    human: float

    @property
    def origin(self) -> str:
        kind = self.family if self.family in ("farm", "pod") else "service"
        return f"{kind}:{self.name}"


def draw_sellers(rng: Generator, homes: Homes) -> list[Seller]:
    """3 to 8 sellers of at least three of the five families."""
    families = list(rng.permutation(FAMILIES)[: int(rng.integers(3, 6))])
    families += list(rng.choice(families, int(rng.integers(0, 9 - len(families)))))
    salt = int(rng.integers(100, 900))
    return [_seller(rng, homes, number, str(family), salt) for number, family in enumerate(families)]


def _seller(rng: Generator, homes: Homes, number: int, family: str, salt: int) -> Seller:
    way = "phone" if family == "pod" else str(rng.choice(_WAYS, p=[0.35, 0.4, 0.25]))
    return Seller(
        number=number,
        name=f"{family[0]}{salt}-{number}",
        family=family,
        way=way,
        way_share=float(rng.choice([1.0, rng.uniform(0.6, 1.0)])),
        **_programs(rng, homes, way),
        **_habits(rng),
        **_trade(rng, family),
    )


def _programs(rng: Generator, homes: Homes, way: str) -> Traits:
    """Clients, devices and networks; who acts on the customer's phone mostly shows its client and device."""
    phone = way == "phone"
    client_odds = [0.05, 0.05, 0.15, 0.75] if phone else [0.25, 0.2, 0.35, 0.2]
    device_odds = [0.02, 0.08, 0.9] if phone else [0.3, 0.5, 0.2]
    client_mode = str(rng.choice(["stale", "library", "spoof", "own"], p=client_odds))
    networks = homes.networks
    return {
        "client_mode": client_mode,
        "clients": _client_codes(rng, homes, client_mode),
        "lag": log_uniform(rng, 0.2, 20) * DAY,
        "device_mode": str(rng.choice(["shared", "fresh", "own"], p=device_odds)),
        "accounts_a_device": whole(rng, 2, 60),
        "device_life": log_uniform(rng, 2, 200) * DAY,
        "address_life": log_uniform(rng, 1, 600) * HOUR,
        "systems": rng.permutation(networks.hosts)[: whole(rng, 1, 4)],
        "positions": rng.integers(0, 4096, whole(rng, 1, 40)),
        "own_country": bool(rng.random() < 0.7),
    }


def _client_codes(rng: Generator, homes: Homes, mode: str) -> Ints:
    """Stale builds or library names; for a spoof the family positions."""
    families = rng.integers(0, homes.clients.families, whole(rng, 1, 3))
    if mode == "library":
        return np.array([odd_client(int(rng.integers(60)))], dtype=np.int64)
    if mode == "stale":
        return homes.clients.running(families, -homes.clients.cycle_seconds.mean() * rng.uniform(1, 25, len(families)))
    return families


def _habits(rng: Generator) -> Traits:
    return {
        "hours": str(rng.choice(["always", "window", "customer"], p=[0.35, 0.2, 0.45])),
        "centre": float(rng.uniform(0, 24)),
        "width": log_uniform(rng, 1.5, 8),
        "pace": log_uniform(rng, 2.5, 240),
        "unevenness": log_uniform(rng, 0.06, 1.3),
        "session": log_uniform(rng, 2, 60),
        "rate": log_uniform(rng, 2, 90),
        "rate_sigma": float(rng.uniform(0.1, 1.5)),
        "warm_up": log_uniform(rng, 0.1, 8) * DAY,
        "pause_hours": float(rng.uniform(0, 9)),
        "relogin": log_uniform(rng, 1, 60) * DAY,
    }


def _trade(rng: Generator, family: str) -> Traits:
    centre = {"farm": [2, 5, 0.3], "pod": [6, 0.2, 4]}.get(family, [7, 2, 0.4])
    return {
        "mix": rng.dirichlet(np.array(centre) * log_uniform(rng, 0.4, 3) + 0.02),
        "take_back": float(rng.choice([0.0, rng.uniform(0.3, 1.0)])),
        "take_back_from": float(rng.uniform(24, 60)) * HOUR,
        "stays": log_uniform(rng, 3, 60) * DAY,
        "customers": log_uniform(rng, 0.006, 0.05)
        if family in {"collusion", "drip"}
        else log_uniform(rng, 0.004, 0.03),
        "dormant": float(rng.uniform(0.05, 0.6)),
        "taste": float(rng.uniform(0, 1)),
        "crowd": log_uniform(rng, 0.03, 0.6),
        "spread": log_uniform(rng, 1, 12) * DAY if family == "drip" else log_uniform(rng, 5, 120) * 60,
        "buyers": float(rng.uniform(0, 0.6)),
        "human": float(rng.choice([0.0, rng.uniform(0.2, 0.6)])),
    }
