"""Where and with what something was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from data.synthetic.elsewhere.chance import Bools, Ints

ANDROID, IOS, WEB, LITE, TABLET, OTHER = range(6)
SYSTEMS: Final = ("android", "ios", "web", "lite", "tablet")
BUILDS: Final = 10_000  # client codes are system * BUILDS + build
NO_DEVICE: Final = -1


@dataclass(frozen=True, slots=True)
class Scene:
    """One item per act: client code, network index, prefix slot in it, device code and country index."""

    client: Ints
    network: Ints
    slot: Ints
    device: Ints
    country: Ints

    def take(self, rows: Bools | Ints) -> Scene:
        """Keep the rows named."""
        return Scene(*(getattr(self, field.name)[rows] for field in fields(self)))


def gather(scenes: Sequence[Scene]) -> Scene:
    """Put scenes one after the other."""
    return Scene(*(np.concatenate([getattr(scene, field.name) for scene in scenes]) for field in fields(Scene)))


@dataclass(frozen=True, slots=True)
class Address:
    """One item per act: network index, prefix slot and the country it lies in."""

    network: Ints
    slot: Ints
    country: Ints

    def unless(self, hit: Bools, other: Address) -> Address:
        """Take the other address where `hit`."""
        return Address(
            np.where(hit, other.network, self.network),
            np.where(hit, other.slot, self.slot),
            np.where(hit, other.country, self.country),
        )

    def take(self, rows: Bools | Ints) -> Address:
        """Keep the rows named."""
        return Address(self.network[rows], self.slot[rows], self.country[rows])

    def __len__(self) -> int:
        return len(self.network)
