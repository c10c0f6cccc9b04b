"""From where people act themselves: at home, out, at work, on a private network or abroad, and with which device."""

from __future__ import annotations

import numpy as np

from data.synthetic.acts import DAY, HOUR, Place
from data.synthetic.chance import Array, Number, below, scramble, unit
from data.synthetic.people import WEB
from data.synthetic.places import EXIT_PREFIXES, HOTEL_PREFIXES, OFFSETS
from data.synthetic.world import SLOTS, World

# A release every fortnight; the first of the world has this number. Client codes keep 64 numbers for each system.
RELEASE_DAYS, FIRST_RELEASE, RELEASES = 14, 24, 64
WEB_CLIENT, PARTNER_CLIENT = 2 * RELEASES, 2 * RELEASES + 1
CLIENT_NAMES = (
    *(f"android-{380 + number}.0" for number in range(RELEASES)),
    *(f"ios-{380 + number}.0" for number in range(RELEASES)),
    "web-desktop",
    *(f"partner-suite-{number}" for number in range(1, 4)),
)
STAY = 2 * HOUR
# Visits, cafés and work places that are nobody's site, half a day each.
ERRAND = 12 * HOUR


def release(system: Array, day: Array, behind: Number = 0) -> Array:
    """The newest release on a day, or one so many behind it."""
    number = np.clip(np.floor(day / RELEASE_DAYS) + FIRST_RELEASE - behind, 0, RELEASES - 1)
    told: Array = np.where(system == WEB, WEB_CLIENT, np.minimum(system, 1) * RELEASES + number).astype(np.int16)
    return told


def own_place(world: World, actor: Array, at: Array) -> Place:
    """Where each act comes from if its account's owner makes it; the same for two hours on end."""
    people, seed = world.people, world.spec.seed
    day = (at / DAY).astype(np.float32)
    helped = (people.helper[actor] >= 0) & (day >= people.helped_from[actor])
    helped &= unit(scramble(actor, at // STAY, seed + 1)) < people.helped_share[actor]
    actor = np.where(helped, people.helper[actor], actor)
    bits = scramble(actor, at // STAY, seed)
    is_second = people.second[actor] & (unit(bits, 0) < 0.22)
    changed = day >= people.device_change[actor]
    client = release(people.system[actor], day - np.where(changed, 0, people.lag[actor]))
    client = np.where(
        is_second, np.where(actor % 3 == 0, WEB_CLIENT, release(1 - people.system[actor] % 2, day)), client
    )
    head = people.head[actor]
    is_lent = (head >= 0) & is_second
    device = actor.astype(np.int64) * SLOTS + np.where(is_second, 2, changed)
    blank = people.blank[actor]
    device = np.where((blank >= 0) & ~is_second, np.int64(len(people) * SLOTS) + blank, device)
    return Place(
        client.astype(np.int16),
        own_prefix(world, actor, at, bits),
        np.where(is_lent, head.astype(np.int64) * SLOTS + 3, device).astype(np.int32),
    )


def own_prefix(world: World, actor: Array, at: Array, bits: Array) -> Array:
    people, atlas = world.people, world.atlas
    day = (at / DAY).astype(np.float32)
    country, household = people.country[actor], people.household[actor]
    moved = day >= people.move[actor]
    lease = np.floor(day / people.lease[actor]).astype(np.int64) + moved * 100_000
    provider = np.where(moved, (people.provider[actor] + household) % 4, people.provider[actor])
    prefix = atlas.home(country, provider, scramble(household, lease))
    elsewhere = scramble(actor, at // ERRAND, 1)
    is_visit = (unit(elsewhere) < people.visits[actor]) & (unit(bits, 3) < 0.7)
    prefix = np.where(is_visit, atlas.home(country, below(elsewhere, 4), scramble(elsewhere)), prefix)
    is_out = unit(bits, 1) < people.mobile[actor]
    prefix = np.where(is_out, atlas.carrier(country, people.carrier[actor], scramble(actor, at // (3 * STAY))), prefix)
    site = people.site[actor]
    prefix = np.where(
        (site >= 0) & (unit(bits, 2) < people.site_share[actor]) & at_work(world, actor, at), site, prefix
    )
    away = (day >= people.travel_first[actor]) & (day < people.travel_last[actor])
    if away.any():
        prefix = np.where(away, abroad(world, actor, bits), prefix)
    return prefix.astype(np.int32)


def at_work(world: World, actor: Array, at: Array) -> Array:
    """Whether the site is used now: weekdays by day, private networks at any time."""
    hour = (at // HOUR + OFFSETS[world.people.country[actor]]) % 24
    weekday = (at // DAY) % 7 < 5
    exits = world.atlas.exits
    site = world.people.site[actor]
    is_exit = (site >= exits.min()) & (site < exits.max() + EXIT_PREFIXES)
    told: Array = is_exit | (weekday & (hour >= 8) & (hour < 18))
    return told


def abroad(world: World, actor: Array, bits: Array) -> Array:
    """A hotel, or a carrier of the country that is visited."""
    people, atlas = world.people, world.atlas
    there = people.travel_to[actor]
    hotel = atlas.hotels[there] + actor % HOTEL_PREFIXES
    told: Array = np.where(unit(bits, 3) < 0.55, hotel, atlas.carrier(there, actor % 2, bits))
    return told
