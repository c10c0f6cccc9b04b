"""Chance that depends on nothing but its arguments: named streams, and uniform numbers by hashing whole arrays.

A thing that must not change when something else is drawn differently (who somebody's friends are, where somebody is
at an hour) is hashed; everything else is drawn from a stream of its own name and day.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # Any: numbers of one kind each
Number = Any  # an array of integers, or one integer

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def stream(seed: int, name: str, *numbers: int) -> np.random.Generator:
    """A generator of its own for each name and its numbers; numbers may be negative."""
    return np.random.default_rng([seed, crc32(name.encode()), *(number % 2**32 for number in numbers)])


def scramble(*parts: Number) -> Array:
    """64 bits from some integers, row by row (splitmix64)."""
    told = np.zeros(1, dtype=np.uint64)
    for part in parts:
        told = _stir(told ^ np.asarray(part).astype(np.uint64))
    return told


def _stir(value: Array) -> Array:
    told = value + _STEP
    told = (told ^ (told >> np.uint64(30))) * _FIRST
    told = (told ^ (told >> np.uint64(27))) * _SECOND
    stirred: Array = told ^ (told >> np.uint64(31))
    return stirred


def unit(bits: Array, which: int = 0) -> Array:
    """A number from 0 to 1 from one of the four 16-bit parts of scrambled bits."""
    told: Array = ((bits >> np.uint64(16 * which)) & np.uint64(0xFFFF)).astype(np.float32) / np.float32(65536)
    return told


def below(bits: Array, limit: Number) -> Array:
    """An integer below the limit from scrambled bits."""
    told: Array = ((bits >> np.uint64(20)) % np.asarray(limit).astype(np.uint64)).astype(np.int64)
    return told
