"""Draws that every part of an abroad world shares: wide scales, picks inside groups, hashes that stay put."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOUR = 3600.0
DAY = 86400.0


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """One number whose logarithm is uniform between those of `low` and `high`."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def log_uniforms(rng: Generator, low: float, high: float, size: int) -> Floats:
    """`size` numbers whose logarithms are uniform between those of `low` and `high`."""
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


def whole(rng: Generator, low: float, high: float) -> int:
    """One whole number, log-uniform between `low` and `high`."""
    return round(log_uniform(rng, low, high))


def wholes(rng: Generator, low: float, high: float, size: int) -> Ints:
    """`size` whole numbers, log-uniform between `low` and `high`."""
    return np.rint(log_uniforms(rng, low, high, size)).astype(np.int64)


def ramp(counts: Ints) -> Ints:
    """0, 1, 2, … inside each of the groups of the given sizes, one group after the other."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64) - np.repeat(ends - counts, counts)


def fixed(left: Ints, right: Ints | int, modulus: Ints | int) -> Ints:
    """A number below `modulus` that is the same whenever the same pair is given."""
    mixed = left.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= np.asarray(right, dtype=np.int64).astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(8)).astype(np.int64) % modulus


def fixed_part(left: Ints, right: Ints | int) -> Floats:
    """A number from 0 to below 1 that is the same whenever the same pair is given."""
    return np.asarray(fixed(left, right, 1 << 30) / (1 << 30), dtype=np.float64)


def weighted(rng: Generator, weights: Floats, size: int) -> Ints:
    """`size` positions, each drawn in proportion to its weight."""
    bounds = np.cumsum(weights)
    found = np.searchsorted(bounds, rng.random(size) * bounds[-1], side="right")
    return np.asarray(np.minimum(found, len(weights) - 1), dtype=np.int64)


def weighted_rows(rng: Generator, weights: Floats, rows: Ints) -> Ints:
    """One column for each entry of `rows`, in proportion to that row of the weight matrix."""
    width = weights.shape[1]
    bounds = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    flat = (bounds + np.arange(len(weights))[:, None]).ravel()
    found = np.searchsorted(flat, rows + rng.random(len(rows)) * 0.999999, side="right")
    return np.asarray(np.clip(found - rows * width, 0, width - 1), dtype=np.int64)


def few(rng: Generator, pool: Ints, count: int) -> Ints:
    """Up to `count` different members of `pool`, in random order."""
    return rng.permutation(pool)[: max(0, count)]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Members listed group by group, so that a draw inside many groups is one step."""

    members: Ints
    starts: Ints
    sizes: Ints

    @classmethod
    def by(cls, labels: Ints, count: int, order: Floats | None = None) -> Grouped:
        """The positions of each label below `count`; `order` sorts the members of a group, smallest first."""
        keep = np.flatnonzero(labels >= 0)
        rank = np.arange(len(labels)) if order is None else order
        members = keep[np.lexsort((rank[keep], labels[keep]))]
        sizes = np.bincount(labels[keep], minlength=count)
        return cls(members.astype(np.int64), np.cumsum(sizes) - sizes, sizes)

    def of(self, group: int) -> Ints:
        """The members of one group."""
        return self.members[self.starts[group] : self.starts[group] + self.sizes[group]]

    def draw(self, rng: Generator, groups: Ints, skew: Floats | float = 1.0) -> Ints:
        """One member of each named group, -1 where it is empty; a skew above 1 prefers the first members."""
        return self.pick(groups, rng.random(len(groups)) ** skew)

    def pick(self, groups: Ints, part: Floats) -> Ints:
        """The member that stands at `part` (0 to 1) of each named group, -1 where it is empty."""
        sizes = self.sizes[groups]
        offset = (sizes * part).astype(np.int64)
        if not len(self.members):
            return np.full(len(groups), -1, dtype=np.int64)
        found = self.members[np.minimum(self.starts[groups] + offset, len(self.members) - 1)]
        return np.where(sizes > 0, found, -1)
