"""The networks of a platform: home providers, mobile carriers with address translation, hosting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.abroad.chance import Grouped, Ints, log_uniform, whole, wholes

PREFIXES = 4096
_V4_SPACE = 223 * 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """Every autonomous system by position; homes, carriers and hosts index into `numbers`."""

    numbers: Ints
    country: Ints
    pool: Ints
    homes: Grouped
    carriers: Grouped
    hosts: Ints
    v6: Ints
    salt: int

    def prefix(self, system: Ints, position: Ints) -> Ints:
        """The code of the prefix at `position`, wrapped into the pool of its system."""
        return system * PREFIXES + position % self.pool[system]


def draw_networks(rng: Generator, countries: int) -> Networks:
    """1 to 9 home providers and 1 to 5 carriers a country, and 6 to 50 hosting systems over all countries."""
    homes = wholes(rng, 1, 9, countries)
    carriers = wholes(rng, 1, 5, countries)
    hosts = whole(rng, 6, 50)
    kind = np.repeat([0, 1, 2], [homes.sum(), carriers.sum(), hosts])
    places = np.arange(countries)
    country = np.concatenate([np.repeat(places, homes), np.repeat(places, carriers), rng.integers(0, countries, hosts)])
    total = len(kind)
    return Networks(
        numbers=rng.permutation(np.arange(1000, 70_000))[:total].astype(np.int64),
        country=country,
        pool=_pools(rng, kind),
        homes=Grouped.by(np.where(kind == 0, country, -1), countries),
        carriers=Grouped.by(np.where(kind == 1, country, -1), countries),
        hosts=np.flatnonzero(kind == 2),
        v6=(rng.random(total) < rng.choice([0.0, 0.1, 0.5])).astype(np.int64),
        salt=int(rng.integers(1 << 24)),
    )


def _pools(rng: Generator, kind: Ints) -> Ints:
    homes = wholes(rng, 8, log_uniform(rng, 40, 3000), len(kind))
    carriers = wholes(rng, 1, log_uniform(rng, 3, 80), len(kind))
    hosts = wholes(rng, 1, log_uniform(rng, 4, 60), len(kind))
    return np.choose(kind, [homes, carriers, hosts])


def prefix_names(networks: Networks, codes: Ints) -> NDArray[np.object_]:
    """The written prefix of each code: IPv4 /24, or IPv6 /48 where the system uses it."""
    unique, where = np.unique(codes, return_inverse=True)
    sixth = networks.v6[unique // PREFIXES] > 0
    names = [_name(int(code), bool(six), networks.salt) for code, six in zip(unique, sixth, strict=True)]
    return np.array(names, dtype=object)[where]


def _name(code: int, six: bool, salt: int) -> str:
    if six:
        return f"2{code // PREFIXES + 0x600:03x}:{(code * 40503 + salt) % 65536:x}:{code % PREFIXES:x}::/48"
    place = (code * 2654435761 + salt) % _V4_SPACE
    return f"{1 + place // 65536}.{place // 256 % 256}.{place % 256}.0/24"
