"""The five trades: what each family of seller does with the accounts it has."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.acts import Acts, acts, joined, moments
from data.synthetic.abroad.chance import DAY, HOUR, Floats, Ints, few, log_uniform, weighted
from data.synthetic.abroad.hired import Hire, seat, sittings, working_hours
from data.synthetic.abroad.people import COMMENT, FOLLOW, LIKE, UNFOLLOW, local_starts
from data.synthetic.abroad.platform import Platform
from data.synthetic.abroad.posts import Posts
from data.synthetic.abroad.scene import Scene

CAMPAIGNS = 1_000_000
_MOST_OF_A_WORLD = 0.08
_MOST_ORDERS = 400


def sell(rng: Generator, scene: Scene, posts: Posts, job: Hire) -> Acts:
    """Everything one seller does in the whole world, with the unfollows that follow."""
    family = job.seller.family
    if family == "reciprocity":
        done = _reciprocity(rng, scene, job)
    elif family == "pod":
        done = _pod(rng, scene, posts, job)
    else:
        done = _orders(rng, scene, posts, job)
    parts = [done, _take_back(rng, scene, job, done)]
    if family == "farm" and job.seller.human > 0:
        parts.append(_play(rng, scene, job, len(done)))
    return joined(parts)


def _rate(job: Hire, platform: Platform) -> float:
    """Events a day and account, held so that one seller never fills a world."""
    most = _MOST_OF_A_WORLD * platform.accounts * platform.events_per_account
    return min(job.seller.rate, most / max(1.0, len(job.who) * platform.days * 0.4))


def _strangers(rng: Generator, scene: Scene, job: Hire, actor: Ints) -> Ints:
    """Whom a seller finds for his customers: between the known and anybody, by his taste, half in the country."""
    people, size = scene.people, len(actor)
    famous = weighted(rng, people.fame, size)
    found = np.where(rng.random(size) < job.seller.taste, famous, rng.integers(0, people.count, size))
    near = people.countrymen.draw(rng, people.country[actor], 1.0 + job.seller.taste)
    return np.where(rng.random(size) < 0.6 * job.seller.own_country, near, found)


def _reciprocity(rng: Generator, scene: Scene, job: Hire) -> Acts:
    seller = job.seller
    who, starts, sizes = sittings(rng, scene, job, _rate(job, scene.platform))
    pace, unevenness = np.full(len(who), seller.pace), np.full(len(who), seller.unevenness)
    row, at = moments(rng, starts, sizes, pace, unevenness)
    actor = who[row]
    kind = rng.choice([LIKE, FOLLOW, COMMENT], len(actor), p=seller.mix)
    seats = seat(rng, scene.homes, seller, who, starts).take(row)
    return acts(kind, actor, _strangers(rng, scene, job, actor), at, seats, origin=job.origin)


def _orders(rng: Generator, scene: Scene, posts: Posts, job: Hire) -> Acts:
    """Orders of collusion, farm and drip: part of the accounts serve one target within the seller's spread."""
    seller, days = job.seller, scene.platform.days
    crowd = max(3.0, seller.crowd * len(job.who))
    count = int(np.clip(_rate(job, scene.platform) * len(job.who) * days * 0.4 / crowd, 3, _MOST_ORDERS))
    targets = _buyers(rng, scene, job, count)
    opened = working_hours(rng, scene.people, seller, targets, np.floor(rng.uniform(0, days, count)))
    active = (opened[None, :] >= job.joined[:, None]) & (opened[None, :] < job.leaves[:, None])
    chance = np.minimum(crowd / np.maximum(active.sum(axis=0), 1) * rng.lognormal(0, 0.4, count), 0.95)
    member, order = np.nonzero(active & (rng.random(active.shape) < chance[None, :]))
    at = _delivery(rng, scene, job, job.who[member], opened[order])
    wanted = rng.choice([LIKE, FOLLOW, COMMENT], count, p=seller.mix)
    post = posts.seen(targets, opened, rng.integers(0, 3, count))
    kind = np.where((wanted[order] == LIKE) & (post[order] < 0), FOLLOW, wanted[order])
    return acts(
        kind,
        job.who[member],
        targets[order],
        at,
        seat(rng, scene.homes, seller, job.who[member], np.floor(at / HOUR) * HOUR),
        origin=job.origin,
        post=np.where((kind == LIKE) | (kind == COMMENT), post[order], -1),
        campaign=seller.number * CAMPAIGNS + order,
    )


