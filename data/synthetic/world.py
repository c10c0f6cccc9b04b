"""One world as a whole: its people, its networks, the names it has used so far, and who is still without a part."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data.synthetic.chance import Array, stream
from data.synthetic.people import BLANK_IDS, ROLE, People, draw_people
from data.synthetic.places import Atlas, draw_atlas
from data.synthetic.spec import WorldSpec
from data.synthetic.words import Phrases

# Slots of an account's own devices: the first phone, the next, the second device, and one that a household shares.
SLOTS = 4
# The country that a seller's first share is of.
FIRST_WANTED = 2


@dataclass(slots=True)
class Entries:
    """Password entries: who, when (days), from which client, prefix and device, and whether it was right."""

    parts: list[dict[str, Array]] = field(default_factory=list)

    def add(self, **columns: Array) -> None:
        self.parts.append(columns)


@dataclass(slots=True)
class World:
    spec: WorldSpec
    people: People
    atlas: Atlas
    phrases: Phrases
    entries: Entries
    unused: Array  # accounts without a part, the next one last
    devices: int
    origins: list[str] = field(default_factory=lambda: ["owner", "agency"])
    families: dict[int, str] = field(default_factory=dict)
    services: dict[int, list[str]] = field(default_factory=dict)
    started: dict[int, float] = field(default_factory=dict)
    customers: list[int] = field(default_factory=list)
    campaigns: int = 0

    def rng(self, name: str, *numbers: int) -> np.random.Generator:
        return stream(self.spec.seed, name, *numbers)

    def take(self, count: int, role: str) -> Array:
        """Give so many accounts without a part this role."""
        left = max(0, len(self.unused) - count)
        keys, self.unused = self.unused[left:][::-1], self.unused[:left]
        self.people.role[keys] = ROLE[role]
        return keys

    def take_from(self, countries: tuple[float, ...], count: int, role: str) -> Array:
        """Prefer accounts of the countries that are given a share (from the third country on, in order)."""
        home = self.people.country[self.unused]
        kept = np.zeros(len(self.unused), dtype=bool)
        for place, share in enumerate(countries, start=FIRST_WANTED):
            kept[np.flatnonzero(home == place)[::-1][: round(share * count)]] = True
        keys, self.unused = self.unused[kept][::-1], self.unused[~kept]
        self.people.role[keys] = ROLE[role]
        return np.concatenate([keys, self.take(count - len(keys), role)])

    def origin(self, name: str) -> int:
        """The code of who makes acts; bought ones are named family:seller."""
        if name not in self.origins:
            self.origins.append(name)
        return self.origins.index(name)

    def new_devices(self, count: int) -> int:
        first = self.devices
        self.devices += count
        return first

    def new_campaigns(self, count: int) -> Array:
        first = self.campaigns
        self.campaigns += count
        return np.arange(first, first + count)


def begin_world(spec: WorldSpec) -> World:
    """Everybody in an ordinary life; nobody sells yet."""
    rng = stream(spec.seed, "parts")
    count = spec.accounts
    return World(
        spec=spec,
        people=draw_people(spec.seed, count, spec.planned_days, spec.liveliness),
        atlas=draw_atlas(spec.seed, count),
        phrases=Phrases.draw(spec.seed),
        entries=Entries(),
        unused=rng.permutation(count),
        devices=count * SLOTS + BLANK_IDS,
    )
