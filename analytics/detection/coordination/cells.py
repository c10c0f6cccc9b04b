"""Cells: a target's time cut into two half-shifted grids, without the cells that are mere popularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.detection.coordination.board import Board, distinct
from analytics.detection.coordination.chance import Array, Floats, Integers, Truths
from analytics.detection.coordination.settings import CoordinationSettings


@dataclass(frozen=True, slots=True)
class Cells:
    """Distinct (cell, account) rows of both grids and of their overlap, whose meetings count once too often.

    `target` and `sign` have one entry per cell: +1 for a grid's cell and -1 for an overlap.
    """

    cell: Integers
    account: Integers
    target: Integers
    sign: Floats


@dataclass(frozen=True, slots=True)
class Profile:
    """How many cells each account visits, and how likely two visits share a cell."""

    visits: Floats
    coincidence: float


@dataclass(frozen=True, slots=True)
class Grid:
    """One grid over the whole board.

    `first`: each cell's first row, and the end. `crowd`: the accounts of each cell that has more than one row, else 1.
    `cell`, `account`: distinct rows of those cells.
    """

    first: Integers
    crowd: Integers
    cell: Integers
    account: Integers

    def on_rows(self, kept: Truths) -> Truths:
        """Spread a truth for each cell over its rows."""
        return np.repeat(kept, np.diff(self.first))


def gather(board: Board, half_ms: int, settings: CoordinationSettings) -> tuple[Cells, Profile]:
    """Cut the log into cells of two half-shifted grids and drop the oversized."""
    tick = (board.at + board.first_ms) // half_ms
    everything = np.ones(len(board), dtype=bool)
    one, two = grid(board, tick >> 1, everything), grid(board, (tick + 1) >> 1, everything)
    profile = profile_of(board, one, settings)
    most = min(settings.most_in_cell, affordable(np.concatenate([one.crowd, two.crowd]), len(board), settings))
    in_both = one.on_rows(one.crowd <= most) & two.on_rows(two.crowd <= most)
    return join(board, [(one, 1.0), (two, 1.0), (grid(board, tick, in_both), -1.0)], most), profile


def grid(board: Board, tick: Integers, rows: Truths) -> Grid:
    """Cut one grid; rows that are left out count for nothing."""
    new = board.starts.copy()
    new[1:] |= tick[1:] != tick[:-1]
    first = np.append(np.flatnonzero(new), len(board)).astype(np.int64)
    sizes = np.diff(first)
    wide = np.flatnonzero(np.repeat(sizes > 1, sizes) & rows)
    cell, account = distinct((np.cumsum(new) - 1)[wide], board.actor[wide].astype(np.int64))
    crowd = np.bincount(cell, minlength=len(sizes)) if len(wide) else np.zeros(len(sizes), dtype=np.int64)
    return Grid(first, np.maximum(crowd, 1), cell, account)


def profile_of(board: Board, one: Grid, settings: CoordinationSettings) -> Profile:
    """Visits by account outside oversized cells, and the share of pairs of visits that fall into one cell."""
    fit = one.crowd <= settings.most_in_cell
    visits = np.bincount(board.actor[alone(one)], minlength=len(board.actors)).astype(np.float64)
    inside = fit[one.cell] & (one.crowd[one.cell] > 1)
    visits += np.bincount(one.account[inside], minlength=len(board.actors))
    crowd = one.crowd[fit].astype(np.float64)
    return Profile(visits, float((crowd * (crowd - 1)).sum() / max(visits.sum(), 1.0) ** 2))


def alone(one: Grid) -> Integers:
    """Find the first row of every cell with a single account."""
    told: Integers = one.first[:-1][one.crowd == 1]
    return told


def affordable(crowds: Integers, engagements: int, settings: CoordinationSettings) -> int:
    """Find the largest cell such that all cells up to it can be paired within the budget."""
    budget = max(settings.least_work, settings.work_per_engagement * engagements)
    return largest_size(crowds[crowds > 1], budget)


def largest_size(sizes: Array, budget: float) -> int:
    if not len(sizes):
        return 0
    cost = np.cumsum(np.bincount(sizes) * np.arange(int(sizes.max()) + 1, dtype=np.float64) ** 2)
    return int(np.searchsorted(cost, budget, side="right")) - 1


def join(board: Board, grids: list[tuple[Grid, float]], most: int) -> Cells:
    """Join the grids under one numbering of cells."""
    cells, accounts, targets, signs, first = [], [], [], [], 0
    for one, sign in grids:
        fit = (one.crowd > 1) & (one.crowd <= most)
        place = np.cumsum(fit) - 1 + first
        kept = fit[one.cell]
        cells.append(place[one.cell[kept]])
        accounts.append(one.account[kept])
        targets.append(board.target[one.first[:-1][fit]].astype(np.int64))
        signs.append(np.full(len(targets[-1]), sign))
        first += len(targets[-1])
    return Cells(np.concatenate(cells), np.concatenate(accounts), np.concatenate(targets), np.concatenate(signs))


def recurring(cells: Cells, least: int, accounts: int) -> Cells:
    """Keep accounts with enough cells, and cells with at least two of them."""
    cell, account = cells.cell, cells.account
    for _ in range(3):
        on_grid = cells.sign[cell] > 0
        enough = np.bincount(account[on_grid], minlength=accounts) >= least
        kept = enough[account]
        cell, account = cell[kept], account[kept]
        shared = np.bincount(cell, minlength=len(cells.target)) >= 2
        kept = shared[cell]
        cell, account = cell[kept], account[kept]
    return Cells(cell, account, cells.target, cells.sign)
