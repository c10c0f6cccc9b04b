"""Phones and places of each account: devices, clients, homes, offices, journeys and VPNs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.chance import DAY, Bools, Floats, Ints, below, unit
from data.synthetic.elsewhere.dials import Dials, Kit
from data.synthetic.elsewhere.lands import LANDS, NETWORKS_EACH
from data.synthetic.elsewhere.people import Crowd
from data.synthetic.elsewhere.platform import GADGETS, MOD_SHARES, Clients, Networks
from data.synthetic.elsewhere.scene import ANDROID, TABLET, WEB
from data.synthetic.elsewhere.ties import Ties


@dataclass(slots=True)
class Phones:
    """Devices and clients; times are seconds from the log's start."""

    first: Ints
    replaced: Ints
    second: Ints
    first_system: Ints
    replaced_system: Ints
    second_system: Ints
    change: Floats  # when the first phone is replaced
    p_second: Floats
    lag: Floats  # days until a release is installed
    stuck: Ints  # 0 up to date, 1 to 3 an old phone's last build, more: builds behind
    mod: Ints  # build of a modified client, 0 none
    gadget: Ints
    p_gadget: Floats


@dataclass(slots=True)
class Places:
    """Networks by index; shares are 0 to 1."""

    house: Ints  # the account whose home it is
    home: Ints
    next_home: Ints
    moved: Floats  # seconds from the log's start
    lease: Floats  # seconds an address stays
    mobile: Ints
    p_mobile: Floats
    works: Bools
    office: Ints
    office_slot: Ints
    p_vpn: Floats
    vpn: Ints
    p_public: Floats
    p_wander: Floats
    trip_from: Floats
    trip_to: Floats
    trip_country: Ints


def draw_phones(dials: Dials, clients: Clients, chance: np.random.Generator) -> Phones:
    """Draw what everybody holds."""
    size, kit, days = dials.accounts, dials.kit, dials.days
    systems = np.array([0.48, 0.3, 0.08, 0.1, 0.04]) * chance.uniform(0.6, 1.6, 5)
    systems = systems / systems.sum()
    return Phones(
        first=np.arange(size),
        replaced=np.arange(size, 2 * size),
        second=np.arange(2 * size, 3 * size),
        first_system=chance.choice(5, size, p=systems),
        replaced_system=chance.choice(5, size, p=systems),
        second_system=chance.choice(np.array([WEB, WEB, WEB, TABLET, ANDROID]), size),
        change=np.where(chance.random(size) < kit.new_phone, chance.uniform(1, days, size) * DAY, np.inf),
        p_second=np.where(chance.random(size) < kit.second, chance.beta(1, 3, size), 0),
        lag=chance.exponential(kit.lag, size),
        stuck=_stuck(kit, chance, size),
        mod=np.where(chance.random(size) < kit.mods, chance.choice(clients.mods, size, p=MOD_SHARES), 0),
        gadget=np.where(chance.random(size) < kit.gadgets, chance.integers(*GADGETS, size), 0),
        p_gadget=chance.beta(1.5, 2, size),
    )


def _stuck(kit: Kit, chance: np.random.Generator, size: int) -> Ints:
    part = chance.random(size)
    behind = np.where(part < kit.old + 0.02, chance.integers(4, 60, size), 0)
    return np.where(part < kit.old, chance.integers(1, 4, size), behind)


def draw_places(dials: Dials, crowd: Crowd, ties: Ties, networks: Networks, chance: np.random.Generator) -> Places:
    """Draw where everybody lives, works and goes."""
    size, kit, seed = dials.accounts, dials.kit, dials.seed
    country = crowd.country[:size]
    house = _houses(country, ties, chance)
    return Places(
        house=house,
        home=networks.fixed[country] + below(NETWORKS_EACH, house * 2, seed, 11),
        next_home=networks.fixed[country] + below(NETWORKS_EACH, house * 2 + 1, seed, 11),
        moved=np.where(chance.random(size) < 0.06, chance.uniform(1, dials.days, size) * DAY, np.inf),
        lease=np.where(unit(house, seed, 3) < 0.4, 3 * DAY, 400 * DAY),
        mobile=networks.mobile[country] + below(NETWORKS_EACH, np.arange(size), seed, 12),
        p_mobile=chance.beta(1.2, 1.8, size),
        works=chance.random(size) < kit.works,
        office=_offices(country, networks, chance),
        office_slot=chance.integers(0, 6, size),
        p_vpn=_vpn_shares(kit, chance, size),
        vpn=chance.integers(0, len(networks.vpns), size),
        p_public=np.where(chance.random(size) < kit.public, chance.beta(1.2, 2.5, size), 0),
        p_wander=chance.beta(1, 5, size),
        trip_from=np.full(size, np.inf),
        trip_to=np.full(size, -np.inf),
        trip_country=chance.choice(len(LANDS), size, p=networks.land_shares),
    )


def _houses(country: Ints, ties: Ties, chance: np.random.Generator) -> Ints:
    """The account that heads each home: oneself for two people of three, else somebody near in the ring."""
    size = len(country)
    house = ties.ring[ties.place // chance.choice(np.array([1, 1, 2, 3, 4]), size)]
    own = (chance.random(size) < 0.65) | (country[house] != country)
    return np.where(own, np.arange(size), house)


def _offices(country: Ints, networks: Networks, chance: np.random.Generator) -> Ints:
    size, offices = len(country), networks.offices
    near = offices[(country * 7 + chance.integers(0, 7, size)) % len(offices)]
    return np.where(chance.random(size) < 0.1, chance.choice(networks.hosts, size), near)


def _vpn_shares(kit: Kit, chance: np.random.Generator, size: int) -> Floats:
    part = chance.random(size)
    always = np.where(part < kit.vpn_some + kit.vpn_always, 0.95, 0.0)
    return np.where(part < kit.vpn_some, chance.beta(1, 2, size), always)


def share_phones(dials: Dials, crowd: Crowd, ties: Ties, phones: Phones, places: Places) -> None:
    """Give some accounts the phone and the home of somebody near: one person, several accounts."""
    chance = ties.chance
    twins = np.flatnonzero(chance.random(dials.accounts) < dials.habits.twins)
    model = ties.near(twins, chance.integers(1, 3, len(twins)))
    for name in ("first", "replaced", "second", "first_system", "replaced_system", "second_system", "change", "lag"):
        held = getattr(phones, name)
        held[twins] = held[model]
    for name in ("house", "home", "next_home", "mobile", "moved", "lease"):
        held = getattr(places, name)
        held[twins] = held[model]
    crowd.country[twins] = crowd.country[model]
