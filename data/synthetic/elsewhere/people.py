"""Everybody on the platform: who they are, what they do with their thumbs and when they are awake."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.chance import HOUR, Bools, Floats, Ints
from data.synthetic.elsewhere.dials import Dials
from data.synthetic.elsewhere.lands import LANDS, ZONES
from data.synthetic.elsewhere.platform import Networks

DESCRIBED_DAYS = 40  # activity is drawn for a log of this length, whatever the log's


@dataclass(slots=True)
class Crowd:
    """Every id of the log, accounts first; the others are only ever targets."""

    accounts: int
    country: Ints
    topic: Ints
    fame: Floats
    rate: Floats  # posts per day

    @property
    def size(self) -> int:
        """Number of ids."""
        return len(self.country)


@dataclass(slots=True)
class Hands:
    """What each account does by itself."""

    activity: Floats  # engagements over the whole log
    sitting: Floats  # engagements in one go
    thumb: Floats  # seconds between two taps
    thumb_spread: Floats
    where: Floats  # cumulative shares of friends, creators and strangers
    does: Floats  # cumulative shares of likes, follows and comments
    since: Floats  # days; active from
    until: Floats
    born: Floats  # days; 0 if the account is older than the log


@dataclass(frozen=True, slots=True)
class Clock:
    """When each account is awake."""

    zone: Floats  # hours from UTC, of every id
    shift: Floats  # hours later than the others
    irregular: Floats  # share of times outside any habit
    chance: np.random.Generator

    def hours(self, who: Ints) -> Floats:
        """Local hours at which these people hold their phone."""
        chance, size = self.chance, len(who)
        part = chance.random(size)
        day = np.where(part < 0.78, chance.normal(13.2, 2.5, size), chance.normal(8.3, 1.6, size))
        usual = np.where(part < 0.5, chance.normal(20.3, 2.2, size), day)
        odd = chance.random(size) < self.irregular[who]
        return np.asarray((np.where(odd, chance.uniform(-1, 24, size), usual) + self.shift[who]) % 24, np.float64)

    def moments(self, who: Ints, day: Floats) -> Floats:
        """Seconds from the log's start at one of a person's own hours of that day."""
        return np.asarray((np.floor(day) * 24 + self.hours(who) - self.zone[who]) * HOUR, np.float64)

    def local(self, who: Ints, at: Floats) -> Floats:
        """Hour of the local day."""
        return np.asarray((at / HOUR + self.zone[who]) % 24, np.float64)

    def awake(self, who: Ints, at: Floats) -> Floats:
        """Delay what would fall into a person's night."""
        hour = (self.local(who, at) - self.shift[who]) % 24
        asleep = (hour > 1) & (hour < 7) & (self.chance.random(len(who)) < 0.9)
        later = at + (7.2 - hour + self.chance.exponential(1.2, len(who))) * HOUR
        return np.where(asleep, later, at)


@dataclass(slots=True)
class Standing:
    """What becomes of each account in this world: its role, and who had it in hand."""

    role: np.ndarray[tuple[int], np.dtype[np.object_]]
    family: np.ndarray[tuple[int], np.dtype[np.object_]]
    sellers: list[list[str]]
    sold: Bools
    delegated: Bools
    made_up: Bools  # a farm's profile


def draw_crowd(dials: Dials, networks: Networks, chance: np.random.Generator) -> Crowd:
    """Draw every id's country, topic, fame and rate of posts."""
    size = dials.accounts + int(dials.accounts * chance.uniform(0.6, 2.2))
    fame = (1 - chance.random(size)) ** (-1 / chance.uniform(0.9, 1.25))
    fame[: dials.accounts] *= np.where(chance.random(dials.accounts) < 0.5, 0.5, 1)
    return Crowd(
        accounts=dials.accounts,
        country=chance.choice(len(LANDS), size, p=networks.land_shares),
        topic=chance.integers(0, dials.topics, size),
        fame=fame,
        rate=np.clip(chance.lognormal(math.log(0.14), 1.2, size), 0.01, 4),
    )


def draw_hands(dials: Dials, chance: np.random.Generator) -> Hands:
    """Draw how much, how fast and what each account does."""
    size, habits, days = dials.accounts, dials.habits, dials.days
    activity = chance.lognormal(math.log(chance.uniform(15, 25)), chance.uniform(1.55, 1.75), size)
    since = np.where(chance.random(size) < 0.15, chance.uniform(0, days, size), 0)
    until = np.where(chance.random(size) < 0.15, since + chance.uniform(0.1, 1, size) * days, days)
    taste = np.array([9, 1.3, 1.5]) * chance.uniform(0.6, 1.6, 3)
    return Hands(
        activity=np.minimum(activity, 2500 * days / DESCRIBED_DAYS) * habits.organic,
        sitting=np.clip(chance.lognormal(math.log(habits.sitting), 0.8, size), 1, 60),
        thumb=np.clip(chance.lognormal(math.log(habits.thumb), habits.thumb_spread, size), 1.5, 200),
        thumb_spread=chance.uniform(0.5, 1.5, size),
        where=_cumulative(chance.gamma([2.2, 2.2, 1.4], 1.0, (size, 3))),
        does=_cumulative(chance.gamma(taste, 1.0, (size, 3))),
        since=since,
        until=np.minimum(until, days),
        born=np.zeros(size),
    )


def draw_clock(dials: Dials, crowd: Crowd, chance: np.random.Generator) -> Clock:
    """Draw early and late risers, and people without regular hours: students, parents of babies, shift workers."""
    size = dials.accounts
    owls = np.where(chance.random(size) < 0.06, chance.uniform(6, 12, size), 0)
    return Clock(
        zone=ZONES[crowd.country],
        shift=chance.normal(0, 1.7, size) + owls,
        irregular=chance.beta(0.8, dials.habits.irregular, size),
        chance=chance,
    )


def blank_standing(size: int) -> Standing:
    """Nobody has a role yet."""
    return Standing(
        role=np.full(size, "genuine", dtype=object),
        family=np.full(size, None, dtype=object),
        sellers=[[] for _ in range(size)],
        sold=np.zeros(size, np.bool_),
        delegated=np.zeros(size, np.bool_),
        made_up=np.zeros(size, np.bool_),
    )


def _cumulative(weights: Floats) -> Floats:
    return np.asarray(np.cumsum(weights / weights.sum(1, keepdims=True), 1), np.float64)
