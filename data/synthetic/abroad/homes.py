"""Where people sit: their devices, what these run, and the networks they come from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import (
    DAY,
    HOUR,
    Flags,
    Floats,
    Ints,
    fixed,
    fixed_part,
    log_uniforms,
    weighted,
    wholes,
)
from data.synthetic.abroad.clients import Clients, odd_client
from data.synthetic.abroad.networks import Networks
from data.synthetic.abroad.people import People
from data.synthetic.abroad.platform import Platform

SLOTS = 4
_TABLET = 1 << 32
_COOKIE = 1 << 40
_NEVER = 1e18


@dataclass(frozen=True, slots=True)
class Seats:
    """Device, client, system, prefix and country of each session or engagement, as codes."""

    device: Ints
    client: Ints
    system: Ints
    prefix: Ints
    country: Ints

    def take(self, rows: Ints | Flags) -> Seats:
        return Seats(*(getattr(self, field.name)[rows] for field in fields(self)))

    def otherwise(self, mask: Flags, other: Seats) -> Seats:
        """The other's seat where the mask holds, this one elsewhere."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Seats(*(np.where(mask, theirs, mine) for mine, theirs in pairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """The seats of every account: shares of home, mobile, shared place and VPN, trips, devices and a phone change."""

    networks: Networks
    clients: Clients
    country: Ints
    household: Ints
    home: Ints
    carrier: Ints
    campus: Ints
    campus_prefix: Ints
    reach: Floats
    vpn: Ints
    renewal: Floats
    roams: Floats
    trip_from: Floats
    trip_to: Floats
    trip_country: Ints
    families: Ints
    lags: Floats
    stale: Ints
    device_weights: Floats
    changes_at: Floats
    cookieless: Flags

    def sit(self, rng: Generator, who: Ints, at: Floats) -> Seats:
        """The seat each person takes at each moment: own device and client, and one of his networks."""
        system, position = self._networks_of(rng, who, at)
        slot = self._slots_of(rng, who, at)
        device, client = self._devices_of(who, at, slot)
        return Seats(device, client, system, self.networks.prefix(system, position), self.networks.country[system])

    def _networks_of(self, rng: Generator, who: Ints, at: Floats) -> tuple[Ints, Ints]:
        mode = (_steady(rng, who, at, 1)[:, None] > np.cumsum(self.reach[who], axis=1)).sum(axis=1)
        away = (at >= self.trip_from[who]) & (at < self.trip_to[who])
        abroad = self.networks.homes.pick(self.trip_country[who], fixed_part(who, 31))
        hops = fixed(who, np.floor(at / DAY).astype(np.int64), 1 + who % 3)
        vpn = self.networks.hosts[(self.vpn[who] + hops) % len(self.networks.hosts)]
        systems = np.stack([self.home[who], self.carrier[who], self.campus[who], vpn])
        system = np.take_along_axis(systems, mode[None, :], axis=0)[0]
        system = np.where(away & (mode < 3) & (_steady(rng, who, at, 5) < 0.8), abroad, system)
        guest = (mode == 0) & ~away & (_steady(rng, who, at, 2) < self.roams[who])
        cafe = self.networks.homes.pick(self.country[who], _steady(rng, who, at, 4))
        system = np.where(guest, cafe, system)
        lease = np.floor(at / self.renewal[self.household[who]]).astype(np.int64)
        hour = np.floor(at / (6 * HOUR)).astype(np.int64)
        at_home = fixed(self.household[who], lease, 1 << 20)
        moving = fixed(who + 77, hour, 1 << 20)
        position = np.choose(mode, [np.where(guest, moving, at_home), moving, self.campus_prefix[who], moving])
        return system, np.where(away, fixed(who, self.trip_country[who], 1 << 20), position)

    def _slots_of(self, rng: Generator, who: Ints, at: Floats) -> Ints:
        bounds = np.cumsum(self.device_weights[who], axis=1)
        slot = (_steady(rng, who, at, 3)[:, None] > bounds).sum(axis=1)
        return np.asarray(np.minimum(slot, SLOTS - 1), dtype=np.int64)

    def _devices_of(self, who: Ints, at: Floats, slot: Ints) -> tuple[Ints, Ints]:
        family = self.families[who, slot]
        client = self.clients.running(family, at - self.lags[who, slot])
        client = np.where((self.stale[who] >= 0) & (slot == 0), self.stale[who], client)
        changed = (at >= self.changes_at[who]) & (slot == 0)
        device = who * 16 + slot + 8 * changed
        device = np.where(slot == SLOTS - 1, _TABLET + self.household[who], device)
        forgets = self.cookieless[who] & (slot == who % 2)
        hour = np.floor(at / HOUR).astype(np.int64)
        return np.where(forgets, _COOKIE + fixed(who, hour, 1 << 38), device), client


def _steady(rng: Generator, who: Ints, at: Floats, purpose: int) -> Floats:
    """Uniform numbers that mostly stay the same for a person within an hour: few people change seat in between."""
    hour = np.floor(at / HOUR).astype(np.int64)
    held = fixed_part(who, hour * 8 + purpose)
    return np.where(rng.random(len(who)) < 0.85, held, rng.random(len(who)))


