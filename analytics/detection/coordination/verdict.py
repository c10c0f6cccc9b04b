"""What a group's own interest explains, and what is left: the test that every group is published with.

Accounts that share an interest visit the same targets too, even at the same time: fans when a star posts, entrants of
a giveaway all in one evening, a class every day. Three things tell them from an account pool that is dealt out: they
come back to the same targets; their targets have no hours of their own (who is there, is there for all of them); or
there is one target, one evening.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.detection.coordination.board import Board, distinct
from analytics.detection.coordination.campaigns import Grown, Presence, bystanders, presence
from analytics.detection.coordination.chance import Array, Floats, Integers, Truths, log_at_least, log_choices
from analytics.detection.coordination.settings import HOUR_MS, CoordinationSettings


@dataclass(frozen=True, slots=True)
class Verdict:
    """One entry per group.

    `repetition`: visits of a member to a target it visits. `excess`: coincidences over those that the group's own
    targets and hours explain. `moments`: different times at which windows open. `log_p`: natural logarithm of the
    chance of so full a block, over all blocks of its size that could have been chosen. `is_seldom`: met on too few
    occasions to tell a pool of accounts from people who went to the same few events.
    """

    accounts: Floats
    targets: Floats
    engagements: Floats
    moments: Floats
    repetition: Floats
    excess: Floats
    returning: Floats
    log_p: Floats
    is_explained: Truths
    is_seldom: Truths
    hours: float


def judge(board: Board, grown: Grown, width_hours: float, settings: CoordinationSettings) -> Verdict:
    """Test every group of one search."""
    count = int(grown.group.max(initial=-1)) + 1
    there = presence(board, grown.windows)
    inside = grown.group[there.account] == grown.windows.group[there.window]
    mine = Presence(there.window[inside], there.account[inside])
    owner = grown.windows.group[mine.window]
    width = int(width_hours * HOUR_MS)
    accounts = np.bincount(grown.group[grown.group >= 0], minlength=count).astype(np.float64)
    targets = tally(count, grown.windows.group, grown.windows.target)
    moments = tally(count, grown.windows.group, grown.windows.first // width)
    repetition, excess = interest(board, grown, width, count)
    engagements = np.bincount(owner, minlength=count).astype(np.float64)
    returning = returning_share(grown, there, count, settings.least_meetings)
    log_p = block_log_p(board, grown, there, count)
    explained = (repetition > settings.most_repetition) | (excess < settings.least_excess)
    explained |= (targets < settings.least_targets) | (moments < settings.least_moments)
    explained |= (accounts < settings.least_group) | (log_p > np.log(settings.group_p))
    figures = (accounts, targets, engagements, moments, repetition, excess, returning, log_p)
    return Verdict(*figures, explained, excess < settings.tested_excess, width_hours)


def tally(count: int, owner: Integers, *values: Array) -> Floats:
    """Distinct values per owner."""
    if not len(owner):
        return np.zeros(count)
    first = [value - value.min() for value in values]
    told: Floats = np.bincount(distinct(owner, *first)[0], minlength=count).astype(np.float64)
    return told


def interest(board: Board, grown: Grown, width_ms: int, count: int) -> tuple[Floats, Floats]:
    """How often members come back to the group's targets, and how far coincidences exceed the group's own hours."""
    owner, target, account, tick = member_visits(board, grown, width_ms)
    visits = np.bincount(owner, minlength=count).astype(np.float64)
    repetition = visits / np.maximum(tally(count, owner, target, account), 1.0)
    owner, target, tick, account = distinct(owner, target, tick, account)
    visits = np.bincount(owner, minlength=count).astype(np.float64)
    together = couples(count, owner, target, tick)
    chance = couples(count, owner, target) * couples(count, owner, tick) / np.maximum(visits * (visits - 1) / 2, 1.0)
    return repetition, together / np.maximum(chance, 1e-9)


def member_visits(board: Board, grown: Grown, width_ms: int) -> tuple[Integers, Integers, Integers, Integers]:
    """All visits of members to their group's targets, inside windows or not: group, target, account, time cell."""
    wanted = np.unique(grown.windows.group * len(board.targets) + grown.windows.target)
    rows = np.flatnonzero((grown.group[board.actor] >= 0) & board.visits)
    owner, target = grown.group[board.actor[rows]], board.target[rows].astype(np.int64)
    kept = np.isin(owner * len(board.targets) + target, wanted)
    return owner[kept], target[kept], board.actor[rows[kept]].astype(np.int64), board.at[rows[kept]] // width_ms


def couples(count: int, owner: Integers, *values: Integers) -> Floats:
    """Per owner, the pairs of rows that agree in all values."""
    if not len(owner):
        return np.zeros(count)
    order = np.lexsort((*values, owner))
    columns = [column[order] for column in (owner, *values)]
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    size = np.diff(np.append(np.flatnonzero(new), len(order))).astype(np.float64)
    told: Floats = np.bincount(columns[0][new], weights=size * (size - 1) / 2, minlength=count).astype(np.float64)
    return told


def returning_share(grown: Grown, there: Presence, count: int, least: int) -> Floats:
    """Of everybody in the group's windows, the share that is in three or more of them."""
    owner = grown.windows.group[there.window]
    owner, account, _ = distinct(owner, there.account, grown.windows.target[there.window])
    if not len(owner):
        return np.zeros(count)
    new = np.append(True, (owner[1:] != owner[:-1]) | (account[1:] != account[:-1]))
    hits = np.diff(np.append(np.flatnonzero(new), len(new)))
    often = np.bincount(owner[new], weights=hits * (hits >= least), minlength=count)
    return often / np.maximum(np.bincount(owner[new], weights=hits, minlength=count), 1.0)


def block_log_p(board: Board, grown: Grown, there: Presence, count: int) -> Floats:
    """Test members' visits in the windows against their share, over all ways to choose as many members and windows.

    Each member counts once per target.
    """
    windows = grown.windows
    inside = grown.group[there.account] == windows.group[there.window]
    crowd = np.bincount(there.window, minlength=len(windows)).astype(np.float64)
    members = np.bincount(there.window[inside], minlength=len(windows)).astype(np.float64)
    alone = bystanders(board, windows, crowd, members)
    blocks = np.bincount(windows.group, weights=alone, minlength=count)
    owner = windows.group[there.window[inside]]
    seen = tally(count, owner, windows.target[there.window[inside]], there.account[inside])
    mine = grown.group >= 0
    activity = np.bincount(grown.group[mine], weights=board.activity[mine], minlength=count)
    size = np.bincount(grown.group[mine], minlength=count)
    chosen = np.bincount(windows.group, minlength=count)
    everything = max(float(board.activity.sum()), 1.0)
    told = np.zeros(count)
    for one in range(count):
        chance = log_at_least(float(seen[one]), float(blocks[one] * activity[one] / everything))
        told[one] = min(0.0, chance + log_choices(len(board.actors), size[one]) + log_choices(len(board), chosen[one]))
    return told
