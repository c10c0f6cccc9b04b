"""Password entries: of owners now and then, on new phones and trips; of sellers when hired and again later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import DAY, HOUR, Flags, Floats, Ints, log_uniforms
from data.synthetic.abroad.hired import Hire, seat
from data.synthetic.abroad.homes import Seats
from data.synthetic.abroad.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """One entry per password entry, failed ones too."""

    who: Ints
    at: Floats
    seats: Seats
    succeeded: Flags


def genuine_logins(rng: Generator, scene: Scene) -> Logins:
    """Owners' password entries, about `logins_per_account` each, and one soon after a phone change or a departure."""
    platform, homes = scene.platform, scene.homes
    counts = rng.poisson(platform.logins_per_account * rng.gamma(0.7, 1 / 0.7, scene.people.count))
    who = np.repeat(np.arange(scene.people.count), counts)
    at = rng.random(len(who)) * platform.days * DAY
    moves = [
        np.flatnonzero(times < platform.days * DAY)
        for times in (homes.changes_at, homes.trip_from, scene.people.created)
    ]
    moves[1] = moves[1][rng.random(len(moves[1])) < 0.4]
    soon = [
        times[w] + rng.random(len(w)) * HOUR
        for times, w in zip((homes.changes_at, homes.trip_from, scene.people.created), moves, strict=True)
    ]
    who, at = np.concatenate([who, *moves]), np.concatenate([at, *soon])
    return Logins(who=who, at=at, seats=homes.sit(rng, who, at), succeeded=rng.random(len(who)) > 0.06)


def sold_logins(rng: Generator, scene: Scene, job: Hire) -> Logins:
    """A seller's password entries: minutes to hours after hire, then each time its token ends; seldom on a phone."""
    seller = job.seller
    again = np.maximum(0, (np.minimum(job.leaves, scene.platform.days * DAY) - job.joined) / seller.relogin)
    counts = 1 + rng.poisson(np.minimum(again, 12))
    if seller.family == "pod":
        counts = np.zeros_like(counts)
    row = np.repeat(np.arange(len(job.who)), counts)
    later = rng.random(len(row)) * (job.leaves - job.joined)[row]
    later[(np.cumsum(counts) - counts)[counts > 0]] = 0.0
    at = job.joined[row] + later + log_uniforms(rng, 60, 4 * HOUR, len(row))
    kept = rng.random(len(row)) < (0.2 if seller.way == "phone" else 0.95)
    row, at = row[kept], at[kept]
    seats = seat(rng, scene.homes, seller, job.who[row], at)
    return Logins(who=job.who[row], at=at, seats=seats, succeeded=rng.random(len(row)) > 0.05)
