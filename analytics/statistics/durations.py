"""Percentiles of durations: medians and tails, never means."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from analytics.statistics.intervals import Interval, quantile_interval

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


def percentile(values: pl.Series, share: float) -> float | None:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank); None without any."""
    known = values.drop_nulls().sort()
    if not len(known):
        return None
    rank = max(int(np.ceil(share * len(known) - 1e-9)), 1)
    return float(known[rank - 1])


def median_interval(values: pl.Series) -> Interval | None:
    """Bound the median with 95 %."""
    known = values.drop_nulls().sort().to_numpy().astype(np.float64)
    return quantile_interval(known, 0.5) if len(known) else None


def tail(values: pl.Series, prefix: str = "") -> Mapping[str, float]:
    """Name the median, the slowest tenth and the slowest twentieth; empty without values."""
    found = {f"{prefix}p{share}": percentile(values, share / 100) for share in (50, 90, 95)}
    return {name: value for name, value in found.items() if value is not None}
