"""What sellers act from: rented rooms, residential proxies, clients that are stale or pretend to be current."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import DAY, HOUR, Place
from data.synthetic.cast import Fabric
from data.synthetic.chance import Array, below, scramble, unit
from data.synthetic.people import ANDROID
from data.synthetic.places import COUNTRIES, EXIT_PREFIXES
from data.synthetic.whereabouts import own_place, release
from data.synthetic.world import SLOTS, World

PREFIXES_PER_ROOM = 4
# A room is chosen in the member's country, if there is one, so often.
MATCHED = 0.75
# The most devices that the accounts of one plant share.
SHARED_DEVICES = 4_000
# A room is an exit of a private network, too, so often.
AT_EXITS = 0.4
# Builds this far behind were taken apart once and never updated.
FROZEN = 10
# A proxy is kept for two days; each member has its own provider, and its own room for a month.
PROXY_STAY, ROOM_STAY = 2 * DAY, 30 * DAY


@dataclass(frozen=True, slots=True)
class Rig:
    """A fabric set up in one world; `home_share` of its acts leave through the member's own network."""

    fabric: Fabric
    salt: int
    rooms: Array  # prefixes before and after the move
    near: Array  # of these, by country, the ones there
    devices: int
    moves_on: float
    home_share: float = 0.0

    def place(self, world: World, member: Array, at: Array) -> Place:
        """Where the seller acts from for its members at these times."""
        people, atlas, fabric = world.people, world.atlas, self.fabric
        bits = scramble(member, at // HOUR, self.salt)
        day = (at / DAY).astype(np.float32)
        country = people.country[member]
        proxy = scramble(member, at // PROXY_STAY, self.salt + 3)
        prefix = atlas.home(country, below(scramble(member, self.salt + 4), 4), proxy)
        if self.rooms.size:
            fixed = scramble(member, at // ROOM_STAY, self.salt + 1)
            moved = (day >= self.moves_on).astype(np.int64)
            near = self.near[moved, country, below(fixed, self.near.shape[2])]
            anywhere = self.rooms[moved, below(fixed, self.rooms.shape[1])]
            room = np.where(unit(fixed, 3) < MATCHED, near, anywhere)
            prefix = np.where(unit(bits, 0) < fabric.hosted, room, prefix)
        which = scramble(member, self.salt + 2)
        build = np.array(fabric.builds)[below(which, len(fabric.builds))]
        # What pretends to be current follows the releases as its member does; the others update when they must.
        follows = build < FROZEN
        system = np.where(follows, np.minimum(people.system[member], 1), ANDROID)
        client = release(system, np.where(follows, day, 0.0), build)
        place = Place(client, prefix.astype(np.int32), self.device(world, member, which))
        return self.through_homes(world, member, at, place) if self.home_share else place

    def through_homes(self, world: World, member: Array, at: Array, place: Place) -> Place:
        """Part of it is done by an extension in the member's own browser or app, from where the member is."""
        own = own_place(world, member, at)
        at_home = unit(scramble(member, at // HOUR, self.salt), 2) < self.home_share
        return Place(
            np.where(at_home, own.client, place.client),
            np.where(at_home, own.prefix, place.prefix),
            np.where(at_home, own.device, place.device),
        )

    def device(self, world: World, member: Array, which: Array) -> Array:
        crowd = self.fabric.accounts_per_device
        if crowd == 0:
            own = member.astype(np.int64) * SLOTS
            borrows = unit(which, 3) < self.fabric.borrowed
            return np.where(borrows, own, self.devices + member).astype(np.int32)
        shared = min(SHARED_DEVICES, max(1, self._members(world) // crowd))
        return (self.devices + below(which, shared)).astype(np.int32)

    @staticmethod
    def _members(world: World) -> int:
        return max(1, world.spec.sizes.orchard)


def set_up(world: World, fabric: Fabric, rigs: dict[str, Rig], *, home_share: float = 0.0) -> Rig:
    """Rent the rooms of a fabric, or join those of the same plant."""
    if fabric.plant in rigs:
        old = rigs[fabric.plant]
        return Rig(fabric, old.salt, old.rooms, old.near, old.devices, old.moves_on, home_share)
    rng = world.rng("rig", *fabric.plant.encode())
    days = world.spec.planned_days
    rooms = np.stack([rent(world, fabric.rooms, rng), rent(world, fabric.rooms, rng)])
    rig = Rig(
        fabric,
        int(rng.integers(2**31)),
        rooms,
        by_country(world, rooms),
        world.new_devices(world.spec.accounts if fabric.accounts_per_device == 0 else SHARED_DEVICES),
        min(30.0, fabric.moves_on * days) if fabric.moves_on < 1 else float("inf"),
        home_share,
    )
    rigs[fabric.plant] = rig
    return rig


def rent(world: World, rooms: int, rng: np.random.Generator) -> Array:
    """Prefixes in some hosting companies' networks."""
    asns = rng.choice(world.atlas.hosting, rooms, replace=False)
    shares = [share for _, share, _ in COUNTRIES]
    lands = rng.choice(len(COUNTRIES), (rooms, PREFIXES_PER_ROOM), p=shares)
    told = [a_room(world, int(asn), int(land), rng) for asn, there in zip(asns, lands, strict=True) for land in there]
    return np.array(told, dtype=np.int64)


def a_room(world: World, asn: int, land: int, rng: np.random.Generator) -> int:
    """A prefix of its own, or one that a private network uses as well."""
    if rng.random() < AT_EXITS:
        return int(rng.choice(world.atlas.exits) + rng.integers(EXIT_PREFIXES))
    return world.atlas.add(asn, land, 1)


def by_country(world: World, rooms: Array) -> Array:
    """For each time and country as many prefixes as there are in all: those there, over and over, or any."""
    lands = world.atlas.countries()
    told = np.zeros((len(rooms), len(COUNTRIES), rooms.shape[1]), dtype=np.int64)
    for time, some in enumerate(rooms):
        for country in range(len(COUNTRIES)):
            there = some[lands[some] == country]
            told[time, country] = np.resize(there if len(there) else some, rooms.shape[1])
    return told