def _buyers(rng: Generator, scene: Scene, job: Hire, count: int) -> Ints:
    """Targets of orders: the seller's own customers and outside buyers; a farm sells to outsiders alone."""
    outsiders = few(rng, np.arange(scene.people.count), max(4, count // 4))
    own = job.who if job.seller.family != "farm" else outsiders
    outside = rng.random(count) < job.seller.buyers
    return np.where(outside, rng.choice(outsiders, count), rng.choice(own, count))


def _delivery(rng: Generator, scene: Scene, job: Hire, who: Ints, opened: Floats) -> Floats:
    """Minutes after the order for a burst; for a drip some later day at the account's own hours."""
    seller, size = job.seller, len(opened)
    if seller.family != "drip":
        stretch = seller.spread if seller.human == 0 or seller.family != "farm" else seller.spread * 20
        return opened + stretch * rng.beta(1.0, 1.0 + seller.taste * 2, size)
    day = np.floor((opened + seller.spread * rng.random(size)) / DAY)
    at = local_starts(rng, scene.people, who, day)
    return np.where(at > opened, at, at + DAY)


def _pod(rng: Generator, scene: Scene, posts: Posts, job: Hire) -> Acts:
    """Members who like and praise each other's new posts by hand, minutes to hours after."""
    news = np.flatnonzero(np.isin(posts.author, job.who) & (posts.at > 0))
    member, post = np.nonzero(rng.random((len(job.who), len(news))) < rng.uniform(0.25, 0.95))
    who = job.who[member]
    at = posts.at[news[post]] + job.seller.spread * rng.lognormal(0, 1.0, len(who))
    kind = np.where(rng.random(len(who)) < 0.75, LIKE, COMMENT)
    seats = scene.homes.sit(rng, who, at)
    campaign = job.seller.number * CAMPAIGNS + post
    return acts(kind, who, posts.author[news[post]], at, seats, origin=job.origin, post=news[post], campaign=campaign)


def _take_back(rng: Generator, scene: Scene, job: Hire, done: Acts) -> Acts:
    """Unfollows by the seller, 24 to 72 hours after his follows, in the order of the follows."""
    seller = job.seller
    chosen = done.take((done.kind == FOLLOW) & (rng.random(len(done)) < seller.take_back))
    at = chosen.at + seller.take_back_from + 12 * HOUR * rng.random(len(chosen)) ** 2
    seats = seat(rng, scene.homes, seller, chosen.actor, np.floor(at / HOUR) * HOUR)
    kind = np.full(len(chosen), UNFOLLOW)
    return acts(kind, chosen.actor, chosen.target, at, seats, origin=job.origin)


def _play(rng: Generator, scene: Scene, job: Hire, sold: int) -> Acts:
    """A farm's pretence of life: likes of popular accounts and of each other, at human hours and pace."""
    days = scene.platform.days
    share = job.seller.human / (1 - job.seller.human)
    who, starts, sizes = sittings(rng, scene, job, share * sold / max(1, len(job.who) * days))
    row, at = moments(rng, starts, sizes, scene.people.pace[who], scene.people.unevenness[who])
    actor = who[row]
    kind = rng.choice([LIKE, FOLLOW, COMMENT], len(actor), p=[0.75, 0.2, 0.05])
    inside = rng.random(len(actor)) < log_uniform(rng, 0.01, 0.2)
    target = np.where(inside, rng.choice(job.who, len(actor)), weighted(rng, scene.people.fame, len(actor)))
    seats = seat(rng, scene.homes, job.seller, who, starts).take(row)
    return acts(kind, actor, target, at, seats, origin=job.origin)
