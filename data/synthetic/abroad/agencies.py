"""Agencies that run their clients' accounts openly, from an office and in business hours."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.acts import AGENCY, Acts, acts, joined, moments
from data.synthetic.abroad.chance import DAY, HOUR, Flags, Floats, Ints, few, log_uniform, log_uniforms, whole
from data.synthetic.abroad.clients import odd_client
from data.synthetic.abroad.everyday import choose_targets
from data.synthetic.abroad.homes import Seats
from data.synthetic.abroad.people import COMMENT, FOLLOW, LIKE
from data.synthetic.abroad.platform import UTC_OFFSETS
from data.synthetic.abroad.scene import Scene

_OFFICE = 1 << 34


def agencies(rng: Generator, scene: Scene) -> tuple[Acts, Flags, Flags]:
    """What agencies do, whose accounts they hold, and for which of these the delegation is declared (70 %)."""
    held = np.zeros(scene.people.count, dtype=bool)
    parts = []
    for number in range(whole(rng, 2, 8)):
        clients = few(
            rng, np.flatnonzero(~held & ~scene.people.newcomer), whole(rng, 3, max(4, scene.people.count // 60))
        )
        held[clients] = True
        parts.append(_work(rng, scene, clients, number))
    return joined(parts), held, held & (rng.random(scene.people.count) < 0.7)


def _work(rng: Generator, scene: Scene, clients: Ints, number: int) -> Acts:
    visits = rng.poisson(log_uniform(rng, 0.2, 1.5) * scene.platform.days, len(clients))
    who = np.repeat(clients, visits)
    offset = UTC_OFFSETS[scene.platform.countries[scene.people.country[clients[0]]]]
    starts = rng.integers(0, scene.platform.days, len(who)) * DAY + (rng.uniform(8.5, 17.5, len(who)) - offset) * HOUR
    sizes = np.rint(log_uniforms(rng, 1, log_uniform(rng, 4, 50), len(who))).astype(np.int64)
    pace = np.full(len(who), log_uniform(rng, 4, 90))
    row, at = moments(rng, starts, sizes, pace, rng.uniform(0.3, 1.1, len(who)))
    actor = who[row]
    kind = rng.choice([LIKE, FOLLOW, COMMENT], len(actor), p=rng.dirichlet([3, 0.6, 3]))
    target = choose_targets(rng, scene, actor, kind)
    return acts(kind, actor, target, at, _office(rng, scene, who, starts, number).take(row), origin=AGENCY)


def _office(rng: Generator, scene: Scene, who: Ints, starts: Floats, number: int) -> Seats:
    """An official partner's tool or current clients, on one to ten office devices behind one or two prefixes."""
    networks = scene.homes.networks
    country = scene.people.country[who[:1]] if len(who) else np.zeros(1, dtype=np.int64)
    hosted = rng.random() < 0.3
    system = int(rng.choice(networks.hosts)) if hosted else int(networks.homes.draw(rng, country)[0])
    systems = np.full(len(who), system)
    device = _OFFICE + number * 4096 + who % whole(rng, 1, 10)
    family = np.full(len(who), int(rng.integers(scene.homes.clients.families)))
    current = scene.homes.clients.running(family, starts - DAY)
    partner = np.full(len(who), odd_client(20 + int(rng.integers(4))))
    client = partner if rng.random() < 0.5 else current
    position = number * 31 + rng.integers(0, 2, len(who))
    return Seats(device, client, systems, networks.prefix(systems, position), networks.country[systems])