def draw_homes(rng: Generator, platform: Platform, people: People, networks: Networks, clients: Clients) -> Homes:
    """Networks and devices for everybody; campuses, offices and households are shared, leases and carriers rotate."""
    count = people.count
    campus, campus_prefix = _campuses(rng, platform, people, networks)
    household = _households(rng, people)
    trip_from = np.where(rng.random(count) < platform.travellers, rng.uniform(0, platform.days, count) * DAY, _NEVER)
    return Homes(
        networks=networks,
        clients=clients,
        country=people.country,
        household=household,
        home=networks.homes.draw(rng, people.country[np.unique(household, return_index=True)[1]], 1.6)[household],
        carrier=networks.carriers.draw(rng, people.country, 1.4),
        campus=campus,
        campus_prefix=campus_prefix,
        reach=_reach(rng, platform, campus),
        vpn=(len(networks.hosts) * rng.random(count) ** 1.5).astype(np.int64),
        renewal=platform.home_renewal_days * rng.lognormal(0, 1.5, count) * DAY,
        roams=platform.roaming * np.minimum(rng.gamma(0.4, 2.5, count), 3.5),
        trip_from=trip_from,
        trip_to=trip_from + log_uniforms(rng, 1, 21, count) * DAY,
        trip_country=rng.integers(0, len(platform.countries), count),
        families=weighted(rng, clients.shares, count * SLOTS).reshape(count, SLOTS),
        lags=rng.lognormal(-0.5, 1.3, (count, SLOTS)) * float(clients.cycle_seconds.mean()) * 0.5,
        stale=_stale(rng, clients, count),
        device_weights=_device_weights(rng, platform, count),
        changes_at=np.where(rng.random(count) < platform.changers, rng.uniform(0, platform.days, count) * DAY, _NEVER),
        cookieless=rng.random(count) < platform.cookieless,
    )


def _households(rng: Generator, people: People) -> Ints:
    """One to five people of a country behind one router."""
    order = np.lexsort((rng.random(people.count), people.country))
    sizes = rng.choice([1, 2, 3, 4, 5], people.count, p=[0.5, 0.25, 0.12, 0.08, 0.05])
    household = np.empty(people.count, dtype=np.int64)
    household[order] = np.repeat(np.arange(people.count), sizes)[: people.count]
    return household


def _campuses(rng: Generator, platform: Platform, people: People, networks: Networks) -> tuple[Ints, Ints]:
    """Universities and offices: some on a home provider, some on hosting, each behind one or two prefixes."""
    places = max(2, int(people.count * platform.campuses / max(8, platform.circle_size)))
    country = rng.integers(0, len(platform.countries), places)
    system = networks.homes.draw(rng, country)
    hosted = rng.random(places) < 0.3
    system = np.where(hosted, rng.choice(networks.hosts, places), system)
    place = fixed(people.circle, 5, places)
    member = rng.random(people.count) < platform.campuses
    position = fixed(place, 9, 1 << 20) + rng.integers(0, 2, people.count)
    return np.where(member, system[place], -1), position


def _reach(rng: Generator, platform: Platform, campus: Ints) -> Floats:
    """Shares of home, mobile, campus and VPN of each person's sessions."""
    count = len(campus)
    mobile = np.clip(rng.beta(1.2, 1.2, count) * 2 * platform.mobile, 0, 0.98)
    work = np.where(campus >= 0, rng.uniform(0.05, 0.7, count), 0.0)
    vpn = np.where(rng.random(count) < platform.vpn, rng.beta(1.0, 1.2, count), 0.0)
    shares = (
        np.stack([(1 - mobile) * (1 - work), mobile * (1 - work), work, np.zeros(count)], axis=1) * (1 - vpn)[:, None]
    )
    shares[:, 3] = vpn + 1e-9
    return _as_shares(shares)


def _device_weights(rng: Generator, platform: Platform, count: int) -> Floats:
    weights = np.zeros((count, SLOTS))
    several = rng.random(count) < platform.several_devices
    weights[:, 0] = 1.0
    weights[:, 1] = several * rng.uniform(0.05, 1.2, count)
    weights[:, 2] = several * (rng.random(count) < 0.3) * rng.uniform(0.02, 0.8, count)
    weights[:, 3] = (rng.random(count) < platform.shared_tablets) * rng.uniform(0.05, 0.6, count)
    return _as_shares(weights)


def _stale(rng: Generator, clients: Clients, count: int) -> Ints:
    """People who never update, and a few on modified apps; -1 for everybody else."""
    share = rng.uniform(0.01, 0.08)
    moment = -log_uniforms(rng, 2, 40, count) * clients.cycle_seconds.mean()
    old = clients.running(weighted(rng, clients.shares, count), moment)
    modified = odd_client(40) + wholes(rng, 1, 12, count)
    draw = rng.random(count)
    return np.where(draw < share, old, np.where(draw < share * 1.25, modified, -1))


def _as_shares(rows: Floats) -> Floats:
    shares: Floats = rows / rows.sum(axis=1, keepdims=True)
    return shares
