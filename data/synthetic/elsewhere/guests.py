"""Log-ins of everyday life: new phones, journeys, forgotten passwords, and strangers who guess."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.synthetic.elsewhere.chance import DAY
from data.synthetic.elsewhere.world import World

USUAL = 0.45  # log-ins of an account during the log
GUESSED = 0.03  # accounts whose password somebody tries


def log_in(world: World) -> None:
    """Write the log-ins that no seller, agency or farm makes."""
    _now_and_then(world)
    _on_occasion(world)
    _guess(world)


def _now_and_then(world: World) -> None:
    chance = world.chance
    people = np.flatnonzero(~world.standing.made_up)
    often = np.repeat(people, chance.poisson(USUAL, len(people)))
    who = np.concatenate([often, people[world.places.p_vpn[people] > 0], world.role("heavy")])
    at = world.clock.moments(who, chance.uniform(0, world.dials.days, len(who)))
    scene = world.owners.scene(who, at)
    mistyped = chance.random(len(who)) < 0.12
    earlier = at[mistyped] - chance.exponential(40, mistyped.sum()) - 3
    world.login(who[mistyped], earlier, scene.take(mistyped), succeeded=False)
    world.login(who, at, scene)


def _on_occasion(world: World) -> None:
    chance = world.chance
    people = np.flatnonzero(~world.standing.made_up)
    new_phone, abroad = world.phones.change, world.places.trip_from + 0.2 * DAY
    joined = world.hands.since * DAY + 60
    for moment, share in ((new_phone, 0.9), (abroad, 0.35), (joined, 0.9)):
        due = np.isfinite(moment[people]) & (moment[people] > 100) & (chance.random(len(people)) < share)
        who = people[due]
        world.login(who, moment[who] + chance.exponential(600, len(who)))


def _guess(world: World) -> None:
    chance = world.chance
    people = np.flatnonzero(~world.standing.made_up)
    who = chance.choice(people, int(GUESSED * world.size))
    at = chance.uniform(0, world.dials.days, len(who)) * DAY
    exits = world.networks.exits(chance, 3, 12).take(chance.integers(0, 12, len(who)))
    scene = replace(
        world.owners.scene(who, at),
        network=exits.network,
        slot=exits.slot,
        device=world.new_devices(len(who)),
        country=exits.country,
    )
    world.login(who, at, scene, succeeded=False)
