"""Everybody's own life, one day at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, FOLLOW, LIKE, Acts, gather, record
from data.synthetic.answers import FRIENDS, STRANGERS, answers, taken_back
from data.synthetic.chance import Array, below, scramble
from data.synthetic.people import People
from data.synthetic.rhythm import hours_around, human_gaps, lay_out, moments
from data.synthetic.ties import acquaintances, discoveries, favourites, popular, posts_unless, strangers
from data.synthetic.whereabouts import own_place
from data.synthetic.world import World

# Monday to Sunday.
WEEK = np.array([0.95, 0.92, 0.94, 0.98, 1.05, 1.12, 1.04])
# Lively and quiet spells of three days.
SPELL_DAYS, SPELL_SPREAD = 3, 1.1
LONGEST_SITTING = 160
FRIEND, FAVOURITE, POPULAR, STRANGER = range(4)
# Share of comments, and of follows as a multiple of how keen the account is to follow.
COMMENTS = np.array([0.17, 0.07, 0.035, 0.03], dtype=np.float32)
FOLLOWS = np.array([0.08, 0.12, 0.95, 1.1], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Life:
    """The owners of all accounts."""

    world: World
    spells: Array

    @classmethod
    def of(cls, world: World) -> Life:
        drawn = np.exp(world.rng("spells").normal(0, SPELL_SPREAD, 4096)).astype(np.float32)
        return cls(world, np.minimum(drawn / drawn.mean(), 8))

    def day(self, day: int) -> Acts:
        world, people = self.world, self.world.people
        rng = world.rng("life", day)
        everyone = np.arange(len(people), dtype=np.int64)
        spell = self.spells[below(scramble(everyone, day // SPELL_DAYS, world.spec.seed), 4096)]
        mean = people.sittings * spell * np.float32(WEEK[day % 7]) * (people.born <= day)
        who = np.repeat(everyone, rng.poisson(mean)).astype(np.int32)
        start = moments(day, hours_around(rng, people.peak[who], people.width[who]))
        size = np.minimum(rng.geometric(1 / people.size[who]), LONGEST_SITTING)
        sitting, at = lay_out(start, size, human_gaps(rng, np.repeat(people.gap[who], size)))
        place = own_place(world, who, start).take(sitting)
        actor = who[sitting]
        target, tie = choose_targets(people, actor, rng)
        kind = choose_kinds(people, actor, tie, rng)
        acts = record(place, **told(world, rng, actor, target, at=at, kind=kind))
        return gather([acts, *consequences(world, acts, rng)])


def told(
    world: World, rng: np.random.Generator, actor: Array, target: Array, *, at: Array, kind: Array
) -> dict[str, Array]:
    age = rng.geometric(0.6, len(at)) - 1
    text = np.full(len(at), -1, dtype=np.int32)
    said = np.flatnonzero(kind == COMMENT)
    text[said] = world.phrases.pick("people", rng, len(said))
    post = posts_unless(world.people, target, at, age, none=kind == FOLLOW)
    return {"actor": actor, "target": target, "at": at, "kind": kind, "post": post, "text": text}


def choose_targets(people: People, actor: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Whom each act goes to, and what ties the two."""
    draw = rng.random(len(actor), dtype=np.float32)
    first = people.friends[actor]
    second = first + people.favourites[actor]
    third = second + people.explores[actor]
    tie = (draw >= first).astype(np.int8) + (draw >= second) + (draw >= third)
    target = np.empty(len(actor), dtype=np.int32)
    rows = np.flatnonzero(tie == FRIEND)
    target[rows], found = acquaintances(people, actor[rows], rng)
    tie[rows[~found]] = FAVOURITE
    rows = np.flatnonzero(tie == FAVOURITE)
    target[rows] = favourites(people, actor[rows], rng)
    rows = np.flatnonzero(tie == POPULAR)
    target[rows] = discoveries(people, actor[rows], popular(people, len(rows), rng), rng)
    rows = np.flatnonzero(tie == STRANGER)
    target[rows] = discoveries(people, actor[rows], strangers(people, len(rows), rng), rng)
    return target, tie


def choose_kinds(people: People, actor: Array, tie: Array, rng: np.random.Generator) -> Array:
    draw = rng.random(len(actor), dtype=np.float32)
    comment = np.minimum(COMMENTS[tie] * people.talks[actor], 0.8)
    follow = comment + FOLLOWS[tie] * people.keen[actor]
    told: Array = np.where(draw < comment, COMMENT, np.where(draw < follow, FOLLOW, LIKE)).astype(np.uint8)
    return told


def consequences(world: World, acts: Acts, rng: np.random.Generator) -> list[Acts]:
    """Answers, and second thoughts: the very keen take most of their follows back."""
    people = world.people
    near = np.abs(people.place[acts["actor"]] - people.place[acts["target"]]) < 50
    follows = acts.take(np.flatnonzero(acts["kind"] == FOLLOW))
    keen = people.keen[follows["actor"]]
    days = np.where(keen > 0.75, rng.uniform(1, 10, len(follows)), rng.lognormal(1.3, 1.4, len(follows)))
    return [
        answers(world, acts.take(np.flatnonzero(near)), FRIENDS, rng),
        answers(world, acts.take(np.flatnonzero(~near)), STRANGERS, rng),
        taken_back(world, follows, np.where(keen > 0.75, 0.6, 0.14), days),
    ]
