"""The log as coordination reads it: one row per engagement with somebody else, by target and then time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.detection.coordination.chance import Array, Floats, Integers, Truths

UNFOLLOW = 3
VISIT_MS = 3_600_000
# Rows sorted at once while what repeats is dropped; bounds memory.
PIECE = 4_000_000

Keys = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Board:
    """`actor` and `target` count from 0; `at` is in milliseconds since the first; `row` points into the input."""

    actor: Keys
    target: Keys
    at: Integers
    row: Keys
    actors: Keys
    targets: Keys
    first_ms: int

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def span_ms(self) -> float:
        return float(self.at.max() - self.at.min() + VISIT_MS) if len(self) else float(VISIT_MS)

    @cached_property
    def starts(self) -> Truths:
        """Where a new target begins."""
        return changes(self.target)

    @cached_property
    def visits(self) -> Truths:
        """Rows that are not the same account again at the same target within the hour."""
        same = (self.actor[1:] == self.actor[:-1]) & ~self.starts[1:]
        return np.append(np.ones(min(len(self), 1), dtype=bool), ~(same & (np.diff(self.at) < VISIT_MS)))

    @cached_property
    def activity(self) -> Floats:
        """Visits per account."""
        return np.bincount(self.actor[self.visits], minlength=len(self.actors)).astype(np.float64)

    @cached_property
    def popularity(self) -> Floats:
        """Visits per target."""
        return np.bincount(self.target[self.visits], minlength=len(self.targets)).astype(np.float64)

    @cached_property
    def crowd(self) -> Integers:
        """A number per target made of when it was visited, not of any id."""
        told = np.zeros(len(self.targets), dtype=np.int64)
        for piece in pieces(len(self)):
            told += sums(self.target[piece], scrambled(self.at[piece] + self.first_ms), len(told))
        return told

    @cached_property
    def signature(self) -> Integers:
        """A number per account made of what it did and to whom, not of any id: an order that survives renaming."""
        told = np.zeros(len(self.actors), dtype=np.int64)
        for piece in pieces(len(self)):
            what = scrambled(self.at[piece] + self.first_ms) ^ self.crowd[self.target[piece]]
            told += sums(self.actor[piece], scrambled(what), len(told))
        return told

    @cached_property
    def usual_popularity(self) -> float:
        """Visits of the median target."""
        return float(np.median(self.popularity)) if len(self.targets) else 0.0

    def expected_visits(self, target: Array, length_ms: Array | float) -> Floats:
        """Visits of a stretch of time at half the target's own rate, or at the median target's if that is more."""
        rate = np.maximum(0.5 * self.popularity[target], self.usual_popularity) / self.span_ms
        told: Floats = rate * length_ms
        return told

    def rows_between(self, target: Array, first_ms: Array, last_ms: Array) -> tuple[Integers, Integers]:
        """For each stretch of time at a target, where its rows begin and end."""
        low = np.searchsorted(self._places, self._place(target, first_ms), side="left")
        high = np.searchsorted(self._places, self._place(target, last_ms), side="right")
        return low.astype(np.int64), high.astype(np.int64)

    @cached_property
    def _places(self) -> Integers:
        return self._place(self.target, self.at)

    @cached_property
    def _shift(self) -> int:
        return int(self.at.max() + 2 if len(self) else 2).bit_length()

    def _place(self, target: Array, at: Array) -> Integers:
        bounded = np.clip(at, 0, (1 << self._shift) - 1).astype(np.int64)
        told: Integers = (np.asarray(target).astype(np.int64) << self._shift) | bounded
        return told


def lay_out(engagements: pl.DataFrame) -> Board:
    """Lay out the engagements that reach somebody else; taking a follow back is no visit."""
    actor, target = (engagements[name].to_numpy() for name in ("actor_key", "target_key"))
    at = engagements["at"].cast(pl.Int64).to_numpy()
    kept = actor != target
    if "kind" in engagements.columns:
        kept &= engagements["kind"].to_numpy() != UNFOLLOW
    row = np.flatnonzero(kept).astype(np.uint32)
    first = int(at[row].min() // 1000) if len(row) else 0
    actors, actor = dense(actor[row])
    targets, target = dense(target[row])
    at = at[row] // 1000 - first
    order = by_target_and_time(target, at)
    return Board(actor[order], target[order], at[order], row[order], actors, targets, first)


def dense(keys: Array) -> tuple[Array, Keys]:
    """Return the keys in use, smallest first, and each row's position among them."""
    if not len(keys):
        return keys, np.zeros(0, dtype=np.uint32)
    if int(keys.max()) < 4 * len(keys) + 1_000_000:
        used = np.zeros(int(keys.max()) + 1, dtype=bool)
        used[keys] = True
        place = (np.cumsum(used) - 1).astype(np.uint32)
        return np.flatnonzero(used).astype(keys.dtype), place[keys]
    order = pl.Series(keys).arg_sort().to_numpy()
    ordered = keys[order]
    new = changes(ordered)
    place = np.empty(len(keys), dtype=np.uint32)
    place[order] = np.cumsum(new, dtype=np.uint32) - np.uint32(1)
    return ordered[new], place


