"""The networks of a world: homes, carriers, hotels, offices, private networks and machine rooms, prefix by prefix.

A prefix code is a row of the atlas; its network and its country follow from it. Residential proxies use the prefixes
of homes, private networks stand in the machine rooms that services rent: neither a hosting network nor a shared
address says by itself who acts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data.synthetic.chance import Array, Number, below, scramble, stream, unit

# Code, share of accounts, hours ahead of UTC.
COUNTRIES = (
    ("US", 0.24, -6),
    ("BR", 0.13, -3),
    ("ID", 0.12, 7),
    ("TR", 0.10, 3),
    ("IN", 0.09, 5),
    ("DE", 0.09, 1),
    ("FR", 0.07, 1),
    ("RU", 0.06, 3),
    ("GB", 0.06, 0),
    ("ES", 0.04, 1),
)
OFFSETS = np.array([hours for _, _, hours in COUNTRIES])
PROVIDER_SHARES = (0.45, 0.28, 0.17, 0.10)
CARRIER_SHARES = (0.6, 0.4)
# Accounts for each prefix of a home network and of a carrier; people hop among a carrier's, so hundreds share each.
HOME_CROWD, CARRIER_CROWD = 7, 40
HOTEL_PREFIXES, EXIT_PREFIXES = 5, 5
MISPLACED = 0.02
# Hosting companies, by network number; services, private networks and small offices all rent there.
HOSTING_COMPANIES = 6


@dataclass(slots=True)
class Atlas:
    """Prefixes by code, and where each kind of them begins."""

    asn: list[Array] = field(default_factory=list)
    country: list[Array] = field(default_factory=list)
    size: int = 0
    homes: Array = field(default_factory=lambda: np.zeros(0))
    home_counts: Array = field(default_factory=lambda: np.zeros(0))
    carriers: Array = field(default_factory=lambda: np.zeros(0))
    carrier_counts: Array = field(default_factory=lambda: np.zeros(0))
    hotels: Array = field(default_factory=lambda: np.zeros(0))
    hosting: Array = field(default_factory=lambda: np.zeros(0))
    exits: Array = field(default_factory=lambda: np.zeros(0))

    def add(self, asn: int, country: int, count: int) -> int:
        """Open so many prefixes on a network; tells the code of the first."""
        first = self.size
        self.asn.append(np.full(count, asn, dtype=np.int64))
        self.country.append(np.full(count, country, dtype=np.int8))
        self.size += count
        return first

    def asns(self) -> Array:
        return np.concatenate(self.asn)

    def countries(self) -> Array:
        return np.concatenate(self.country)

    def seen_countries(self, seed: int) -> Array:
        """Where a table of addresses places each prefix; for some it is wrong."""
        true = self.countries().astype(np.int64)
        bits = scramble(np.arange(self.size), seed, 31)
        told: Array = np.where(unit(bits) < MISPLACED, below(bits, len(COUNTRIES)), true)
        return told

    def home(self, country: Number, provider: Number, bits: Array) -> Array:
        """The prefix of some home of a provider."""
        told: Array = self.homes[country, provider] + below(bits, self.home_counts[country, provider])
        return told

    def carrier(self, country: Number, carrier: Number, bits: Array) -> Array:
        told: Array = self.carriers[country, carrier] + below(bits, self.carrier_counts[country, carrier])
        return told


def draw_atlas(seed: int, accounts: int) -> Atlas:
    """Lay out the networks of every country for so many accounts."""
    rng = stream(seed, "atlas")
    numbers = rng.choice(np.arange(2_000, 64_000), size=200, replace=False).tolist()
    atlas = Atlas()
    homes, carriers, hotels = [], [], []
    for country, (_, share, _) in enumerate(COUNTRIES):
        people = share * accounts
        sizes = [max(4, round(people * part / HOME_CROWD)) for part in PROVIDER_SHARES]
        homes.append([(atlas.add(numbers.pop(), country, size), size) for size in sizes])
        sizes = [max(6, round(people * part / CARRIER_CROWD)) for part in CARRIER_SHARES]
        carriers.append([(atlas.add(numbers.pop(), country, size), size) for size in sizes])
        hotels.append(atlas.add(numbers.pop(), country, HOTEL_PREFIXES))
    atlas.homes, atlas.home_counts = np.array(homes)[..., 0], np.array(homes)[..., 1]
    atlas.carriers, atlas.carrier_counts = np.array(carriers)[..., 0], np.array(carriers)[..., 1]
    atlas.hotels = np.array(hotels)
    atlas.hosting = np.array([numbers.pop() for _ in range(HOSTING_COMPANIES)])
    lands = rng.choice(len(COUNTRIES), HOSTING_COMPANIES)
    exits = [atlas.add(int(asn), int(land), EXIT_PREFIXES) for asn, land in zip(atlas.hosting[:4], lands, strict=False)]
    atlas.exits = np.array(exits)
    return atlas


def prefix_names(codes: Array, seed: int) -> list[str]:
    """A /24 for each code, no two alike."""
    start = int(scramble(seed)[0] % 10_000_000)
    # An odd step visits every one of the 2**24 blocks once.
    blocks = (codes.astype(np.int64) * 6_700_417 + start) % 2**24
    return [f"{block >> 16}.{block >> 8 & 255}.{block & 255}.0/24" for block in blocks.tolist()]
