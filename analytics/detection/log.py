"""The log as the detection steps see it: lazy frames of one snapshot, on any engine that narwhals speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals as nw

# Any: the engine's own frame underneath.
Frame = nw.LazyFrame[Any]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Stores a step's rows under a name and returns them for the next step; in memory for tests, a table in the batch.
Settle = Callable[[str, Frame], Frame]


@dataclass(frozen=True, slots=True)
class Log:
    """One snapshot: its tables, the columns that no source had, and how long it is."""

    engagements: Frame
    accounts: Frame
    logins: Frame
    missing: frozenset[str]
    first_at: int
    last_at: int

    def has(self, column: str) -> bool:
        """Whether any source had the column, named `table.column`."""
        return column not in self.missing and column.split(".", maxsplit=1)[0] not in self.missing


# Without any of these a log says nothing about places.
PLACE_COLUMNS = ("engagements.client_id", "engagements.asn", "engagements.ip_prefix", "engagements.device_id")


def is_poor(log: Log) -> bool:
    """Whether the log says nothing about from where anybody acted."""
    return not any(log.has(column) for column in PLACE_COLUMNS)


def in_memory(_name: str, frame: Frame) -> Frame:
    """Settle a step by collecting it."""
    return frame.collect().lazy()


def number(expression: nw.Expr) -> nw.Expr:
    """A float, so that no engine answers a ratio in integers or decimals."""
    return expression.cast(nw.Float64)


def count_of(condition: nw.Expr) -> nw.Expr:
    """How many rows meet the condition."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).sum().cast(nw.Float64)


def ratio(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """A share; nothing of nothing is unknown."""
    return nw.when(whole > 0).then(number(part) / number(whole)).otherwise(None)
