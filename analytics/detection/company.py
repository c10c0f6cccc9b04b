"""Company: whether those who engage with one target of an account also engage with its others.

A seller works one list of customers with many accounts. However slowly and from however many places, any two of these
accounts share more targets than chance gives them; no window of time sees that, a whole log does. Circles of friends
share as much, so this is a sign of a group, not of a sale.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from analytics.detection.calibration import Floats, Integers
from analytics.detection.compiled import compiled
from analytics.detection.coordination.board import changes, dense

Places = npt.NDArray[np.int32]

# A target of more admirers says nothing of anybody's list, and would cost the square of them.
MOST_ADMIRERS = 512
# Shares are added up as whole numbers, so that the order of accounts changes nothing, to the last bit.
WHOLE = 1 << 24
# Keeps a log in which all are alike from making much of nothing.
LEAST_SPREAD = 0.005
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


def company(actor: npt.NDArray[np.uint32], target: npt.NDArray[np.uint32]) -> dict[str, Floats]:
    """Numbers for each engagement: of its target, and the mean over the targets of its account.

    Of an account and a target: the share of the others at the account's other targets that are at this target too,
    averaged over those targets, less the share that chance gives. `stranger_` means the same over targets that never
    engaged back, where friends do not count. Targets with nobody else, or with more than `MOST_ADMIRERS`, do not count
    and get NaN; so does an account that is left with one. At most `MOST_ADMIRERS` steps an engagement.
    """
    pairs, back = dense(actor.astype(np.uint64) << _HALF | target)
    answers = _kernels().both(pairs, pl.Series(pairs << _HALF | pairs >> _HALF).sort().to_numpy())
    who, whom = _numbered(pairs >> _HALF), dense((pairs & _LOW).astype(np.uint32))[1].astype(np.int32)
    told: dict[str, Floats] = {}
    for prefix, chosen in (("", np.ones(len(pairs), dtype=bool)), ("stranger_", ~answers)):
        one, every = np.full(len(pairs), np.nan), np.full(int(who.max(initial=-1)) + 1, np.nan)
        one[chosen], every[:] = _judged(who[chosen], whom[chosen], len(every))
        told |= {f"target_{prefix}company": one[back], f"account_{prefix}company": every[who][back]}
    return told


def beside_usual(numbers: Floats) -> Floats:
    """The numbers in spreads of this log: how far from its middle, in widths of its middle half.

    Tastes differ between platforms: on one, whole crowds share their lists, on another hardly anybody does.
    """
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return numbers
    low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
    told: Floats = (numbers - middle) / (high - low + LEAST_SPREAD)
    return told


def _numbered(ascending: npt.NDArray[np.uint64]) -> Places:
    """Count ascending numbers from 0."""
    return np.cumsum(changes(ascending), dtype=np.int32) - np.int32(1)


def _judged(who: Places, whom: Places, accounts: int) -> tuple[Floats, Floats]:
    """The number of each pair, and the mean of each account, without the targets that do not count."""
    admirers = np.bincount(whom)[whom]
    counts = (admirers > 1) & (admirers <= MOST_ADMIRERS)
    one = np.full(len(who), np.nan)
    one[counts], every = _told(who[counts], whom[counts], accounts)
    return one, every


def _told(who: Places, whom: Places, accounts: int) -> tuple[Floats, Floats]:
    """The number of each pair, in order of accounts, and the mean of each account."""
    listed, liked = np.bincount(who, minlength=accounts), np.bincount(whom)
    shared = _summed(_Lists(_starts(listed), whom, _starts(liked), _by_target(who, whom, accounts)))
    chance = float((listed**2).sum()) / max(len(who), 1) ** 2
    others = np.where(listed > 1, listed - 1, np.nan)
    total = np.bincount(who, weights=shared, minlength=accounts) / WHOLE / others
    usual = np.bincount(who, weights=liked[whom] - 1, minlength=accounts) * chance
    return shared / WHOLE / others[who] - (liked[whom] - 1) * chance, (total - usual) / (others + 1)


def _by_target(who: Places, whom: Places, accounts: int) -> Places:
    """The accounts in order of targets: turned round as a table is, which counts where sorting would compare."""
    starts = _starts(np.bincount(who, minlength=accounts))
    shape = (accounts, int(whom.max(initial=-1)) + 1)
    table = sparse.csr_matrix((np.ones(len(whom), dtype=np.int8), whom, starts), shape=shape)
    told: Places = table.tocsc().indices.astype(np.int32)
    return told


class _Lists(NamedTuple):
    """The targets of each account one after the other, and the accounts of each target; where each list begins."""

    by_account: Integers
    targets: Places
    by_target: Integers
    admirers: Places


def _summed(lists: _Lists) -> Integers:
    """The shares of each pair, added up by two threads with half of the pairs each."""
    told, kernel = np.zeros(len(lists.targets), np.int64), _kernels().shared
    middle, end = int(np.searchsorted(lists.by_account, len(told) // 2)), len(lists.by_account) - 1
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(kernel, half, told, lists, WHOLE) for half in ((0, middle), (middle, end))]
        for one in asked:
            one.result()
    return told


def _starts(counts: Integers) -> Integers:
    return np.append(0, np.cumsum(counts))


class _Kernels(NamedTuple):
    shared: Callable[..., None]
    both: Callable[..., npt.NDArray[np.bool_]]


@cache
def _kernels() -> _Kernels:
    return _Kernels(compiled(_shared), compiled(_both))


def _both(one: npt.NDArray[np.uint64], other: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """For each number of one ascending list, whether the other has it, too."""
    told, place = np.zeros(len(one), np.bool_), 0
    for row in range(len(one)):
        while place < len(other) and other[place] < one[row]:
            place += 1
        told[row] = place < len(other) and other[place] == one[row]
    return told


def _shared(span: tuple[int, int], told: Integers, lists: _Lists, whole: int) -> None:
    """For each pair of a span of accounts: add up the shares of the others at each other target that are here too."""
    by_account, targets, by_target, admirers = lists
    met = np.zeros(len(by_account) - 1, np.int64)
    for account in range(span[0], span[1]):
        pairs = range(by_account[account], by_account[account + 1])
        for pair in pairs:
            first, last = by_target[targets[pair]], by_target[targets[pair] + 1]
            for other in admirers[first:last]:
                met[other] += whole // (last - first - 1)
        met[account] = 0
        for pair in pairs:
            first, last = by_target[targets[pair]], by_target[targets[pair] + 1]
            for other in admirers[first:last]:
                told[pair] += met[other]
            # The target itself is shared by each of the others.
            told[pair] -= whole // (last - first - 1) * (last - first - 1)
        for pair in pairs:
            for other in admirers[by_target[targets[pair]] : by_target[targets[pair] + 1]]:
                met[other] = 0
