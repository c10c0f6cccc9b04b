"""What chance would do: Poisson tails, and how many small p-values many tests may yield."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaln

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]  # Any: integers of any width

LEAST_P = 1e-300


def at_least(count: Array, expected: Array | float) -> Floats:
    """Give the chance that a Poisson number reaches the count; never zero, so that its logarithm exists."""
    counted = np.asarray(count, dtype=np.float64)
    rate = np.maximum(np.asarray(expected, dtype=np.float64), 1e-12)
    told = np.where(counted <= 0, 1.0, gammainc(np.maximum(counted, 1e-9), rate))
    return np.maximum(told, LEAST_P)


def log_at_least(count: float, expected: float) -> float:
    """Natural logarithm of an upper bound on the same chance, exact far beyond what a float can hold."""
    if count <= expected or count <= 0:
        return 0.0
    rate = max(expected, 1e-12)
    return float(min(0.0, count * np.log(rate) - rate - gammaln(count + 1) + np.log1p(rate / (count - rate))))


def log_choices(whole: float, part: float) -> float:
    """Natural logarithm of the number of ways to choose a part."""
    if part <= 0 or part >= whole:
        return 0.0
    return float(gammaln(whole + 1) - gammaln(part + 1) - gammaln(whole - part + 1))


def discovery_level(p: Floats, tests: float, share: float) -> float:
    """Benjamini-Hochberg: the largest p-value to accept when only `share` of the accepted may be chance."""
    ordered = np.sort(p)
    allowed = share * np.arange(1, len(ordered) + 1) / max(tests, 1.0)
    held = np.flatnonzero(ordered <= allowed)
    return float(ordered[held[-1]]) if len(held) else 0.0


def strength(p: Array | float, most: float = 50.0) -> Floats:
    """How many powers of ten chance is excluded by."""
    return np.minimum(-np.log10(np.maximum(np.asarray(p, dtype=np.float64), LEAST_P)), most)
