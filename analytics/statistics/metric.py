"""One figure of the statistics pages: its value, how sure it is, and the rows that were counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure with the rows behind it; `n` is always the number of those rows.

    `value` is None when nothing was there to count. `low` and `high` bound it with 95 %; both are None for a plain
    count, which has no sampling error.
    """

    metric_id: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    rows: pl.DataFrame
    detail: Mapping[str, float] = field(default_factory=lambda: _NOTHING)


def metric(
    metric_id: str,
    rows: pl.DataFrame,
    value: float | None,
    interval: tuple[float, float] | None = None,
    detail: Mapping[str, float] = _NOTHING,
) -> Metric:
    """Build a figure whose n is the number of rows it counted."""
    low, high = interval if interval and value is not None else (None, None)
    return Metric(metric_id=metric_id, value=value, low=low, high=high, n=rows.height, rows=rows, detail=detail)
