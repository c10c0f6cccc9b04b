"""Lockstep seeds: pairs of accounts that meet at the same targets at the same time more often than chance allows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from analytics.detection.coordination.board import Board, dense, distinct
from analytics.detection.coordination.cells import Cells, Profile, gather
from analytics.detection.coordination.chance import Floats, Integers, Truths, at_least, discovery_level, strength
from analytics.detection.coordination.graph import communities
from analytics.detection.coordination.settings import HOUR_MS, CoordinationSettings

# Engagements in the same or in the next half cell meet; that is this many times what one grid of cells would see.
TWO_GRIDS = 1.5
BLOCK = 2e7


@dataclass(frozen=True, slots=True)
class Pairs:
    left: Integers
    right: Integers
    meetings: Floats
    p: Floats


def find_pairs(board: Board, width_hours: float, settings: CoordinationSettings) -> Pairs:
    """Pairs of accounts whose meetings at distinct targets chance does not explain."""
    half = max(int(width_hours * HOUR_MS / 2), 1)
    cells, profile = gather(board, half, settings)
    left, right, meetings = meetings_of(cells, settings.least_meetings)
    p = at_least(meetings, expected(profile, left, right))
    everybody = len(board.actors)
    level = discovery_level(p, everybody * (everybody - 1) / 2, settings.false_discovery)
    kept = p <= level
    pairs = Pairs(left[kept], right[kept], meetings[kept], p[kept])
    return at_distinct_targets(pairs, cells, profile, level, settings.least_meetings)


def expected(profile: Profile, left: Integers, right: Integers) -> Floats:
    told: Floats = TWO_GRIDS * profile.coincidence * profile.visits[left] * profile.visits[right]
    return told


def meetings_of(cells: Cells, least: int) -> tuple[Integers, Integers, Floats]:
    """How often each pair of accounts meets, where often enough, by a sparse product in blocks."""
    names, account = dense(cells.account)
    shape = (len(names), len(cells.target))
    left = sparse.csr_matrix((np.ones(len(account), dtype=np.float32), (account, cells.cell)), shape=shape)
    signed = sparse.csr_matrix((cells.sign[cells.cell].astype(np.float32), (account, cells.cell)), shape=shape)
    other = signed.T.tocsr()
    size = np.bincount(cells.cell, minlength=len(cells.target)).astype(np.float64)
    work = np.cumsum(np.bincount(account, weights=size[cells.cell], minlength=len(names)).astype(np.float64))
    found = [block_pairs(left, other, block, least) for block in blocks(work)]
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    one, two, count = (np.concatenate(column) for column in zip(*found, strict=True))
    return names[one].astype(np.int64), names[two].astype(np.int64), count.astype(np.float64)


def blocks(work: Floats) -> list[tuple[int, int]]:
    """Ranges of accounts whose products cost about the same."""
    if not len(work):
        return []
    edges = np.unique(np.append(np.searchsorted(work, np.arange(BLOCK, work[-1], BLOCK)), [0, len(work)]))
    return [(int(low), int(high)) for low, high in pairwise(edges)]


def block_pairs(
    left: sparse.csr_matrix, other: sparse.csr_matrix, block: tuple[int, int], least: int
) -> tuple[Integers, Integers, Floats]:
    product = left[block[0] : block[1]] @ other
    often = np.flatnonzero(product.data >= least)
    one = np.searchsorted(product.indptr, often, side="right") - 1 + block[0]
    two = product.indices[often].astype(np.int64)
    kept = one < two
    return one[kept], two[kept], product.data[often[kept]]


def at_distinct_targets(pairs: Pairs, cells: Cells, profile: Profile, level: float, least: int) -> Pairs:
    """Count each shared target once: the same crowd at the same target, again and again, is an audience."""
    if not len(pairs.left):
        return pairs
    targets = shared_targets(pairs, cells)
    meetings = np.minimum(pairs.meetings, targets)
    p = at_least(meetings, expected(profile, pairs.left, pairs.right))
    kept: Truths = (p <= level) & (meetings >= least)
    return Pairs(pairs.left[kept], pairs.right[kept], meetings[kept], p[kept])


def shared_targets(pairs: Pairs, cells: Cells) -> Integers:
    """At how many targets both accounts of each pair appear in shared cells."""
    names = np.unique(np.concatenate([pairs.left, pairs.right]))
    inside = np.isin(cells.account, names)
    account, target = distinct(
        np.searchsorted(names, cells.account[inside]), cells.target[cells.cell[inside]].astype(np.int64)
    )
    table = sparse.csr_matrix((np.ones(len(account), dtype=np.float32), (account, target)))
    left, right = np.searchsorted(names, pairs.left), np.searchsorted(names, pairs.right)
    step = 200_000
    told = [
        np.asarray(table[left[low : low + step]].multiply(table[right[low : low + step]]).sum(axis=1)).ravel()
        for low in range(0, len(left), step)
    ]
    return np.concatenate(told).astype(np.int64)


def seeds(pairs: Pairs, board: Board, settings: CoordinationSettings) -> Integers:
    """Give each account its group, -1 for none: communities of the pairs where everybody has at least two partners."""
    accounts = len(board.actors)
    told = np.full(accounts, -1, dtype=np.int64)
    left, right, weight = two_core(pairs, accounts)
    if not len(left):
        return told
    members = np.unique(np.concatenate([left, right]))
    members = members[np.argsort(board.signature[members], kind="stable")]
    place = np.empty(accounts, dtype=np.int64)
    place[members] = np.arange(len(members))
    told[members] = communities(place[left], place[right], weight, len(members), settings.seed)
    return renumbered(told, settings.least_group)


def two_core(pairs: Pairs, accounts: int) -> tuple[Integers, Integers, Floats]:
    left, right, weight = pairs.left, pairs.right, strength(pairs.p)
    while len(left):
        degree = np.bincount(left, minlength=accounts) + np.bincount(right, minlength=accounts)
        kept = (degree[left] >= 2) & (degree[right] >= 2)
        if kept.all():
            break
        left, right, weight = left[kept], right[kept], weight[kept]
    return left, right, weight


def renumbered(group: Integers, least: int) -> Integers:
    """Give groups with enough members new numbers from 0; the rest is none."""
    size = np.bincount(group[group >= 0], minlength=1)
    told = np.full(len(group), -1, dtype=np.int64)
    kept = (group >= 0) & (size[np.maximum(group, 0)] >= least)
    told[kept] = np.unique(group[kept], return_inverse=True)[1]
    return told
