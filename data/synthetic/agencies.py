"""Agencies: offices that act for their clients, with consent that most of them have declared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, FOLLOW, LIKE, Acts, Place, gather, record
from data.synthetic.chance import Array, below, scramble
from data.synthetic.places import COUNTRIES, OFFSETS
from data.synthetic.rhythm import human_gaps, lay_out, moments
from data.synthetic.ties import acquaintances, compatriots, favourites, posts_unless
from data.synthetic.whereabouts import PARTNER_CLIENT, WEB_CLIENT
from data.synthetic.world import World

DECLARED, ON_PARTNER_CLIENT, HOSTED_OFFICE = 0.7, 0.7, 0.3
WORKS, CAMPAIGN = 0.62, 0.04
DESKS = 4


@dataclass(frozen=True, slots=True)
class Agency:
    world: World
    number: int
    clients: Array
    client_code: int
    prefix: int
    devices: int
    offset: int

    def day(self, day: int) -> Acts:
        if day % 7 >= 5:
            return gather([])
        world, people = self.world, self.world.people
        rng = world.rng("agency", self.number, day)
        worked = self.clients[rng.random(len(self.clients)) < WORKS]
        who = np.repeat(worked, 1 + rng.poisson(0.5, len(worked)))
        start = moments(day, (9 + 8.5 * rng.random(len(who)) - self.offset) % 24)
        busy = rng.random(len(who)) < CAMPAIGN
        size = np.where(busy, rng.poisson(55, len(who)) + 1, rng.geometric(1 / 6.5, len(who)))
        sitting, at = lay_out(start, size, human_gaps(rng, np.full(int(size.sum()), np.log(32.0)), 0.95))
        actor = who[sitting]
        draw = rng.random(len(at))
        known, found = acquaintances(people, actor, rng)
        regular = np.where(found, known, favourites(people, actor, rng))
        target = np.where(draw < 0.5, regular, compatriots(people, actor, rng))
        kind = rng.choice([LIKE, COMMENT, FOLLOW], len(at), p=[0.47, 0.45, 0.08])
        kind = np.where(busy[sitting], LIKE, kind)
        text = np.where(kind == COMMENT, world.phrases.pick("agency", rng, len(at)), -1)
        desk = self.devices + below(scramble(actor, day, self.number), DESKS)
        place = Place(np.full(len(at), self.client_code), np.full(len(at), self.prefix), desk)
        post = posts_unless(people, target, at, rng.geometric(0.6, len(at)) - 1, none=kind == FOLLOW)
        return record(place, actor=actor, target=target, at=at, kind=kind, post=post, text=text, origin=np.int16(1))


def draw_agency(world: World, number: int) -> Agency:
    """An office with its own prefix, at home with a provider or in a rented room."""
    rng = world.rng("agency plan", number)
    clients = world.take(int(rng.integers(5, 27)), "agency_client")
    people, atlas = world.people, world.atlas
    country = int(rng.integers(len(COUNTRIES)))
    people.declared[clients] = rng.random(len(clients)) < (1.0 if rng.random() < 0.35 else 0.55)
    # Part of the clients do little themselves, as those do who have somebody for it.
    people.sittings[clients] *= np.where(rng.random(len(clients)) < 0.3, 0.1, 1.0)
    if rng.random() < HOSTED_OFFICE:
        prefix = atlas.add(int(rng.choice(atlas.hosting)), country, 1)
    else:
        provider = int(rng.integers(4))
        prefix = int(atlas.homes[country, provider] + rng.integers(atlas.home_counts[country, provider]))
    client = PARTNER_CLIENT + int(rng.integers(3)) if rng.random() < ON_PARTNER_CLIENT else WEB_CLIENT
    return Agency(world, number, clients, client, prefix, world.new_devices(DESKS), int(OFFSETS[country]))
