"""Key-account components: accounts that share clients, devices and addresses though nothing else joins them.

A carrier, an office or a household is shared too. A carrier's address holds the clients that its country uses; an
office's people know each other; a household is small. What is left is a key that far more strangers share than its
client and its network make one expect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import polars as pl
from scipy import sparse

from analytics.detection.coordination.board import Board, changes, dense, distinct
from analytics.detection.coordination.chance import LEAST_P, Array, Floats, Integers, Truths, at_least
from analytics.detection.coordination.findings import FOUND_SCHEMA, Findings, GroupKind, Placing, hits_of, nothing
from analytics.detection.coordination.graph import joined_by_share
from analytics.detection.coordination.settings import CoordinationSettings

# A device is a household's: so many accounts on one are usual.
HOUSEHOLD = 3.0
# Two keys with this part of the smaller one's accounts in common are one seller's.
SAME_KEYS = 0.3
# People who know each other engage this part of each other.
ACQUAINTED = 0.1
STRENGTH = 10.0

Acquaintances = Callable[[], sparse.csr_matrix]


@dataclass(frozen=True, slots=True)
class Uses:
    """Distinct (account, key) rows of one kind of key, and the expected accounts of each key.

    `of_row`: the key of each of the board's rows, -1 for none.
    """

    account: Integers
    key: Integers
    expected: Floats
    of_row: Array


def infrastructure_groups(board: Board, places: dict[str, Array], settings: CoordinationSettings) -> Findings:
    """Find components of suspicious keys. `places`: for each known column the board's rows' values, -1 for unknown."""
    known = cache(partial(acquaintances, board))
    kept = [suspicious(known, uses, settings) for uses in kinds_of_keys(board, places)]
    rows, keys, p, first = [], [], [], 0
    for of_row, chance in kept:
        chosen = np.flatnonzero(of_row >= 0)
        rows.append(chosen)
        keys.append(of_row[chosen].astype(np.int64) + first)
        p.append(chance)
        first += len(chance)
    if not rows or not sum(len(part) for part in rows):
        return nothing()
    return components(board, np.concatenate(rows), np.concatenate(keys), np.concatenate(p))


def kinds_of_keys(board: Board, places: dict[str, Array]) -> Iterator[Uses]:
    """One kind after the other: each holds a number for every engagement."""
    if "client_key" in places and "asn" in places:
        yield crossed(board, places["client_key"], places["asn"])
    if "client_key" in places and "prefix_key" in places:
        yield crossed(board, places["client_key"], places["prefix_key"])
    if "device_key" in places:
        yield alone(board, places["device_key"])


def crossed(board: Board, one: Array, other: Array) -> Uses:
    """Keys of two columns; expected is what accounts of both would give if the two were chosen independently."""
    rows = np.flatnonzero((one >= 0) & (other >= 0))
    width = int(other.max()) + 1
    names, key = dense(one[rows].astype(np.int64) * width + other[rows])
    account = board.actor[rows]
    by_one, by_other = accounts_by(one[rows], account), accounts_by(other[rows], account)
    everybody = max(int(changes(np.sort(account)).sum()), 1)
    expected = by_one[names // width] * by_other[names % width] / everybody
    return uses_of(board, rows, key, expected)


def alone(board: Board, column: Array) -> Uses:
    rows = np.flatnonzero(column >= 0)
    names, key = dense(column[rows])
    return uses_of(board, rows, key, np.full(len(names), HOUSEHOLD))


def uses_of(board: Board, rows: Integers, key: Array, expected: Floats) -> Uses:
    of_row = np.full(len(board), -1, dtype=np.int32)
    of_row[rows] = key
    account, used = distinct(board.actor[rows], key)
    return Uses(account, used, expected, of_row)


def accounts_by(values: Array, account: Array) -> Floats:
    """Distinct accounts of each value, by value."""
    chosen, _ = distinct(values, account)
    return np.bincount(chosen).astype(np.float64)


def suspicious(known: Acquaintances, uses: Uses, settings: CoordinationSettings) -> tuple[Array, Floats]:
    """Keep keys with far too many strangers; returns each row's key among them, and their p-values."""
    count = np.bincount(uses.key, minlength=len(uses.expected)).astype(np.float64)
    p = np.minimum(at_least(count, uses.expected) * max(len(count), 1), 1.0)
    kept = (count >= settings.least_on_key) & (count >= settings.least_lift * uses.expected) & (p < settings.group_p)
    kept &= ~acquainted(known, uses, kept)
    place = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    of_row = np.where(uses.of_row >= 0, place[uses.of_row], -1) if len(place) else uses.of_row
    return of_row, np.maximum(p[kept], LEAST_P)


def acquainted(known: Acquaintances, uses: Uses, chosen: Truths) -> Truths:
    """Mark keys whose accounts engage each other as people do who share a room."""
    told = np.zeros(len(chosen), dtype=bool)
    inside = chosen[uses.key]
    if not inside.any():
        return told
    people, keys = known().shape[0], len(chosen)
    shared = sparse.csr_matrix(
        (np.ones(int(inside.sum()), dtype=np.float32), (uses.account[inside], uses.key[inside])), shape=(people, keys)
    )
    size = np.asarray(shared.sum(axis=0)).ravel()
    among = np.asarray(shared.multiply(known() @ shared).sum(axis=0)).ravel()
    told[:] = among > ACQUAINTED * size * (size - 1)
    return told & chosen


def acquaintances(board: Board) -> sparse.csr_matrix:
    """Who engages whom, among those who act: one for each distinct pair."""
    people = len(board.actors)
    person = np.searchsorted(board.actors, board.targets)
    known = (person < people) & (board.actors[np.minimum(person, people - 1)] == board.targets)
    rows = known[board.target]
    left, right = distinct(board.actor[rows].astype(np.int64), person[board.target[rows]])
    return sparse.csr_matrix((np.ones(len(left), dtype=np.float32), (left, right)), shape=(people, people))


def components(board: Board, rows: Integers, keys: Integers, p: Floats) -> Findings:
    """Join keys that the same accounts use; each component is a group, with what came through its keys."""
    account, key = distinct(board.actor[rows].astype(np.int64), keys)
    final = joined_by_share(key, account, len(p), SAME_KEYS)
    group = final[keys]
    best = np.ones(int(final.max()) + 1)
    np.minimum.at(best, final, p)
    order = np.lexsort((p[keys], rows))
    rows, group, keys = rows[order], group[order], keys[order]
    once = np.append(True, rows[1:] != rows[:-1])
    rows, group, keys = rows[once], group[once], keys[once]
    told = described(np.unique(group), best)
    return Findings(hits_of(board, Placing(rows, group, p[keys]), told), told)


def described(groups: Integers, p: Floats) -> pl.DataFrame:
    unknown = [None] * len(groups)
    return pl.DataFrame(
        {
            "group": groups,
            "kind": [GroupKind.INFRASTRUCTURE.value] * len(groups),
            "window_hours": unknown,
            "p_value": p[groups],
            "is_tested": [False] * len(groups),
            "most_strength": [STRENGTH] * len(groups),
            "repetition": unknown,
            "excess": unknown,
            "returning": unknown,
        },
        schema=FOUND_SCHEMA,
    )
