"""Cells: a target's time cut into two half-shifted grids, without the cells that are mere popularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.detection.coordination.board import Board, changes, distinct
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
    """One grid over the visits that have another one near: each cell's first row (and the end), and its visits."""

    first: Integers
    crowd: Integers

    def on_rows(self, kept: Truths) -> Truths:
        """Spread a truth for each cell over its rows."""
        return np.repeat(kept, self.crowd)


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits with another one at the same target within the width; the others meet nobody."""

    actor: Array
    target: Array
    tick: Integers


def gather(board: Board, half_ms: int, settings: CoordinationSettings) -> tuple[Cells, Profile]:
    """Cut the log into cells of two half-shifted grids and drop the oversized."""
    near = near_visits(board, half_ms)
    one, two, overlap = (grid(near, tick) for tick in (near.tick >> 1, (near.tick + 1) >> 1, near.tick))
    profile = profile_of(board, near, one, settings)
    chosen = worth_pairing(board, near, (one, two), half_ms, settings)
    in_one, in_two = one.on_rows(chosen[0]), two.on_rows(chosen[1])
    in_both = in_one & in_two & overlap.on_rows(overlap.crowd > 1)
    parts = [(one, in_one, 1.0), (two, in_two, 1.0), (overlap, in_both, -1.0)]
    return joined(near, parts, settings.least_meetings, len(board.actors)), profile


def near_visits(board: Board, half_ms: int) -> Visits:
    rows = np.flatnonzero(board.visits)
    target, at = board.target[rows], board.at[rows]
    close = np.zeros(len(rows) + 1, dtype=bool)
    if len(rows) > 1:
        close[1:-1] = (target[1:] == target[:-1]) & (at[1:] - at[:-1] <= 2 * half_ms)
    kept = close[1:] | close[:-1]
    return Visits(board.actor[rows[kept]], target[kept], (at[kept] + board.first_ms) // half_ms)


def grid(near: Visits, tick: Integers) -> Grid:
    first = np.append(np.flatnonzero(changes(near.target, tick)), len(tick)).astype(np.int64)
    return Grid(first, np.diff(first))


def profile_of(board: Board, near: Visits, one: Grid, settings: CoordinationSettings) -> Profile:
    """Visits by account outside oversized cells, and the share of pairs of visits that fall into one cell."""
    again = repeated(near, one)
    uncounted = one.on_rows(one.crowd > settings.most_in_cell) | again
    lost = np.bincount(near.actor[uncounted], minlength=len(board.actors))
    visits = np.maximum(board.activity - lost, 0.0)
    repeats = np.append(0, np.cumsum(again))
    crowd = (one.crowd - (repeats[one.first[1:]] - repeats[one.first[:-1]]))[one.crowd <= settings.most_in_cell]
    crowd = crowd.astype(np.float64)
    return Profile(visits, float((crowd * (crowd - 1)).sum() / max(visits.sum(), 1.0) ** 2))


def repeated(near: Visits, one: Grid) -> Truths:
    """Mark visits of an account that the row before already put into the same cell."""
    told = np.zeros(len(near.actor), dtype=bool)
    told[1:] = near.actor[1:] == near.actor[:-1]
    told[one.first[:-1]] = False
    return told


def worth_pairing(
    board: Board, near: Visits, grids: tuple[Grid, Grid], half_ms: int, settings: CoordinationSettings
) -> tuple[Truths, Truths]:
    """Choose cells that are not oversized; when their pairs cost too much, those most beyond their target's rate."""
    budget = max(settings.least_work, settings.work_per_engagement * len(board))
    beyond = [surprise(board, near, one, half_ms) for one in grids]
    fit = [(one.crowd > 1) & (one.crowd <= settings.most_in_cell) for one in grids]
    crowds = np.concatenate([one.crowd[kept] for one, kept in zip(grids, fit, strict=True)]).astype(np.float64)
    level = least_surprise(np.concatenate([b[kept] for b, kept in zip(beyond, fit, strict=True)]), crowds**2, budget)
    return fit[0] & (beyond[0] >= level), fit[1] & (beyond[1] >= level)


def surprise(board: Board, near: Visits, one: Grid, half_ms: int) -> Floats:
    """How far each cell is beyond its target's usual rate: the deviance of a Poisson number."""
    usual = np.maximum(board.expected_visits(near.target[one.first[:-1]], 2 * half_ms), 1e-9)
    crowd = np.maximum(one.crowd, usual)
    told: Floats = crowd * np.log(crowd / usual) - (crowd - usual)
    return told


def least_surprise(beyond: Floats, cost: Floats, budget: float) -> float:
    """Find the surprise from which on everything can be afforded; equal cells are all in or all out."""
    if not len(cost) or cost.sum() <= budget:
        return 0.0
    # A thousandth of a unit is fine enough, and counting is faster than sorting.
    step = np.minimum(beyond * 1000, 1e6).astype(np.int64)
    spent = np.cumsum(np.bincount(step, weights=cost)[::-1])[::-1]
    return float(np.flatnonzero(spent > budget)[-1] + 1) / 1000


def joined(near: Visits, parts: list[tuple[Grid, Truths, float]], least: int, accounts: int) -> Cells:
    """Join the grids under one numbering of cells, for accounts with enough cells and cells with several of them."""
    both = parts[0][1].astype(np.int8) + parts[1][1]
    enough = np.bincount(near.actor, weights=both, minlength=accounts) >= 2 * least - 1
    cells, accounts_, targets, signs, first = [], [], [], [], 0
    for one, inside, sign in parts:
        rows = np.flatnonzero(inside & enough[near.actor])
        number = np.repeat(np.arange(len(one.crowd)), one.crowd)[rows]
        new = changes(number) if len(rows) else np.zeros(0, dtype=bool)
        cells.append(np.cumsum(new) - 1 + first)
        accounts_.append(near.actor[rows])
        targets.append(near.target[rows[new]])
        signs.append(np.full(len(targets[-1]), sign))
        first += len(targets[-1])
    cell, account = distinct(np.concatenate(cells), np.concatenate(accounts_))
    told = Cells(cell, account, np.concatenate(targets).astype(np.int64), np.concatenate(signs))
    return recurring(told, least, accounts)


def recurring(cells: Cells, least: int, accounts: int) -> Cells:
    """Keep accounts with enough cells, and cells with at least two of them."""
    cell, account = cells.cell, cells.account
    for _ in range(2):
        shared = np.bincount(cell, minlength=len(cells.target)) >= 2
        kept = shared[cell]
        cell, account = cell[kept], account[kept]
        on_grid = cells.sign[cell] > 0
        enough = np.bincount(account[on_grid], minlength=accounts) >= least
        kept = enough[account]
        cell, account = cell[kept], account[kept]
    return Cells(cell, account, cells.target, cells.sign)
