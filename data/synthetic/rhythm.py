"""When acts happen: sittings laid out over hours, and the pauses within them."""

from __future__ import annotations

import numpy as np

from data.synthetic.acts import DAY, HOUR, SECOND
from data.synthetic.chance import Array

# A longer pause would end the session.
LONGEST_GAP_S = 1_500.0


def hours_around(rng: np.random.Generator, peak: Array, width: Array, anytime: float = 0.1) -> Array:
    """Hours of the day near each peak, and now and then at any time."""
    hour = (peak + width * rng.standard_normal(len(peak), dtype=np.float32)) % 24
    told: Array = np.where(rng.random(len(peak), dtype=np.float32) < anytime, rng.random(len(peak)) * 24, hour)
    return told


def moments(day: int, hour: Array) -> Array:
    told: Array = day * DAY + (hour.astype(np.float64) * HOUR).astype(np.int64)
    return told


def lay_out(start: Array, size: Array, gaps_s: Array) -> tuple[Array, Array]:
    """For each act its sitting and its time: the first at the sitting's start, the others a gap after each other.

    `gaps_s` has one entry per act.
    """
    sitting = np.repeat(np.arange(len(start)), size)
    first = np.cumsum(size) - size
    gaps = np.minimum(gaps_s, LONGEST_GAP_S)
    gaps[first[size > 0]] = 0.0
    passed = np.cumsum(gaps, dtype=np.float64)
    passed -= np.repeat(passed[first[size > 0]], size[size > 0])
    return sitting, np.repeat(start, size) + (passed * SECOND).astype(np.int64)


def human_gaps(rng: np.random.Generator, log_s: Array, spread: float = 1.15) -> Array:
    told: Array = np.exp(log_s + np.float32(spread) * rng.standard_normal(len(log_s), dtype=np.float32)) + 0.8
    return told


def machine_gaps(rng: np.random.Generator, mean_s: float, shape: float, count: int) -> Array:
    told: Array = rng.gamma(shape, mean_s / shape, count) + 1.2
    return told
