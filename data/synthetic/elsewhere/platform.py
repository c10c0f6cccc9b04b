"""Networks and client releases of one seed's platform."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.synthetic.elsewhere.chance import DAY, Bools, Floats, Ints, unit
from data.synthetic.elsewhere.dials import Dials, Kit
from data.synthetic.elsewhere.lands import HOSTING, LANDS, NETWORKS_EACH, OFFICES
from data.synthetic.elsewhere.scene import OTHER, WEB, Address

PARTNERS = (60, 61, 62)  # builds of the tools that agencies are licensed to use
GADGETS = (40, 44)
MOD_SHARES = (0.5, 0.25, 0.15, 0.1)


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks by index; those of one country lie together, `NETWORKS_EACH` fixed and as many mobile ones."""

    asn: Ints
    fixed: Ints
    mobile: Ints
    hosts: Ints
    offices: Ints
    slots: Ints  # address prefixes of each network
    six: Bools
    vpns: tuple[Address, ...]
    land_shares: Floats
    seed: int
    geo_error: float

    def listed(self, address: Address) -> Address:
        """The address with the country a database names: wrong now and then, for everybody alike."""
        key = address.network, address.slot, self.seed
        wrong = unit(*key, 15) < self.geo_error
        guess = (unit(*key, 16) * len(LANDS)).astype(np.int64)
        return Address(address.network, address.slot, np.where(wrong, guess, address.country))

    def exits(self, chance: np.random.Generator, networks: int, prefixes: int) -> Address:
        """Exits on hosting networks, as VPN products and sellers rent them."""
        rented = chance.choice(self.hosts, networks, replace=False)
        return Address(
            chance.choice(rented, prefixes),
            chance.integers(0, 60, prefixes),
            chance.choice(len(LANDS), prefixes, p=self.land_shares),
        )


@dataclass(frozen=True, slots=True)
class Clients:
    """Releases by operating system: build numbers grow by one every `cadence` seconds."""

    cadence: float
    base: Ints
    legacy: Ints  # last builds that three kinds of old phones can run
    mods: Ints  # modified clients, which sellers imitate
    style: int  # how the platform writes client ids

    def build(self, system: Ints, at: Floats, lag: Floats | float) -> Ints:
        """The build in use `lag` days after its release."""
        age = at + system * 1.7 * DAY - lag * DAY
        return (self.base[system] + np.floor(age / self.cadence)).astype(np.int64)

    def web(self, at: Floats) -> Ints:
        """The web client's code, the same for everybody at a time."""
        return WEB * 10_000 + self.build(np.full(len(at), WEB), at, 0.0)


def draw_networks(dials: Dials, chance: np.random.Generator) -> Networks:
    """Draw the networks, with as many prefixes as their people fill."""
    shares = chance.dirichlet(np.full(len(LANDS), dials.land_spread)) + 0.005
    shares = shares / shares.sum()
    national = [asn for land in LANDS.values() for asn in (*land.fixed, *land.mobile)]
    fixed = np.arange(len(LANDS)) * 2 * NETWORKS_EACH
    hosts = len(national) + np.arange(len(HOSTING))
    offices = hosts[-1] + 1 + np.arange(OFFICES)
    asn = np.array([*national, *HOSTING, *chance.integers(1000, 64000, OFFICES)], np.int64)
    bare = Networks(
        asn=asn,
        fixed=fixed,
        mobile=fixed + NETWORKS_EACH,
        hosts=hosts,
        offices=offices,
        slots=_slots(dials, chance, shares, len(asn)),
        six=chance.random(len(asn)) < dials.kit.six,
        vpns=(),
        land_shares=shares,
        seed=dials.seed,
        geo_error=dials.kit.geo_error,
    )
    vpns = tuple(bare.exits(chance, int(chance.integers(1, 3)), int(chance.integers(5, 16))) for _ in range(6))
    return replace(bare, vpns=vpns)


def _slots(dials: Dials, chance: np.random.Generator, shares: Floats, size: int) -> Ints:
    slots = np.full(size, 40, np.int64)
    for land, share in enumerate(shares):
        at = land * 2 * NETWORKS_EACH
        homes = dials.accounts * share / 3.2 / (dials.kit.households * chance.uniform(0.7, 1.3))
        slots[at : at + NETWORKS_EACH] = max(6, int(homes))
        narrow = chance.random(NETWORKS_EACH) < dials.kit.carrier_nat
        wide = chance.integers(10, 50, NETWORKS_EACH)
        slots[at + NETWORKS_EACH : at + 2 * NETWORKS_EACH] = np.where(
            narrow, chance.integers(2, 9, NETWORKS_EACH), wide
        )
    return slots


def draw_clients(kit: Kit, chance: np.random.Generator) -> Clients:
    """Draw where the builds stand when the log begins."""
    base = chance.integers([200, 200, 20, 100, 200], [420, 420, 60, 400, 420])
    return Clients(
        cadence=kit.cadence,
        base=base,
        legacy=np.stack([base - chance.integers(2, 60, 5) for _ in range(3)]),
        mods=chance.choice(np.arange(20, 40), 4, replace=False),
        style=int(chance.integers(0, 3)),
    )


def other(build: Ints) -> Ints:
    """The code of a client that the platform did not make."""
    return OTHER * 10_000 + build
