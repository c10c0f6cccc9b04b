"""Who sells in a standard world: each service with its ways, as the specification of the generator lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

FAMILIES = ("reciprocity", "collusion", "farm", "pod", "drip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many customers, members or accounts each seller has."""

    orchard: int
    harvest: int
    quietline: int
    bazaar: int
    carousel: int
    trickle: int
    mill: int
    annex: int
    pods: tuple[int, ...]

    @classmethod
    def crowded(cls, largest: int) -> Self:
        """All sellers in proportion to one of the larger ones."""
        pods = max(8, min(largest // 18, 20))
        return cls(
            orchard=largest,
            harvest=max(8, largest * 2 // 5),
            quietline=max(8, largest * 4 // 5),
            bazaar=max(10, largest),
            carousel=max(8, largest // 2),
            trickle=max(10, largest),
            mill=max(8, largest // 3),
            annex=max(6, largest // 4),
            pods=(pods, pods + 3, pods - 2, pods + 6),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """What a seller acts from.

    `builds`: releases behind the current one, by which its client is known; 0 is the current popular build.
    `hosted`: share of acts from its machine rooms; the rest come through homes in the customer's country.
    `accounts_per_device`: 0 means a fresh device for each account. `borrowed`:
    share of members whose own device id it shows. Sellers of one `plant` share rooms and devices.
    """

    plant: str
    builds: tuple[int, ...]
    rooms: int
    hosted: float
    accounts_per_device: int
    moves_on: float = 2.0
    borrowed: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """One seller. Volumes are a twentieth of what vendors advertise, as everybody's own activity is."""

    name: str
    family: str
    fabric: Fabric
    per_day: float
    mix: tuple[float, float, float]
    sitting: float
    gap_s: float
    gap_shape: float
    hours: str
    takes_back: float = 0.0
    answers_to_blocks: bool = False
    countries: tuple[float, ...] = ()


ORCHARD = Seller(
    name="orchard",
    family="reciprocity",
    fabric=Fabric(plant="orchard", builds=(2, 3, 4, 5), rooms=3, hosted=0.8, accounts_per_device=0, borrowed=0.2),
    per_day=6.5,
    mix=(0.70, 0.26, 0.04),
    sitting=9.0,
    gap_s=38.0,
    gap_shape=2.2,
    hours="pause",
    takes_back=0.75,
    answers_to_blocks=True,
)
HARVEST = Seller(
    name="harvest",
    family="reciprocity",
    fabric=Fabric(plant="orchard", builds=(2, 3), rooms=3, hosted=0.82, accounts_per_device=0),
    per_day=6.0,
    mix=(0.62, 0.36, 0.02),
    sitting=5.0,
    gap_s=62.0,
    gap_shape=1.6,
    hours="office",
    takes_back=0.6,
)
QUIETLINE = Seller(
    name="quietline",
    family="reciprocity",
    fabric=Fabric(plant="quietline", builds=(0, 1), rooms=1, hosted=0.1, accounts_per_device=0, borrowed=0.25),
    per_day=8.0,
    mix=(0.74, 0.22, 0.04),
    sitting=3.5,
    gap_s=34.0,
    gap_shape=0.7,
    hours="owner",
    takes_back=0.4,
)
BAZAAR = Seller(
    name="bazaar",
    family="collusion",
    fabric=Fabric(plant="bazaar", builds=(1, 3, 12), rooms=2, hosted=0.7, accounts_per_device=0),
    per_day=5.0,
    mix=(0.80, 0.16, 0.04),
    sitting=1.0,
    gap_s=20.0,
    gap_shape=1.0,
    hours="request",
    countries=(0.3, 0.24),
)
CAROUSEL = Seller(
    name="carousel",
    family="collusion",
    fabric=Fabric(
        plant="carousel", builds=(0,), rooms=2, hosted=0.7, accounts_per_device=0, moves_on=0.5, borrowed=0.5
    ),
    per_day=7.0,
    mix=(0.78, 0.17, 0.05),
    sitting=1.0,
    gap_s=20.0,
    gap_shape=1.0,
    hours="request",
    countries=(0.2, 0.3),
)
TRICKLE = Seller(
    name="trickle",
    family="drip",
    fabric=Fabric(plant="trickle", builds=(1, 4), rooms=1, hosted=0.25, accounts_per_device=0, borrowed=0.4),
    per_day=4.0,
    mix=(0.84, 0.12, 0.04),
    sitting=1.0,
    gap_s=300.0,
    gap_shape=1.0,
    hours="owner",
)
MILL = Seller(
    name="mill",
    family="farm",
    fabric=Fabric(plant="mill", builds=(3, 4), rooms=2, hosted=0.8, accounts_per_device=25),
    per_day=4.0,
    mix=(0.35, 0.6, 0.05),
    sitting=3.0,
    gap_s=24.0,
    gap_shape=1.2,
    hours="pause",
)
ANNEX = Seller(
    name="annex",
    family="farm",
    fabric=Fabric(plant="annex", builds=(0, 2), rooms=0, hosted=0.0, accounts_per_device=1),
    per_day=3.0,
    mix=(0.45, 0.47, 0.08),
    sitting=2.0,
    gap_s=40.0,
    gap_shape=0.8,
    hours="owner",
)
SELLERS = (ORCHARD, HARVEST, QUIETLINE, BAZAAR, CAROUSEL, TRICKLE, MILL, ANNEX)
