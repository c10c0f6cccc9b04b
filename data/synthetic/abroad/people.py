"""The people of a platform: temperament, hours, circles, fame. Nobody is dishonest here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import DAY, HOUR, Flags, Floats, Grouped, Ints, log_uniforms, weighted
from data.synthetic.abroad.platform import UTC_OFFSETS, Platform

KINDS = ("like", "follow", "comment", "unfollow")
LIKE, FOLLOW, COMMENT, UNFOLLOW = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One entry per account. Times are seconds since the world began, hours are UTC."""

    created: Floats
    country: Ints
    circle: Ints
    circles: Grouped
    countrymen: Grouped
    fame: Floats
    celebrity: Flags
    heavy: Flags
    churner: Flags
    scheduled: Flags
    newcomer: Flags
    expected: Floats
    depth: Floats
    pace: Floats
    unevenness: Floats
    peak_hour: Floats
    spread_hours: Floats
    day_weights: Floats
    mix: Floats
    explore: Floats
    loyalty: Floats
    favourites: Grouped

    @property
    def count(self) -> int:
        return len(self.country)


def draw_people(rng: Generator, platform: Platform) -> People:
    """Everybody of the platform, with activity from a heavy tail and hours from narrow to all round the clock."""
    count = platform.accounts
    country = weighted(rng, platform.country_shares, count)
    newcomer = rng.random(count) < platform.newcomers
    fame: Floats = np.power(1.0 + rng.permutation(count), -platform.fame_exponent)
    celebrity = np.argsort(np.argsort(-fame)) < platform.celebrities
    circle = _circles(rng, platform, country)
    circles = Grouped.by(circle, int(circle.max()) + 1)
    countrymen = Grouped.by(country, len(platform.countries), -fame)
    heavy = rng.random(count) < platform.heavy
    scheduled = rng.random(count) < platform.scheduled
    return People(
        created=_created(rng, platform, newcomer),
        country=country,
        circle=circle,
        circles=circles,
        countrymen=countrymen,
        fame=fame,
        celebrity=celebrity,
        heavy=heavy,
        churner=rng.random(count) < platform.churners,
        scheduled=scheduled,
        newcomer=newcomer,
        expected=_expected(rng, platform, heavy),
        depth=1 + platform.thumb * rng.lognormal(-0.3, 0.8, count),
        pace=np.maximum(1.2, platform.pace_seconds * rng.lognormal(0, 0.9, count)),
        unevenness=np.where(scheduled, rng.uniform(0.05, 0.5, count), rng.uniform(0.15, 1.5, count)),
        peak_hour=(rng.normal(19, 4.5, count) - UTC_OFFSETS[platform.countries[country]]) % 24,
        spread_hours=np.where(
            rng.random(count) < platform.wide_hours, rng.uniform(5, 14, count), log_uniforms(rng, 1, 6, count)
        ),
        day_weights=rng.gamma(log_uniforms(rng, 0.15, 6, count)[:, None], 1.0, (count, platform.days)) + 1e-6,
        mix=_mix(rng, platform),
        explore=np.clip(platform.explore * rng.lognormal(0, 0.7, count), 0.01, 0.98),
        loyalty=rng.uniform(1.0, 3.5, count),
        favourites=_favourites(rng, platform, circle, (circles, country, countrymen), fame),
    )


def _created(rng: Generator, platform: Platform, newcomer: Flags) -> Floats:
    before = -log_uniforms(rng, 2, 3000, len(newcomer)) * DAY
    return np.where(newcomer, rng.uniform(0, platform.days * 0.85, len(newcomer)) * DAY, before)


def _circles(rng: Generator, platform: Platform, country: Ints) -> Ints:
    """Circles lie inside a country and their sizes differ by a factor of three either way."""
    groups = np.maximum(1, np.bincount(country) / platform.circle_size).astype(np.int64)
    first = np.cumsum(groups) - groups
    return first[country] + (groups[country] * rng.random(len(country)) ** 1.4).astype(np.int64)


def _expected(rng: Generator, platform: Platform, heavy: Flags) -> Floats:
    sigma = platform.activity_sigma
    base = platform.events_per_account * rng.lognormal(-(sigma**2) / 2, sigma, len(heavy))
    thumbs = log_uniforms(rng, 8, 60, len(heavy)) * platform.days
    return np.minimum(np.where(heavy, thumbs, base), 2500.0)


def _mix(rng: Generator, platform: Platform) -> Floats:
    """Shares of like, follow and comment; some people almost only follow, some almost only talk."""
    centre = np.array(
        [1 - platform.follow_share - platform.comment_share, platform.follow_share, platform.comment_share]
    )
    tight = log_uniforms(rng, 0.7, 12, platform.accounts)
    drawn = rng.standard_gamma(tight[:, None] * centre[None, :] + 0.02)
    shares: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return shares


def _favourites(
    rng: Generator, platform: Platform, circle: Ints, near: tuple[Grouped, Ints, Grouped], fame: Floats
) -> Grouped:
    """A handful to a few dozen accounts each person returns to: circle, country or the famous."""
    circles, country, countrymen = near
    counts = np.rint(log_uniforms(rng, 3, 45, len(country))).astype(np.int64)
    who = np.repeat(np.arange(len(country)), counts)
    draw = rng.random(len(who))
    targets = weighted(rng, fame, len(who))
    local = draw < platform.tightness + (1 - platform.tightness) * 0.6
    targets = np.where(local, countrymen.draw(rng, country[who], 1.5), targets)
    targets = np.where(draw < platform.tightness, circles.draw(rng, circle[who]), targets)
    return Grouped(targets, np.cumsum(counts) - counts, counts)


def local_starts(rng: Generator, people: People, who: Ints, days: Floats) -> Floats:
    """A moment inside each given day by the person's own hours, or close to the minute by habit when scheduled."""
    spread = np.where(people.scheduled[who], 0.05, people.spread_hours[who])
    second = np.where(rng.random(len(who)) < 0.35, 8.0, 0.0)
    hour = people.peak_hour[who] - second + rng.normal(0, 1, len(who)) * spread
    odd = (rng.random(len(who)) < 0.12) & ~people.scheduled[who]
    return days * DAY + np.where(odd, 24 * rng.random(len(who)), hour % 24) * HOUR
