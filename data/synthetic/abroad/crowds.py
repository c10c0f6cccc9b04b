"""Honest crowds that look like lockstep: fans, giveaways, classes and teams."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.acts import Acts, acts, joined
from data.synthetic.abroad.chance import DAY, HOUR, Flags, Floats, Ints, few, log_uniform, log_uniforms, whole
from data.synthetic.abroad.people import COMMENT, FOLLOW, LIKE
from data.synthetic.abroad.posts import Posts
from data.synthetic.abroad.scene import Scene

Crowd = tuple[Acts, Flags]


def fans(rng: Generator, scene: Scene, posts: Posts) -> Crowd:
    """Fans who answer most posts of their celebrity, most of them in the first hour."""
    member = np.zeros(scene.people.count, dtype=bool)
    parts = []
    for star in np.flatnonzero(scene.people.celebrity):
        crowd = few(rng, _near(rng, scene, int(star)), whole(rng, 15, max(20, scene.people.count // 8)))
        member[crowd] = True
        news = np.arange(posts.starts[star], posts.starts[star] + posts.sizes[star])
        news = few(rng, news[posts.at[news] > 0], whole(rng, 1, 12))
        parts.append(_reactions(rng, scene, crowd, posts, news))
    return joined(parts), member


def _near(rng: Generator, scene: Scene, star: int) -> Ints:
    """Everybody, or the country of the star alone."""
    if rng.random() < 0.5:
        return scene.people.countrymen.of(int(scene.people.country[star]))
    return np.arange(scene.people.count)


def _reactions(rng: Generator, scene: Scene, crowd: Ints, posts: Posts, news: Ints) -> Acts:
    """Likes and words of a crowd for the posts numbered `news`."""
    devotion = rng.beta(0.8, 1.2, len(crowd))
    fan, post = np.nonzero(rng.random((len(crowd), len(news))) < devotion[:, None])
    who = crowd[fan]
    at = posts.at[news[post]] + 60 * log_uniform(rng, 3, 40) * rng.lognormal(0, 1.2, len(who))
    kind = np.where(rng.random(len(who)) < 0.88, LIKE, COMMENT)
    return acts(kind, who, posts.author[news[post]], at, scene.homes.sit(rng, who, at), post=news[post])


def giveaways(rng: Generator, scene: Scene) -> Crowd:
    """Entrants who follow a host and its sponsors, like and comment, all within hours to two days."""
    member = np.zeros(scene.people.count, dtype=bool)
    parts = []
    for _ in range(whole(rng, 1, 8)):
        hosts = rng.choice(scene.people.count, int(rng.integers(2, 8)), replace=False)
        entrants = few(rng, np.arange(scene.people.count), whole(rng, 12, max(15, scene.people.count // 12)))
        member[entrants] = True
        begin = rng.random() * scene.platform.days * DAY
        at = begin + log_uniform(rng, 1, 48) * HOUR * rng.beta(0.9, 2.0, len(entrants))
        parts.append(_entry(rng, scene, entrants, hosts, at))
    return joined(parts), member


def _entry(rng: Generator, scene: Scene, entrants: Ints, hosts: Ints, at: Floats) -> Acts:
    steps = len(hosts) + 2
    who = np.repeat(entrants, steps)
    step = np.tile(np.arange(steps), len(entrants))
    target = hosts[np.where(step < len(hosts), step, 0)]
    kind = np.where(step < len(hosts), FOLLOW, np.where(step == len(hosts), LIKE, COMMENT))
    gaps = scene.people.pace[who] * rng.lognormal(-0.5, 0.6, len(who))
    when = np.repeat(at, steps) + np.cumsum(gaps.reshape(-1, steps), axis=1).ravel()
    seats = scene.homes.sit(rng, entrants, at).take(np.repeat(np.arange(len(entrants)), steps))
    return acts(kind, who, target, when, seats).take(rng.random(len(who)) < 0.93)


def classes(rng: Generator, scene: Scene, posts: Posts) -> Crowd:
    """Classes and teams: everybody follows and likes nearly everybody else, denser than any service."""
    member = np.zeros(scene.people.count, dtype=bool)
    parts = []
    for _ in range(whole(rng, 2, 9)):
        circle = scene.people.circles.of(int(rng.integers(len(scene.people.circles.sizes))))
        group = few(rng, circle, whole(rng, 5, 40))
        if len(group) < 4:
            group = (
                few(rng, scene.people.countrymen.of(int(scene.people.country[circle[0]])), 12) if len(circle) else group
            )
        member[group] = True
        parts.append(_bonds(rng, scene, group))
        parts.append(_praise(rng, scene, posts, group))
    return joined(parts), member


def _bonds(rng: Generator, scene: Scene, group: Ints) -> Acts:
    """The first days of a group: follows among its members in a few sittings."""
    mine, yours = np.nonzero(rng.random((len(group), len(group))) < rng.uniform(0.3, 0.95))
    begin = rng.random() * scene.platform.days * DAY
    sitting = begin + log_uniforms(rng, 0.2, 60, len(group)) * HOUR
    at = sitting[mine] + scene.people.pace[group[mine]] * rng.integers(1, 30, len(mine)) * rng.lognormal(
        0, 0.3, len(mine)
    )
    seats = scene.homes.sit(rng, group, sitting).take(mine)
    return acts(np.full(len(mine), FOLLOW), group[mine], group[yours], at, seats)


def _praise(rng: Generator, scene: Scene, posts: Posts, group: Ints) -> Acts:
    """Likes and words for the posts of the group, minutes to a day after each."""
    news = np.flatnonzero(np.isin(posts.author, group) & (posts.at > 0))
    mine, post = np.nonzero(rng.random((len(group), len(news))) < rng.uniform(0.2, 0.9))
    at = posts.at[news[post]] + log_uniforms(rng, 1 / 60, log_uniform(rng, 2, 30), len(post)) * HOUR
    kind = np.where(rng.random(len(post)) < 0.8, LIKE, COMMENT)
    seats = scene.homes.sit(rng, group[mine], at)
    return acts(kind, group[mine], posts.author[news[post]], at, seats, post=news[post])
