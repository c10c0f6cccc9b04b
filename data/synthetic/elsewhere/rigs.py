"""The scene of what a seller does with an account: its machine room, or the customer's own phone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.chance import DAY, Floats, Ints, below, unit
from data.synthetic.elsewhere.lands import LANDS, NETWORKS_EACH
from data.synthetic.elsewhere.scene import BUILDS, NO_DEVICE, WEB, Address, Scene
from data.synthetic.elsewhere.sellers import CURRENT, Rig
from data.synthetic.elsewhere.whereabouts import Whereabouts

RIG_DEVICES = 4_000_000  # device codes from here on belong to machine rooms
ROOM = 200_000  # device codes of one machine room
CROWDED = 400  # accounts that a machine room of shared devices is built for
ROTATION = 4 * DAY


@dataclass(frozen=True, slots=True)
class Rigs:
    """Answers where and with what a machine room acts; the same question has the same answer."""

    owners: Whereabouts

    def scene(self, rig: Rig, who: Ints, at: Floats) -> Scene:
        """The scene of acts of these accounts, done by the seller."""
        if rig.net == "home":
            return self.owners.on_phone(who, at)
        key = self._key(rig)
        address = self.owners.networks.listed(self._address(rig, who, at))
        return Scene(
            client=self._client(rig, who, at, key),
            network=address.network,
            slot=address.slot,
            device=self._device(rig, who, at, key),
            country=address.country,
        )

    def _key(self, rig: Rig) -> int:
        return rig.number + 31 * self.owners.dials.seed

    def _address(self, rig: Rig, who: Ints, at: Floats) -> Address:
        key, spell = self._key(rig), (at // rig.sticky).astype(np.int64)
        proxied = self._proxy(rig, who, spell, key)
        if rig.net not in ("hosting", "mixed"):
            return proxied
        held = spell if rig.sticky < DAY else who
        exits = rig.exits.take(below(len(rig.exits), who, held, key))
        exits = exits.unless(at > rig.move, rig.later_exits.take(below(len(rig.later_exits), who, held, key)))
        return proxied.unless(unit(who, spell, key, 6) >= rig.off_net, exits)

    def _proxy(self, rig: Rig, who: Ints, spell: Ints, key: int) -> Address:
        networks = self.owners.networks
        abroad = below(len(LANDS), who, spell, key, 2)
        country = np.where(unit(who, spell, key, 1) < rig.same_country, self.owners.crowd.country[who], abroad)
        mobile = unit(who, spell, key, 3) < (0.85 if rig.net == "mobile" else 0.2)
        first = np.where(mobile, networks.mobile[country], networks.fixed[country])
        network = first + below(NETWORKS_EACH, who, spell, key, 4)
        slot = unit(who, spell, key, 5) * networks.slots[network]
        return Address(network, slot.astype(np.int64), country)

    def _device(self, rig: Rig, who: Ints, at: Floats, key: int) -> Ints:
        room = RIG_DEVICES + rig.number * ROOM
        if rig.device == "fresh":
            return room + who
        if rig.device == "shared":
            return room + below(max(1, CROWDED // rig.per_device), who, key, 8)
        if rig.device == "rotate":
            return room + below(ROOM, who, (at // ROTATION).astype(np.int64), key)
        if rig.device == "clone":
            return self.owners.phone(who, at)[0]
        return np.full(len(who), NO_DEVICE, np.int64)

    def _client(self, rig: Rig, who: Ints, at: Floats, key: int) -> Ints:
        which = below(len(rig.systems), who, key, 9)
        system, build = rig.systems[which], rig.builds[which]
        known = np.minimum(system, len(self.owners.clients.base) - 1)
        current = self.owners.clients.build(known, at, np.where(system == WEB, 0, rig.lag))
        return np.asarray(system * BUILDS + np.where(build == CURRENT, current, build), np.int64)
