"""What one detection works on: the snapshot's tables, scratch tables, and ranges of accounts that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import narwhals as nw
import numpy as np
import polars as pl

from analytics.detection.log import Frame

# The first and the last account key of a range.
Range = tuple[int, int]


class Batch(Protocol):
    """What the line needs of the warehouse: the snapshot's tables, scratch tables, and the run's tables."""

    def table(self, name: str) -> Frame: ...
    def settle(self, name: str, frame: Frame) -> Frame: ...
    def settle_rows(self, name: str, rows: pl.DataFrame) -> Frame: ...
    def collect(self, frame: Frame) -> pl.DataFrame: ...
    def store(self, name: str, rows: pl.DataFrame) -> None: ...
    def let_go(self) -> None: ...
    def lay_by(self, name: str, rows: pl.DataFrame) -> None: ...
    def take_up(self, name: str) -> pl.DataFrame: ...
    @property
    def missing(self) -> frozenset[str]: ...
    @property
    def span(self) -> tuple[int, int]: ...
    @property
    def everyone(self) -> int: ...


def within(low: int, high: int) -> nw.Expr:
    """Whether an account lies in the range."""
    return (nw.col("account_key") >= low) & (nw.col("account_key") <= high)


def spans(sizes: pl.DataFrame, most: int) -> Iterator[Range]:
    """Ranges of account keys with about so many rows each. `sizes`: account_key, in order, and rows."""
    keys, counts = sizes["account_key"].to_numpy(), np.cumsum(sizes["rows"].to_numpy())
    if not len(keys):
        return
    chunk = (counts - 1) // most
    starts = np.flatnonzero(np.append(True, np.diff(chunk) > 0))
    ends = np.append(starts[1:] - 1, len(keys) - 1)
    yield from ((int(keys[start]), int(keys[end])) for start, end in zip(starts, ends, strict=True))
