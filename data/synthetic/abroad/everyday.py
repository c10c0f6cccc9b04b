"""Ordinary days: sessions of everybody, by hand, towards favourites and strangers."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.acts import Acts, acts, moments
from data.synthetic.abroad.chance import DAY, HOUR, Flags, Floats, Ints, log_uniforms, weighted, weighted_rows
from data.synthetic.abroad.homes import Homes
from data.synthetic.abroad.people import COMMENT, FOLLOW, LIKE, UNFOLLOW, local_starts
from data.synthetic.abroad.scene import Scene


def everyday(rng: Generator, scene: Scene) -> Acts:
    """The genuine daily life of all accounts over the whole world."""
    sessions = rng.poisson(scene.people.expected / scene.people.depth)
    who = np.repeat(np.arange(scene.people.count), sessions)
    starts = local_starts(rng, scene.people, who, weighted_rows(rng, scene.people.day_weights, who).astype(np.float64))
    sizes = 1 + rng.geometric(1 / scene.people.depth[who]) - 1
    return by_hand(rng, scene, who, starts, np.minimum(sizes, 400))


def by_hand(rng: Generator, scene: Scene, who: Ints, starts: Floats, sizes: Ints) -> Acts:
    """Sessions of the named people at the named moments, with their own pace, mix, targets and seats."""
    pace = scene.people.pace[who] * rng.lognormal(0, 0.35, len(who))
    row, at = moments(rng, starts, sizes, pace, scene.people.unevenness[who])
    actor = who[row]
    kind = weighted_rows(rng, scene.people.mix, actor)
    target = choose_targets(rng, scene, actor, kind)
    return acts(kind, actor, _binged(rng, target, row), at, scene.homes.sit(rng, who, starts).take(row))


def choose_targets(rng: Generator, scene: Scene, actor: Ints, kind: Ints) -> Ints:
    """Favourites, else people of the country, the circle or anybody by fame; follows go more often to strangers."""
    size = len(actor)
    stranger = rng.random(size) < np.where(
        kind == FOLLOW, 0.5 + 0.5 * scene.people.explore[actor], scene.people.explore[actor]
    )
    loved = scene.people.favourites.draw(rng, actor, scene.people.loyalty[actor])
    draw = rng.random(size)
    found = weighted(rng, scene.people.fame, size)
    found = np.where(draw < 0.5, scene.people.countrymen.draw(rng, scene.people.country[actor], 1.3), found)
    found = np.where(
        draw < 0.3 * scene.platform.tightness, scene.people.circles.draw(rng, scene.people.circle[actor]), found
    )
    found = np.where(draw > 0.9, rng.integers(0, scene.people.count, size), found)
    return np.where(stranger, found, loved)


def _binged(rng: Generator, target: Ints, row: Ints) -> Ints:
    """Looking through one profile: an engagement keeps the target of the one before, within a session."""
    keep = np.zeros(len(target), dtype=bool)
    keep[1:] = (row[1:] == row[:-1]) & (rng.random(max(0, len(target) - 1)) < 0.25)
    source = np.maximum.accumulate(np.where(keep, 0, np.arange(len(target))))
    return target[source]


def second_thoughts(rng: Generator, scene: Scene, done: Acts, share: float) -> Acts:
    """Genuine unfollows: a small share of all follows, and most follows of people who follow to be followed."""
    likely = np.where(scene.people.churner[done.actor], 0.7, share)
    chosen = done.take((done.kind == FOLLOW) & (rng.random(len(done)) < likely))
    return taken_back(rng, chosen, scene.homes, log_uniforms(rng, 8, 300, scene.people.count)[chosen.actor] * HOUR)


def taken_back(rng: Generator, follows: Acts, homes: Homes, delay: Floats) -> Acts:
    """The unfollow of each follow after `delay` seconds, by hand, in the order of the follows."""
    at = follows.at + delay * rng.uniform(0.97, 1.03, len(follows))
    seats = homes.sit(rng, follows.actor, np.floor(at / HOUR) * HOUR)
    return acts(np.full(len(at), UNFOLLOW), follows.actor, follows.target, at, seats)


def sprees(rng: Generator, scene: Scene) -> tuple[Acts, Flags]:
    """Follow sprees of newcomers in their first days and of churners now and then; also who the newcomers are."""
    first = np.flatnonzero(scene.people.newcomer)
    again = np.repeat(np.flatnonzero(scene.people.churner), 1 + scene.platform.days // 6)
    who = np.concatenate([first, first, again])
    begin = np.maximum(scene.people.created[who], 0) + log_uniforms(rng, 60, 3 * DAY, len(who))
    begin[2 * len(first) :] = rng.random(len(again)) * scene.platform.days * DAY
    sizes = np.rint(log_uniforms(rng, 5, 70, len(who))).astype(np.int64)
    row, at = moments(rng, begin, sizes, scene.people.pace[who] * 0.6, scene.people.unevenness[who])
    actor = who[row]
    kind = np.where(rng.random(len(actor)) < 0.8, FOLLOW, np.where(rng.random(len(actor)) < 0.95, LIKE, COMMENT))
    target = choose_targets(rng, scene, actor, kind)
    return acts(kind, actor, target, at, scene.homes.sit(rng, who, begin).take(row)), scene.people.newcomer


def answers(rng: Generator, scene: Scene, received: Acts) -> Acts:
    """Genuine answers of the targets, to bought and unbought engagement alike: after minutes to days, by hand."""
    draw = rng.random(len(received))
    follow = (received.kind == FOLLOW) & (draw < scene.platform.answer_follow)
    like = (received.kind == LIKE) & (draw < scene.platform.answer_like)
    like |= (received.kind == FOLLOW) & (draw > 1 - scene.platform.answer_like / 4)
    asked = received.take(follow | like)
    at = asked.at + 3.9 * HOUR * np.exp(3.2 * np.minimum(rng.standard_normal(len(asked)), 1.6))
    kind = np.where(asked.kind == LIKE, LIKE, np.where(rng.random(len(asked)) < 0.96, FOLLOW, LIKE))
    return acts(kind, asked.target, asked.actor, at, scene.homes.sit(rng, asked.target, at))
