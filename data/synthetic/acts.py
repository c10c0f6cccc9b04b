"""Acts: what accounts did, column by column, in numbers only; names are given when they are written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from data.synthetic.chance import Array, Number

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
LIKE, FOLLOW, COMMENT, UNFOLLOW = range(4)
NOTHING = -1

TYPES: dict[str, type] = {
    "actor": np.int32,
    "target": np.int32,
    "at": np.int64,
    "kind": np.uint8,
    "client": np.int16,
    "prefix": np.int32,
    "device": np.int32,
    "post": np.int64,
    "text": np.int32,
    "origin": np.int16,
    "campaign": np.int32,
}
UNSAID = {"post": NOTHING, "text": NOTHING, "origin": 0, "campaign": NOTHING}


@dataclass(frozen=True, slots=True)
class Place:
    """From where acts come, one entry per act; network and country follow from the prefix."""

    client: Array
    prefix: Array
    device: Array

    def take(self, rows: Array) -> Place:
        return Place(self.client[rows], self.prefix[rows], self.device[rows])


@dataclass(frozen=True, slots=True)
class Acts:
    """Columns of equal length; `at` is in microseconds from the start of day 0 of the world."""

    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.columns["at"])

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def take(self, rows: Array) -> Acts:
        return Acts({name: column[rows] for name, column in self.columns.items()})

    def by_day(self) -> dict[int, Acts]:
        """The acts of each day they fall on."""
        if not len(self):
            return {}
        days = self["at"] // DAY
        first, last = int(days.min()), int(days.max())
        if first == last:
            return {first: self}
        order = np.argsort(days, kind="stable")
        edges = np.searchsorted(days[order], np.arange(first, last + 2))
        spans = zip(range(first, last + 1), edges[:-1], edges[1:], strict=True)
        return {day: self.take(order[low:high]) for day, low, high in spans if high > low}


def record(place: Place, **given: Number) -> Acts:
    """Acts from some places; a scalar holds for all, what is not given is nothing, and nobody acts on himself."""
    told = {"client": place.client, "prefix": place.prefix, "device": place.device, **given}
    size = len(told["at"])
    columns: dict[str, Array] = {
        name: np.broadcast_to(np.asarray(told.get(name, UNSAID.get(name))).astype(kind, copy=False), (size,))
        for name, kind in TYPES.items()
    }
    acts = Acts(columns)
    others = columns["actor"] != columns["target"]
    return acts if others.all() else acts.take(np.flatnonzero(others))


def gather(parts: Iterable[Acts]) -> Acts:
    """All acts of several parts, one after the other."""
    full = [part for part in parts if len(part)]
    return Acts(
        {
            name: np.concatenate([part[name] for part in full]) if full else np.zeros(0, dtype=kind)
            for name, kind in TYPES.items()
        }
    )
