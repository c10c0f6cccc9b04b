"""The scene of what people do themselves: their own phone, at home, at work, on the road or behind a VPN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.belongings import Phones, Places
from data.synthetic.elsewhere.chance import DAY, HOUR, Bools, Floats, Ints, below, mix, unit
from data.synthetic.elsewhere.dials import Dials
from data.synthetic.elsewhere.lands import NETWORKS_EACH
from data.synthetic.elsewhere.people import Clock, Crowd
from data.synthetic.elsewhere.platform import Clients, Networks, other
from data.synthetic.elsewhere.scene import BUILDS, WEB, Address, Scene

SPELL = 2700  # seconds that one stays at a place
SHARED_COMPUTERS = 3_500_000  # device codes from here on belong to libraries and schools
SPOTS = 9  # places each person goes to


@dataclass(frozen=True, slots=True)
class Visit:
    """Acts to be placed: who, when (seconds from the log's start), and what holds at that time."""

    who: Ints
    at: Floats
    spell: Ints
    country: Ints
    trip: Bools
    work: Bools
    mobile: Bools


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Answers where and with what an account's owner is at a time; the same question has the same answer."""

    dials: Dials
    crowd: Crowd
    clock: Clock
    networks: Networks
    clients: Clients
    phones: Phones
    places: Places

    def scene(self, who: Ints, at: Floats) -> Scene:
        """The owner's own scene."""
        visit, seed, phones = self._visit(who, at), self.dials.seed, self.phones
        second = (unit(who, visit.spell, seed, 4) < phones.p_second[who]) & ~visit.mobile
        device, system = self.phone(who, at)
        device = np.where(second, phones.second[who], device)
        system = np.where(second, phones.second_system[who], system)
        client = system * BUILDS + self._build(who, system, at)
        client = np.where((phones.mod[who] > 0) & ~second, other(phones.mod[who]), client)
        tool = (phones.gadget[who] > 0) & (unit(who, visit.spell // 8, seed, 17) < phones.p_gadget[who])
        client = np.where(tool, other(phones.gadget[who]), client)
        public = (unit(who, visit.spell // 4, seed, 18) < self.places.p_public[who]) & ~tool & ~visit.mobile
        room = self.crowd.country[who] * 16 + below(4, who, visit.spell // 32, seed, 19) + (who % 3) * 4
        address = self._address(visit)
        return Scene(
            client=np.where(public, self.clients.web(at), client),
            network=address.network,
            slot=address.slot,
            device=np.where(public, SHARED_COMPUTERS + room, device),
            country=address.country,
        )

    def on_phone(self, who: Ints, at: Floats) -> Scene:
        """The owner's scene when something runs on the phone itself."""
        place = self.scene(who, at)
        device, system = self.phone(who, at)
        client = system * BUILDS + self._build(who, system, at)
        client = np.where(self.phones.mod[who] > 0, other(self.phones.mod[who]), client)
        return Scene(client, place.network, place.slot, device, place.country)

    def phone(self, who: Ints, at: Floats) -> tuple[Ints, Ints]:
        """Device and operating system of the main phone at a time."""
        phones, new = self.phones, at >= self.phones.change[who]
        return (
            np.where(new, phones.replaced[who], phones.first[who]),
            np.where(new, phones.replaced_system[who], phones.first_system[who]),
        )

    def _build(self, who: Ints, system: Ints, at: Floats) -> Ints:
        stuck, clients = self.phones.stuck[who], self.clients
        last = clients.legacy[np.clip(stuck - 1, 0, 2), system]
        old = np.where(stuck <= len(clients.legacy), last, clients.base[system] - stuck)
        fresh = clients.build(system, at, np.where(system == WEB, 0, self.phones.lag[who]))
        return np.where((stuck > 0) & (system != WEB), old, fresh)

    def _visit(self, who: Ints, at: Floats) -> Visit:
        places, seed = self.places, self.dials.seed
        spell = (at // SPELL).astype(np.int64)
        hour = self.clock.local(who, at)
        weekday = (np.floor(at / DAY + self.clock.zone[who] / 24).astype(np.int64) + self.dials.weekday) % 7
        trip = (at >= places.trip_from[who]) & (at < places.trip_to[who])
        office_hours = (weekday < 5) & (hour > 8.7) & (hour < 17.5)
        work = places.works[who] & office_hours & (unit(who, spell, seed, 1) < 0.65) & ~trip
        mobile = ~work & (unit(who, spell, seed, 2) < places.p_mobile[who])
        country = np.where(trip, places.trip_country[who], self.crowd.country[who])
        return Visit(who, at, spell, country, trip, work, mobile)

    def _address(self, visit: Visit) -> Address:
        who, places, seed = visit.who, self.places, self.dials.seed
        address = self._home(visit).unless(visit.trip, self._lodging(visit))
        outing = unit(who, (visit.at // (3 * HOUR)).astype(np.int64), seed, 12) < places.p_wander[who]
        address = address.unless(outing & ~visit.trip & ~visit.mobile, self._spot(visit))
        address = address.unless(visit.mobile, self._carrier(visit))
        address = address.unless(visit.work, Address(places.office[who], places.office_slot[who], visit.country))
        return self.networks.listed(self._tunnelled(visit, address))

    def _home(self, visit: Visit) -> Address:
        who, places = visit.who, self.places
        moved = visit.at >= places.moved[who]
        network = np.where(moved, places.next_home[who], places.home[who])
        lease = (visit.at // places.lease[who]).astype(np.int64)
        part = unit(places.house[who] + moved * 1_000_003, lease, self.dials.seed, 5)
        return Address(network, (part * self.networks.slots[network]).astype(np.int64), visit.country)

    def _carrier(self, visit: Visit) -> Address:
        who, seed = visit.who, self.dials.seed
        roaming = self.networks.mobile[visit.country] + below(NETWORKS_EACH, who, seed, 6)
        network = np.where(visit.trip, roaming, self.places.mobile[who])
        slot = unit(who, visit.spell, seed, 7) * self.networks.slots[network]
        return Address(network, slot.astype(np.int64), visit.country)

    def _lodging(self, visit: Visit) -> Address:
        who, seed = visit.who, self.dials.seed
        stay = below(NETWORKS_EACH, who, (visit.at // (3 * DAY)).astype(np.int64), seed, 8)
        network = self.networks.fixed[visit.country] + stay
        slot = unit(who, (visit.at // (2 * DAY)).astype(np.int64), seed, 9) * self.networks.slots[network]
        return Address(network, slot.astype(np.int64), visit.country)

    def _spot(self, visit: Visit) -> Address:
        """Cafés, friends' homes and hot spots: each person has a few of them."""
        who, seed, networks = visit.who, self.dials.seed, self.networks
        which = below(SPOTS, who, (visit.at // (3 * HOUR)).astype(np.int64), seed, 13)
        spot = mix(who, which, seed)
        hot = spot % np.uint64(3) == 0
        first = np.where(hot, networks.mobile[visit.country], networks.fixed[visit.country])
        network = first + ((spot >> np.uint64(8)) % np.uint64(NETWORKS_EACH)).astype(np.int64)
        slot = (spot >> np.uint64(16)) % networks.slots[network].astype(np.uint64)
        return Address(network, slot.astype(np.int64), visit.country)

    def _tunnelled(self, visit: Visit, address: Address) -> Address:
        who, seed = visit.who, self.dials.seed
        on = unit(who, visit.spell, seed, 10) < self.places.p_vpn[who]
        day = (visit.at // DAY).astype(np.int64)
        for product, exits in enumerate(self.networks.vpns):
            mine = on & (self.places.vpn[who] == product)
            address = address.unless(mine, exits.take(below(len(exits), who, day, seed)))
        return address
