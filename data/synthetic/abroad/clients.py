"""The programs people use: families with a release cycle, and what a device runs at a given moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.abroad.chance import DAY, Floats, Ints, log_uniform, whole

FAMILIES = ("android", "ios", "web", "lite", "desktop", "tablet", "tv")
VERSIONS = 512
_FIRST = 200
_ODD = VERSIONS * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """The client families of a platform; a client is a code of family and version."""

    families: int
    shares: Floats
    cycle_seconds: Floats
    major: int
    style: int

    def running(self, family: Ints, at: Floats) -> Ints:
        """The newest release of each family at `at` seconds; an older moment gives the release of then."""
        version = _FIRST + np.floor(at / self.cycle_seconds[family]).astype(np.int64)
        return family * VERSIONS + np.clip(version, 0, VERSIONS - 1)


def draw_clients(rng: Generator) -> Clients:
    """2 to 7 families, each with a release every 3 to 45 days."""
    families = int(rng.integers(2, len(FAMILIES) + 1))
    return Clients(
        families=families,
        shares=rng.dirichlet(np.linspace(4, 0.6, families)),
        cycle_seconds=np.array([log_uniform(rng, 3, 45) * DAY for _ in range(families)]),
        major=whole(rng, 3, 400),
        style=int(rng.integers(3)),
    )


def odd_client(number: int) -> int:
    """The code of a program outside the families: a library, a modified app, a partner's tool."""
    return _ODD + number


def client_names(clients: Clients, codes: Ints, salt: int) -> NDArray[np.object_]:
    """The written name of each code; how names look differs between platforms."""
    unique, where = np.unique(codes, return_inverse=True)
    names = np.array([_name(clients, int(code), salt) for code in unique], dtype=object)
    return names[where]


def _name(clients: Clients, code: int, salt: int) -> str:
    if code >= _ODD:
        made = ("client", "app", "sdk", "api")[(code + salt) % 4]
        return f"{made}-{(code * 7919 + salt) % 9973}/{1 + code % 4}.{(code + salt) % 9}"
    family, version = FAMILIES[code // VERSIONS], code % VERSIONS
    if clients.style == 0:
        return f"{family}-{clients.major + version}.0"
    if clients.style == 1:
        return f"{family} {clients.major + version // 12}.{version % 12}"
    return f"{(code * 2654435761 + salt) % (1 << 32):08x}"
