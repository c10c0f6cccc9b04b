"""Arrays of chance: hashes that need no order, and runs of items within rows."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

HOUR: Final = 3600.0
DAY: Final = 86400.0


def mix(*parts: Any) -> npt.NDArray[np.uint64]:
    """Promise the same 64 bits for the same integers, in any order of calls."""
    state: Any = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        for part in parts:
            state = (state ^ np.asarray(part).astype(np.int64).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return np.asarray(state, np.uint64)


def unit(*parts: Any) -> Floats:
    """Promise an even draw in [0, 1) that is the same for the same integers."""
    return (mix(*parts) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def below(size: int, *parts: Any) -> Ints:
    """Promise an even draw in 0 to size - 1 that is the same for the same integers."""
    return (mix(*parts) % np.uint64(size)).astype(np.int64)


def spread(counts: npt.ArrayLike) -> tuple[Ints, Ints]:
    """Lay out `counts` items a row: the row of each item and its position in the row."""
    sizes = np.asarray(counts, dtype=np.int64)
    row = np.repeat(np.arange(len(sizes)), sizes)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def running(values: Floats, row: Ints, position: Ints) -> Floats:
    """Sum up within each row; the first item of a row stands at 0."""
    total = np.cumsum(np.where(position == 0, 0.0, values))
    first = np.flatnonzero(position == 0)
    return np.asarray(total - np.repeat(total[first], np.diff(np.append(first, len(row)))), np.float64)


def logspan(chance: np.random.Generator, low: float, high: float) -> float:
    """One draw that is even on a logarithmic scale."""
    return float(np.exp(chance.uniform(np.log(low), np.log(high))))
