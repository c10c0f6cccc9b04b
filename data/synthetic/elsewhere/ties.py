"""Whom people meet: acquaintances, creators they follow, and strangers of a topic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.chance import Floats, Ints
from data.synthetic.elsewhere.lands import LANDS
from data.synthetic.elsewhere.people import Crowd

CIRCLE = 24
CREATORS = 40


@dataclass(frozen=True, slots=True)
class Urn:
    """Ids in an order that keeps cells together, drawn by weight from any range of it."""

    order: Ints
    total: Floats  # cumulative weight before each place, one longer than `order`
    starts: Ints  # where each cell begins, with the end at last

    def draw(self, chance: np.random.Generator, low: Ints, high: Ints) -> Ints:
        """One id from each range of places."""
        at = self.total[low] + chance.random(len(low)) * (self.total[high] - self.total[low])
        place = np.searchsorted(self.total, at, side="right") - 1
        return self.order[np.clip(place, low, np.maximum(high - 1, low))]


@dataclass(frozen=True, slots=True)
class Ties:
    """Acquaintances live in a ring inside each country; strangers lie in an urn by topic and country."""

    crowd: Crowd
    chance: np.random.Generator
    topics: int
    ring: Ints
    place: Ints
    by_country: Urn
    by_topic: Urn
    circle: Ints
    creators: Ints

    def near(self, who: Ints, steps: Ints) -> Ints:
        """The account `steps` away in the ring."""
        return np.asarray(self.ring[np.clip(self.place[who] + steps, 0, len(self.ring) - 1)], np.int64)

    def strangers(self, who: Ints, topic: Ints | None = None, local: float = 0.6) -> Ints:
        """People met through a topic; `local` is the share from one's own country."""
        chance, size, lands = self.chance, len(who), len(LANDS)
        wanted = self.crowd.topic[who] if topic is None else topic
        wanted = np.where(chance.random(size) < 0.2, chance.integers(0, self.topics, size), wanted)
        whole, starts = wanted * lands, self.by_topic.starts
        own = whole + self.crowd.country[who]
        near = (chance.random(size) < local) & (starts[own + 1] > starts[own])
        low = np.where(near, starts[own], starts[whole])
        high = np.where(near, starts[own + 1], starts[whole + lands])
        return self.by_topic.draw(chance, low, high)

    def celebrities(self, who: Ints) -> Ints:
        """Well-known people, a third of them known everywhere."""
        return _celebrities(self.crowd, self.by_country, self.chance, who)


def draw_ties(crowd: Crowd, topics: int, chance: np.random.Generator) -> Ties:
    """Draw each account's circle and the creators it follows."""
    size = crowd.accounts
    ring = np.lexsort((chance.random(size), crowd.country[:size]))
    place = np.empty(size, np.int64)
    place[ring] = np.arange(size)
    by_country = _by_country(crowd, chance)
    everyone = np.arange(size)
    steps = np.rint(chance.laplace(0, chance.uniform(5, 18, (size, 1)), (size, CIRCLE))).astype(np.int64)
    steps[steps == 0] = 1
    circle = ring[np.clip(place[:, None] + steps, 0, size - 1)]
    elsewhere = chance.random(circle.shape) < 0.25
    owners = np.repeat(everyone, CIRCLE).reshape(circle.shape)
    circle[elsewhere] = _compatriots(crowd, by_country, chance, owners[elsewhere])
    creators = _celebrities(crowd, by_country, chance, np.repeat(everyone, CREATORS)).reshape(size, CREATORS)
    by_topic = _by_topic(crowd, topics, chance)
    return Ties(crowd, chance, topics, ring, place, by_country, by_topic, circle, creators)


def _by_country(crowd: Crowd, chance: np.random.Generator) -> Urn:
    order = np.lexsort((chance.random(crowd.size), crowd.country))
    weight = np.minimum(crowd.fame[order], crowd.size / 3)
    return Urn(order, _before(weight), np.searchsorted(crowd.country[order], np.arange(len(LANDS) + 1)))


def _by_topic(crowd: Crowd, topics: int, chance: np.random.Generator) -> Urn:
    order = np.lexsort((chance.random(crowd.size), crowd.country, crowd.topic))
    weight = np.minimum(crowd.rate[order], 1.0) * np.minimum(crowd.fame[order], 200) ** 0.35
    cell = crowd.topic[order] * len(LANDS) + crowd.country[order]
    return Urn(order, _before(weight), np.searchsorted(cell, np.arange(topics * len(LANDS) + 1)))


def _before(weight: Floats) -> Floats:
    return np.concatenate([np.zeros(1), np.cumsum(weight)])


def _compatriots(crowd: Crowd, urn: Urn, chance: np.random.Generator, who: Ints) -> Ints:
    country = crowd.country[who]
    low, high = urn.starts[country], urn.starts[country + 1]
    return urn.order[low + (chance.random(len(who)) * (high - low)).astype(np.int64)]


def _celebrities(crowd: Crowd, urn: Urn, chance: np.random.Generator, who: Ints) -> Ints:
    country = crowd.country[who]
    everywhere = chance.random(len(who)) < 0.35
    low = np.where(everywhere, 0, urn.starts[country])
    high = np.where(everywhere, len(urn.order), urn.starts[country + 1])
    return urn.draw(chance, low, high)
