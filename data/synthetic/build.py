"""From a specification to a world in motion: everybody with a part, and the days one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from data.synthetic.acts import NOTHING, Acts, gather
from data.synthetic.agencies import draw_agency
from data.synthetic.cast import SELLERS, Seller
from data.synthetic.chance import Array
from data.synthetic.collusion import open_collusion
from data.synthetic.crowds import draw_community, draw_fans, draw_giveaway
from data.synthetic.drips import open_drip
from data.synthetic.entries import enter_passwords
from data.synthetic.farms import open_farm
from data.synthetic.habits import Newcomers, cast_people
from data.synthetic.life import Life
from data.synthetic.pods import open_pod
from data.synthetic.reciprocity import open_reciprocity
from data.synthetic.rigs import Rig, set_up
from data.synthetic.spec import WorldSpec
from data.synthetic.ways import ways
from data.synthetic.world import World, begin_world

Opens = Callable[[World, Seller, int, Rig], "Actor"]
OPEN: dict[str, Opens] = {
    "reciprocity": open_reciprocity,
    "collusion": open_collusion,
    "farm": open_farm,
    "drip": open_drip,
}
# Members of a collusion network lend their own network for so much of what it does.
HOME_SHARE = {"collusion": 0.3}
# A later month begins with what was still to come from the days before it.
LEAD_DAYS = 5
HOSTILE_ACCOUNTS = 8


class Actor(Protocol):
    """Somebody who acts, day by day; acts may fall on later days."""

    def day(self, day: int) -> Acts: ...


@dataclass(frozen=True, slots=True)
class Cast:
    """A world and everybody who acts in it."""

    world: World
    actors: tuple[Actor, ...]
    hostile: Array


def cast_world(spec: WorldSpec) -> Cast:
    """Give everybody a part: services first, as they find customers anywhere, then crowds, agencies, habits."""
    world = begin_world(spec)
    cast_people(world)
    actors = [*open_services(world), *open_pods(world), *draw_crowds(world), Newcomers(world), Life.of(world)]
    enter_passwords(world)
    served = world.rng("hostile").permutation(np.array(sorted(world.services), dtype=np.int64))
    return Cast(world, tuple(actors), served[: HOSTILE_ACCOUNTS if spec.has_hostile_texts else 0])


def open_services(world: World) -> list[Actor]:
    rigs: dict[str, Rig] = {}
    actors: list[Actor] = []
    for usual in SELLERS:
        if usual.family in world.spec.without:
            continue
        seller = ways(usual, world.rng("ways", *usual.name.encode()))
        world.phrases.add_templates(seller.name, world.rng("templates", *seller.name.encode()))
        rig = set_up(world, seller.fabric, rigs, home_share=HOME_SHARE.get(seller.family, 0.0))
        count = getattr(world.spec.sizes, seller.name)
        actors.append(OPEN[seller.family](world, seller, count, rig))
    return actors


def open_pods(world: World) -> list[Actor]:
    if "pod" in world.spec.without:
        return []
    return [open_pod(world, number + 1, count) for number, count in enumerate(world.spec.sizes.pods)]


def draw_crowds(world: World) -> list[Actor]:
    count = world.spec.accounts
    return [
        *(draw_fans(world, number) for number in range(int(np.clip(count // 2_500, 2, 12)))),
        *(draw_giveaway(world, number) for number in range(int(np.clip(count // 4_000, 1, 10)))),
        *(draw_community(world, number) for number in range(int(np.clip(count // 900, 3, 60)))),
        *(draw_agency(world, number) for number in range(int(np.clip(count // 1_000, 3, 60)))),
    ]


def days(cast: Cast) -> Iterator[Acts]:
    """The acts of each day of the log in the order of time; none is held longer than until its day."""
    spec = cast.world.spec
    last = spec.first_day + spec.days
    later: dict[int, list[Acts]] = {}
    for day in range(max(0, spec.first_day - LEAD_DAYS), last):
        for actor in cast.actors:
            for when, acts in actor.day(day).by_day().items():
                if day <= when < last:
                    later.setdefault(when, []).append(acts)
        today = gather(later.pop(day, []))
        if day >= spec.first_day:
            yield in_order(cast, today, day)


def in_order(cast: Cast, acts: Acts, day: int) -> Acts:
    """Sorted by time, without those whose actor or target does not exist yet."""
    born = cast.world.people.born
    acts = acts.take(np.argsort(acts["at"], kind="stable"))
    moment = acts["at"] / 86_400e6
    alive = (born[acts["actor"]] <= moment) & (born[acts["target"]] <= moment)
    acts = acts if alive.all() else acts.take(np.flatnonzero(alive))
    return say_hostile_things(cast, acts, day) if len(cast.hostile) else acts


def say_hostile_things(cast: Cast, acts: Acts, day: int) -> Acts:
    """Some comments of some accounts that are served hold what a page must not run."""
    spoken = np.isin(acts["actor"], cast.hostile) & (acts["text"] != NOTHING)
    rng = cast.world.rng("hostile", day)
    texts = acts["text"].copy()
    texts[spoken] = np.where(
        rng.random(spoken.sum()) < 0.5, cast.world.phrases.pick("hostile", rng, int(spoken.sum())), texts[spoken]
    )
    return Acts({**acts.columns, "text": texts})
