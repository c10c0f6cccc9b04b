"""Ordinary people out of the ordinary: heavy thumbs, follow sprees, newcomers, travellers, offices, the famous."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import DAY, FOLLOW, Acts, gather, record
from data.synthetic.answers import STRANGERS, answers
from data.synthetic.people import ROLE
from data.synthetic.places import COUNTRIES, EXIT_PREFIXES
from data.synthetic.rhythm import human_gaps, lay_out, moments
from data.synthetic.ties import acquaintances, discoveries, ranked, strangers
from data.synthetic.whereabouts import own_place
from data.synthetic.world import World

HEAVY, SPREES, TRAVELLERS, NEWCOMERS, FAMOUS = 0.010, 0.005, 0.015, 0.012, 0.005
VPN, OFFICES = 0.035, 0.03


@dataclass(frozen=True, slots=True)
class Newcomers:
    """On their first days they follow whom the platform suggests: the same few for everybody, and some by taste."""

    world: World

    def day(self, day: int) -> Acts:
        world, people = self.world, self.world.people
        rng = world.rng("newcomers", day)
        born = people.born
        new = np.flatnonzero((people.role == ROLE["newcomer"]) & (born >= day - 1) & (born < day + 1))
        start = (born[new].astype(np.float64) * DAY).astype(np.int64) + rng.integers(0, DAY // 12, len(new))
        start = np.where(born[new] < day, moments(day, rng.uniform(8, 22, len(new))), start)
        size = np.where(born[new] < day, rng.poisson(18, len(new)), rng.geometric(1 / 45, len(new)) + 8)
        sitting, at = lay_out(start, size, human_gaps(rng, np.full(int(size.sum()), np.log(5.0)), 1.0))
        actor = new[sitting].astype(np.int32)
        draw = rng.random(len(at))
        suggested = discoveries(people, actor, ranked(people, rng.random(len(at)) * 0.55), rng)
        known, found = acquaintances(people, actor, rng)
        target = np.where(
            draw < 0.55, suggested, np.where(found & (draw < 0.85), known, strangers(people, len(at), rng))
        )
        acts = record(own_place(world, actor, at), actor=actor, target=target, at=at, kind=np.uint8(FOLLOW))
        return gather([acts, answers(world, acts, STRANGERS, rng)])


def cast_people(world: World) -> None:
    """Give the habits of their role to some ordinary people."""
    count, people = world.spec.accounts, world.people
    famous = people.by_rank[: max(2, round(FAMOUS * count))]
    people.role[famous] = ROLE["celebrity"]
    world.unused = world.unused[~np.isin(world.unused, famous)]
    cast_heavy(world, world.rng("heavy"))
    cast_newcomers(world, world.rng("newcomer"))
    cast_travellers(world, world.rng("traveller"))
    cast_sites(world, world.rng("sites"))


def cast_heavy(world: World, rng: np.random.Generator) -> None:
    """Hundreds of likes on a lively day, by thumb; or a hundred follows, most of them taken back."""
    people, count = world.people, world.spec.accounts
    heavy = world.take(round(HEAVY * count), "heavy")
    people.sittings[heavy] = rng.uniform(0.4, 1.5, len(heavy)) * world.spec.liveliness
    people.size[heavy] = rng.uniform(12, 34, len(heavy))
    people.gap[heavy] = rng.normal(np.log(7), 0.5, len(heavy))
    people.width[heavy] = rng.uniform(3, 7, len(heavy))
    spree = world.take(round(SPREES * count), "heavy")
    people.sittings[spree] = rng.uniform(0.2, 0.8, len(spree)) * world.spec.liveliness
    people.size[spree] = rng.uniform(8, 30, len(spree))
    people.gap[spree] = rng.normal(np.log(6), 0.4, len(spree))
    people.keen[spree] = rng.uniform(0.76, 0.95, len(spree))
    people.friends[spree], people.favourites[spree] = 0.12, 0.13
    people.explores[spree] = rng.uniform(0.2, 0.6, len(spree))


def cast_newcomers(world: World, rng: np.random.Generator) -> None:
    new = world.take(round(NEWCOMERS * world.spec.accounts), "newcomer")
    people = world.people
    people.born[new] = rng.uniform(0, world.spec.planned_days, len(new))
    people.sittings[new] = np.maximum(people.sittings[new], rng.uniform(0.1, 1.0, len(new)))


def cast_travellers(world: World, rng: np.random.Generator) -> None:
    """A few days in another country; some have to enter their password there."""
    away = world.take(round(TRAVELLERS * world.spec.accounts), "traveller")
    people, days = world.people, world.spec.planned_days
    people.travel_first[away] = rng.uniform(0, max(1, days - 5), len(away))
    people.travel_last[away] = people.travel_first[away] + rng.uniform(3, 12, len(away))
    people.travel_to[away] = (people.country[away] + rng.integers(1, len(COUNTRIES), len(away))) % len(COUNTRIES)
    people.sittings[away] = np.maximum(people.sittings[away], rng.uniform(0.15, 1.0, len(away)))


def cast_sites(world: World, rng: np.random.Generator) -> None:
    """Universities and offices in rented rooms, and people on private networks; whatever their role."""
    people, atlas, count = world.people, world.atlas, world.spec.accounts
    hidden = np.flatnonzero(rng.random(count) < VPN)
    people.site[hidden] = atlas.exits[rng.integers(0, 4, len(hidden))] + rng.integers(0, EXIT_PREFIXES, len(hidden))
    employed = np.flatnonzero((rng.random(count) < OFFICES) & (people.site < 0))
    sites = [
        atlas.add(int(rng.choice(atlas.hosting)), int(rng.integers(len(COUNTRIES))), 1)
        for _ in range(max(3, len(employed) // 40))
    ]
    people.site[employed] = rng.choice(sites, len(employed))
