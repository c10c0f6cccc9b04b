"""Campaign windows of groups, and growth: who else acts in them more than chance allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.detection.coordination.board import Board, changes, distinct, stretches
from analytics.detection.coordination.chance import Array, Floats, Integers, Truths, at_least, discovery_level
from analytics.detection.coordination.graph import joined_by_share
from analytics.detection.coordination.settings import HOUR_MS, CoordinationSettings

# Groups with this part of the smaller one's windows in common are one.
SAME_WINDOWS = 0.3


@dataclass(frozen=True, slots=True)
class Windows:
    """Stretches of time at a target in which members of a group act together."""

    group: Integers
    target: Integers
    first: Integers
    last: Integers

    def __len__(self) -> int:
        return len(self.group)

    def only(self, kept: Truths) -> Windows:
        return Windows(self.group[kept], self.target[kept], self.first[kept], self.last[kept])


@dataclass(frozen=True, slots=True)
class Grown:
    """Groups after growth: the group of each account (-1 for none), its p-value, and the groups' windows."""

    group: Integers
    p: Floats
    windows: Windows


def grow(board: Board, group: Integers, width_hours: float, settings: CoordinationSettings) -> Grown:
    """Alternate between finding the groups' windows and admitting who acts in them beyond chance."""
    p = np.ones(len(group))
    windows = find_windows(board, group, width_hours, settings)
    for _ in range(settings.rounds):
        before = group
        final = united(windows, int(group.max(initial=-1)) + 1, width_hours)
        if len(np.unique(final)) < len(final):
            group = np.where(group >= 0, np.append(final, -1)[group], -1)
            windows = find_windows(board, group, width_hours, settings)
        group, p = admit(board, group, windows, settings)
        group = at_least_members(group, settings.least_group)
        windows = find_windows(board, group, width_hours, settings)
        if np.array_equal(before, group):
            break
    return Grown(group, p, windows)


def united(windows: Windows, count: int, width_hours: float) -> Integers:
    """Make one group of those that act in the same windows."""
    tick = windows.first // int(width_hours * HOUR_MS)
    span = int(tick.max(initial=0)) + 1
    return joined_by_share(windows.group, windows.target * span + tick, count, SAME_WINDOWS)


def at_least_members(group: Integers, least: int) -> Integers:
    """Dissolve groups that are too small."""
    if not (group >= 0).any():
        return group
    size = np.bincount(group[group >= 0])
    return np.where((group >= 0) & (size[np.maximum(group, 0)] >= least), group, -1)


def find_windows(board: Board, group: Integers, width_hours: float, settings: CoordinationSettings) -> Windows:
    """Targets and times where three or more members act within twice the width, beyond the members' usual share.

    Most of their visits must be beyond it. At a target that everybody likes, stretches join into weeks, in which each
    active member is seen sooner or later: that is popularity, and no campaign of what all of them do there.
    """
    position = np.flatnonzero(group[board.actor] >= 0)
    owner = group[board.actor[position]]
    order = np.argsort(owner, kind="stable")
    position, owner = position[order], owner[order]
    account, target, at = board.actor[position], board.target[position], board.at[position]
    third = third_account(account, changes(owner, target))
    width = 2 * width_hours * HOUR_MS
    opens = np.flatnonzero(third < len(at))
    opens = opens[at[third[opens]] - at[opens] <= width]
    first, last = merge(opens, third[opens])
    windows = Windows(owner[first], target[first].astype(np.int64), at[first], at[last])
    windows = windows.only(beyond_share(board, group, windows) <= settings.window_p)
    return windows.only(lift(board, group, windows, int(width_hours * HOUR_MS)) >= settings.window_lift)


def third_account(account: Array, new: Truths) -> Integers:
    """For each row, the first later row of its run at which a third account has acted; the length for none."""
    size = len(account)
    run = np.append(np.cumsum(new), -1)
    named = np.append(account.astype(np.int64), -1)
    ends = np.append(np.flatnonzero(changes(account, run[:-1]))[1:], size) if size else np.zeros(0, dtype=np.int64)
    following = np.append(np.repeat(ends, np.diff(np.append(0, ends))), size).astype(np.int64)
    following = np.where(run[following] == run, following, size)
    second = following[:-1]
    third = following[second]
    for _ in range(64):
        known = (third < size) & ((named[third] == named[:-1]) | (named[third] == named[second]))
        if not known.any():
            break
        third = np.where(known, following[third], third)
    return third


