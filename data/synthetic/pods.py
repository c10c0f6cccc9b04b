"""Pods: people who promised each other a like and a comment on every post, from their own phones, by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, LIKE, MINUTE, SECOND, Acts, gather, record
from data.synthetic.chance import Array
from data.synthetic.rhythm import hours_around, moments
from data.synthetic.ties import POSTS
from data.synthetic.whereabouts import own_place
from data.synthetic.world import World

POSTS_A_DAY, KEEPS_WORD, COMMENTS = 0.3, (0.4, 0.9), 0.45
REACTION_MINUTES, REACTION_SPREAD = 22.0, 1.1
# Numbers of announced posts, above those of everyday ones.
ANNOUNCED = 600_000


@dataclass(frozen=True, slots=True)
class Pod:
    world: World
    name: str
    members: Array
    joined: Array
    faithful: Array
    origin: int

    def day(self, day: int) -> Acts:
        world, people = self.world, self.world.people
        rng = world.rng(self.name, day)
        there = np.flatnonzero(self.joined <= day)
        poster = np.repeat(there, rng.poisson(POSTS_A_DAY, len(there)))
        if not len(poster):
            return gather([])
        posted = moments(day, hours_around(rng, people.peak[self.members[poster]], np.full(len(poster), 2.5)))
        post, reader = np.divmod(np.arange(len(poster) * len(there)), len(there))
        keeps = rng.random(len(post)) < self.faithful[there[reader]]
        post, reader = post[keeps], there[reader[keeps]]
        wait = REACTION_MINUTES * np.exp(REACTION_SPREAD * rng.standard_normal(len(post)))
        likes = self.acts(reader, poster[post], posted[post] + (wait * MINUTE).astype(np.int64), post, LIKE)
        says = rng.random(len(post)) < COMMENTS
        later = posted[post] + (wait * MINUTE).astype(np.int64) + rng.integers(8, 90, len(post)) * SECOND
        comments = self.acts(reader[says], poster[post[says]], later[says], post[says], COMMENT)
        return gather([likes, comments])

    def acts(self, reader: Array, poster: Array, at: Array, post: Array, kind: int) -> Acts:
        actor, target = self.members[reader], self.members[poster]
        rng = self.world.rng(self.name, int(at.sum() % 2**31), kind)
        text = self.world.phrases.pick("people", rng, len(at)) if kind == COMMENT else np.full(len(at), -1)
        return record(
            own_place(self.world, actor, at),
            actor=actor,
            target=target,
            at=at,
            kind=np.uint8(kind),
            post=target * POSTS + ANNOUNCED + (at // (24 * 60 * MINUTE)) * 64 + post % 64,
            text=text,
            origin=np.int16(self.origin),
        )


def open_pod(world: World, number: int, count: int) -> Pod:
    rng = world.rng("pod", number)
    members = world.take(count, "pod")
    name = f"pod:circle-{number}"
    joined = rng.uniform(-30, 0.5 * world.spec.planned_days, len(members))
    for key, since in zip(members.tolist(), joined.tolist(), strict=True):
        world.services[key], world.families[key], world.started[key] = [name], "pod", since
    people = world.people
    people.sittings[members] = np.maximum(people.sittings[members], rng.uniform(0.3, 2.0, len(members)))
    return Pod(world, name, members, joined, rng.uniform(*KEEPS_WORD, len(members)), world.origin(name))
