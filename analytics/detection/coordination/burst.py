"""Burst first: targets whose visits come all at once, and accounts that come back to one such burst after another.

One burst is what a viral post makes, too. What a seller's pool does and a crowd does not is to meet again at other
targets at other times; bursts are therefore joined by the accounts they share, against what the accounts' activity
explains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analytics.detection.coordination.board import Board, distinct
from analytics.detection.coordination.campaigns import Presence, Windows, merge, presence
from analytics.detection.coordination.chance import Array, Floats, Integers, Truths, at_least, discovery_level
from analytics.detection.coordination.graph import communities
from analytics.detection.coordination.settings import HOUR_MS, CoordinationSettings

# Shares of all accounts, the calmest first, among whom shared bursts are counted.
CALM = (0.5, 0.8, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Bursts:
    """Hot windows (all of group 0) and who was there."""

    windows: Windows
    there: Presence
    crowd: Integers


def find_bursts(board: Board, settings: CoordinationSettings) -> Bursts:
    """Windows in which a target gets more visitors than at half its own and at the median target's rate."""
    width = settings.burst_hours * HOUR_MS
    least = settings.least_in_burst
    rows = np.flatnonzero(board.visits)
    target, at = board.target[rows], board.at[rows]
    near = np.zeros(len(rows), dtype=bool)
    if len(rows) >= least:
        gap = at[least - 1 :] - at[: 1 - least]
        near[: 1 - least] = (gap <= width) & (target[least - 1 :] == target[: 1 - least])
    low = np.flatnonzero(near)
    high = reach(target, at, low, width)
    p = at_least(high - low, board.expected_visits(target[low], width))
    hot = p < settings.hot_p
    first, last = merge(low[hot], high[hot] - 1)
    zero = np.zeros(len(first), dtype=np.int64)
    windows = Windows(zero, target[first].astype(np.int64), at[first], at[last])
    return crowded(board, windows, settings)


def reach(target: Array, at: Integers, low: Integers, width: float) -> Integers:
    """For each chosen row, the end of the rows of its target within the width; doubling steps, then halving."""
    high, step = low + 1, 1
    size = len(at)
    while True:
        ahead = np.minimum(high + step - 1, size - 1)
        fits = (high + step <= size) & (target[ahead] == target[low]) & (at[ahead] - at[low] <= width)
        if not fits.any():
            break
        high = np.where(fits, high + step, high)
        step *= 2
    while step >= 1:
        ahead = np.minimum(high + step - 1, size - 1)
        fits = (high + step <= size) & (target[ahead] == target[low]) & (at[ahead] - at[low] <= width)
        high = np.where(fits, high + step, high)
        step //= 2
    return high


def crowded(board: Board, windows: Windows, settings: CoordinationSettings) -> Bursts:
    """Keep windows with enough different accounts and not more than a seller could send."""
    there = presence(board, windows)
    crowd = np.bincount(there.window, minlength=len(windows))
    fit = (crowd >= settings.least_in_burst) & (crowd <= settings.most_in_burst)
    kept = fit[there.window]
    place = np.cumsum(fit) - 1
    return Bursts(windows.only(fit), Presence(place[there.window[kept]], there.account[kept]), crowd[fit])


def burst_seeds(board: Board, bursts: Bursts, share: float, settings: CoordinationSettings) -> Integers:
    """Give each account its group, -1 for none: accounts of two or more bursts that share too many accounts.

    `share`: how many of the shared pairs may be chance.
    """
    told = np.full(len(board.actors), -1, dtype=np.int64)
    left, right = linked(board, bursts, share, settings)
    if not len(left):
        return told
    component = circles(bursts, left, right, settings)
    joined = np.zeros(len(bursts.windows), dtype=bool)
    joined[left] = joined[right] = True
    kept = joined[bursts.there.window]
    window, account = bursts.there.window[kept], bursts.there.account[kept]
    owner, account, _ = distinct(component[window], account, bursts.windows.target[window])
    owner, account, hits = counted(owner, account)
    enough = hits >= settings.least_meetings
    order = np.lexsort((owner[enough], hits[enough]))
    told[account[enough][order]] = owner[enough][order]
    used = told >= 0
    told[used] = np.unique(told[used], return_inverse=True)[1]
    return told