def merge(low: Integers, high: Integers) -> tuple[Integers, Integers]:
    """Join overlapping ranges of rows; `low` ascends."""
    if not len(low):
        return low, high
    reach = np.maximum.accumulate(high)
    new = np.append(True, low[1:] > reach[:-1])
    last = np.append(np.flatnonzero(new)[1:] - 1, len(low) - 1)
    return low[new], reach[last]


@dataclass(frozen=True, slots=True)
class Presence:
    """Distinct accounts in windows: one row per window and account."""

    window: Integers
    account: Integers


def presence(board: Board, windows: Windows) -> Presence:
    low, high = board.rows_between(windows.target, windows.first, windows.last)
    window, row = stretches(low, high)
    told = distinct(window, board.actor[row].astype(np.int64))
    return Presence(told[0], told[1])


def beyond_share(board: Board, group: Integers, windows: Windows) -> Floats:
    """Give the chance of so many members in each window, given its crowd and the group's share of all activity."""
    there = presence(board, windows)
    crowd = np.bincount(there.window, minlength=len(windows))
    member = group[there.account] == windows.group[there.window]
    members = np.bincount(there.window[member], minlength=len(windows))
    return at_least(members, crowd * shares(board, group)[windows.group])


def lift(board: Board, group: Integers, windows: Windows, tick_ms: int) -> Floats:
    """How many times their usual share of a window's visits the members make; who comes again later visits again.

    Usual is their share of all activity, or of all accounts where that is more: some crowds are made of everybody, and
    a few heavy users make the share of everybody else small.
    """
    window, row = stretches(*board.rows_between(windows.target, windows.first, windows.last))
    window, account, _ = distinct(window, board.actor[row].astype(np.int64), board.at[row] // tick_ms)
    visits = np.bincount(window, minlength=len(windows))
    member = group[account] == windows.group[window]
    members = np.bincount(window[member], minlength=len(windows))
    heads = np.bincount(group[group >= 0], minlength=int(group.max(initial=-1)) + 1) / max(len(group), 1)
    usual = np.maximum(shares(board, group), heads)
    return members / np.maximum(visits * usual[windows.group], 1e-12)


def shares(board: Board, group: Integers) -> Floats:
    """Each group's share of all activity."""
    mine = group >= 0
    activity = np.bincount(group[mine], weights=board.activity[mine], minlength=int(group.max(initial=-1)) + 1)
    told: Floats = activity / max(float(board.activity.sum()), 1.0)
    return told


def bystanders(board: Board, windows: Windows, crowd: Floats, members: Floats) -> Floats:
    """How many accounts each window would hold without the group."""
    length = windows.last - windows.first + HOUR_MS
    return np.maximum(board.expected_visits(windows.target, length), crowd - members)


def admit(board: Board, group: Integers, windows: Windows, settings: CoordinationSettings) -> tuple[Integers, Floats]:
    """Each account goes to the group in whose windows it acts least explicably; members that no longer do, leave."""
    there = presence(board, windows)
    crowd = np.bincount(there.window, minlength=len(windows)).astype(np.float64)
    member = group[there.account] == windows.group[there.window]
    members = np.bincount(there.window[member], minlength=len(windows)).astype(np.float64)
    strangers = np.bincount(windows.group, weights=bystanders(board, windows, crowd, members))
    owner, target, account = windows.group[there.window], windows.target[there.window], there.account
    owner, account, _ = distinct(owner, account, target)
    new = changes(owner, account) if len(owner) else np.zeros(0, dtype=bool)
    hits = np.diff(np.append(np.flatnonzero(new), len(new)))
    owner, account = owner[new], account[new]
    rate = board.activity[account] / max(float(board.activity.sum()), 1.0)
    p = at_least(hits, rate * strangers[owner])
    often = hits >= settings.least_meetings
    tests = len(board.actors) * len(np.unique(owner))
    level = max(settings.admission_p, discovery_level(p[often], tests, settings.false_discovery))
    kept = often & (p <= level)
    return assign(owner[kept], account[kept], p[kept], len(group))


def assign(owner: Integers, account: Integers, p: Floats, accounts: int) -> tuple[Integers, Floats]:
    """One group per account: the one with the smallest p-value."""
    group, best = np.full(accounts, -1, dtype=np.int64), np.ones(accounts)
    order = np.lexsort((owner, p))[::-1]
    group[account[order]] = owner[order]
    best[account[order]] = p[order]
    return group, best