def by_target_and_time(target: Keys, at: Integers) -> Array:
    """Row order by target, then time."""
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    bits = int(at.max()).bit_length()
    if bits + int(target.max()).bit_length() > 63:
        return np.lexsort((at, target))
    packed = (target.astype(np.int64) << bits) | at
    return pl.Series(packed).arg_sort().to_numpy()


def pieces(size: int) -> list[slice]:
    """All rows, in stretches that are worked on one after another."""
    return [slice(low, min(low + PIECE, size)) for low in range(0, size, PIECE)]


def scrambled(values: Array) -> Integers:
    """Mix the bits of each number, so that sums of them tell sets apart."""
    mixed = values.astype(np.uint64)
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(factor)
    return (mixed ^ (mixed >> np.uint64(32))).view(np.int64)


def sums(owner: Array, values: Integers, count: int) -> Integers:
    """Add up whole numbers per owner, exactly; what overflows wraps around."""
    low, high = values & 0xFFFFFF, values >> 24
    told = np.bincount(owner, weights=low, minlength=count).astype(np.int64)
    return told + (np.bincount(owner, weights=high & 0xFFFFFFFF, minlength=count).astype(np.int64) << 24)


def changes(*columns: Array) -> Truths:
    """Mark where any column differs from the row before, and the first row."""
    told = np.ones(len(columns[0]), dtype=bool)
    if len(told) > 1:
        told[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return told


def stretches(low: Integers, high: Integers) -> tuple[Integers, Integers]:
    """Every position of every half-open range, with the range it belongs to."""
    sizes = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    first = np.cumsum(sizes) - sizes
    return owner, np.arange(len(owner)) - np.repeat(first, sizes) + np.repeat(low, sizes)


def distinct(*columns: Array) -> tuple[Array, ...]:
    """Sort the rows of some columns and drop what repeats."""
    size = len(columns[0])
    if not size:
        return columns
    if size > PIECE:
        first, *others = pieces(size)
        parts = [distinct(*(column[first] for column in columns))]
        # Where hardly anything repeats, pieces are no help and the whole is sorted at once.
        if len(parts[0][0]) <= PIECE // 2:
            parts += [distinct(*(column[piece] for column in columns)) for piece in others]
            joined = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
            if len(joined[0]) <= size // 2:
                return distinct(*joined)
    packed = pack(*columns)
    if packed is None:
        table = pl.DataFrame({str(place): column for place, column in enumerate(columns)}).unique()
        return tuple(table.sort(table.columns)[str(place)].to_numpy() for place in range(len(columns)))
    values = np.sort(packed)
    values = values[changes(values)]
    return unpack(values, columns)


def pack(*columns: Array) -> Integers | None:
    """One number per row that sorts as the columns do, or nothing when they do not fit."""
    bits = [int(column.max()).bit_length() for column in columns]
    if sum(bits) > 63:
        return None
    packed = columns[0].astype(np.int64)
    for column, width in zip(columns[1:], bits[1:], strict=True):
        packed = (packed << width) | column.astype(np.int64)
    return packed


def unpack(packed: Integers, columns: tuple[Array, ...]) -> tuple[Array, ...]:
    told = []
    for column in reversed(columns[1:]):
        width = int(column.max()).bit_length()
        told.append(packed & ((1 << width) - 1))
        packed = packed >> width
    return (packed, *reversed(told))