def circles(bursts: Bursts, left: Integers, right: Integers, settings: CoordinationSettings) -> Integers:
    """The community of each burst; bursts are taken by age, so that no name decides."""
    windows = bursts.windows
    place = np.empty(len(windows), dtype=np.int64)
    place[np.lexsort((bursts.crowd, windows.last, windows.first))] = np.arange(len(windows))
    found = communities(
        place[left],
        place[right],
        np.ones(len(left)),
        len(windows),
        settings.seed,
        resolution=settings.burst_resolution,
    )
    return found[place]


def counted(owner: Integers, account: Integers) -> tuple[Integers, Integers, Integers]:
    """Distinct sorted (owner, account) rows and how often each occurs."""
    if not len(owner):
        return owner, account, owner
    new = np.append(True, (owner[1:] != owner[:-1]) | (account[1:] != account[:-1]))
    return owner[new], account[new], np.diff(np.append(np.flatnonzero(new), len(new)))


def linked(board: Board, bursts: Bursts, share: float, settings: CoordinationSettings) -> tuple[Integers, Integers]:
    """Pairs of bursts at other targets and other times that share more accounts than their sizes explain, each once.

    Busy accounts meet whatever they do; so the sharing is also counted among the calmer accounts alone.
    """
    levels = np.unique(np.quantile(board.activity, CALM)) if len(board.actors) else np.zeros(0)
    tests = len(bursts.windows) * (len(bursts.windows) - 1) / 2 * max(len(levels), 1)
    found = [among(board, bursts, board.activity <= level, settings) for level in levels]
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    left, right, p = (np.concatenate(column) for column in zip(*found, strict=True))
    held = p <= discovery_level(p, tests, share)
    one, other = distinct(left[held], right[held])
    return one, other


def among(
    board: Board, bursts: Bursts, calm: Truths, settings: CoordinationSettings
) -> tuple[Integers, Integers, Floats]:
    """Pairs of bursts that share some of these accounts, and the chance of so many."""
    often = np.bincount(bursts.there.account, minlength=len(calm))
    several = calm & (often >= 2)
    several &= often <= most_often(often[several], len(board), settings)
    kept = several[bursts.there.account]
    left, right, shared = overlaps(bursts.there.window[kept], bursts.there.account[kept], len(bursts.windows))
    apart = is_apart(bursts.windows, left, right, settings.burst_hours * HOUR_MS)
    left, right, shared = left[apart], right[apart], shared[apart]
    chance = float((board.activity[calm] ** 2).sum()) / max(float(board.activity.sum()), 1.0) ** 2
    return left, right, at_least(shared, chance * bursts.crowd[left] * bursts.crowd[right])


def most_often(often: Integers, engagements: int, settings: CoordinationSettings) -> int:
    """Find the largest number of bursts per account whose pairs can be afforded."""
    if not len(often):
        return 0
    budget = max(settings.least_work, settings.work_per_engagement * engagements)
    cost = np.cumsum(np.bincount(often) * np.arange(int(often.max()) + 1, dtype=np.float64) ** 2)
    return int(np.searchsorted(cost, budget, side="right")) - 1


def overlaps(window: Integers, account: Integers, windows: int) -> tuple[Integers, Integers, Floats]:
    """How many accounts each pair of windows shares, where more than one."""
    if not len(window):
        return window, window, np.zeros(0)
    names, place = np.unique(account, return_inverse=True)
    table = sparse.csr_matrix((np.ones(len(window), dtype=np.float32), (window, place)), shape=(windows, len(names)))
    product = (table @ table.T).tocoo()
    kept = (product.data >= 2) & (product.row < product.col)
    return product.row[kept].astype(np.int64), product.col[kept].astype(np.int64), product.data[kept].astype(np.float64)


def is_apart(windows: Windows, left: Integers, right: Integers, gap_ms: float) -> Truths:
    """Other targets, and not the same event: one window is over a while before the other begins."""
    later = np.maximum(windows.first[left], windows.first[right])
    earlier = np.minimum(windows.last[left], windows.last[right])
    told: Truths = (windows.target[left] != windows.target[right]) & (later - earlier > gap_ms)
    return told
