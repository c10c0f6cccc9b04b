"""Company: whether those who engage with one target of an account also engage with its others.

A seller works one list of customers with many accounts. However slowly and from however many places, any two of these
accounts share more targets than chance gives them; no window of time sees that, a whole log does. Circles of friends
share as much, so this is a sign of a group, not of a sale.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from analytics.detection.calibration import Floats, Integers

# A target of more admirers says nothing of anybody's list, and would cost the square of them.
MOST_ADMIRERS = 512
# Shares are added up as whole numbers, so that the order of accounts changes nothing, to the last bit.
WHOLE = 1 << 24
# Keeps a log in which all are alike from making much of nothing.
LEAST_SPREAD = 0.005
_HALF = np.uint64(32)


def company(actor: npt.NDArray[np.uint32], target: npt.NDArray[np.uint32]) -> dict[str, Floats]:
    """Numbers for each engagement: of its target, and the mean over the targets of its account.

    Of an account and a target: the share of the others at the account's other targets that are at this target too,
    averaged over those targets, less the share that chance gives. `stranger_` means the same over targets that never
    engaged back, where friends do not count. Targets with nobody else, or with more than `MOST_ADMIRERS`, do not count
    and get NaN; so does an account that is left with one. At most `MOST_ADMIRERS` steps an engagement.
    """
    pairs, back = np.unique(actor.astype(np.uint64) << _HALF | target, return_inverse=True)
    answers = np.isin(pairs, pairs << _HALF | pairs >> _HALF, assume_unique=True)
    who, whom = _numbered(pairs >> _HALF), _numbered(pairs << _HALF)
    told: dict[str, Floats] = {}
    for prefix, chosen in (("", np.ones(len(pairs), dtype=bool)), ("stranger_", ~answers)):
        one, every = np.full(len(pairs), np.nan), np.full(who.max(initial=0) + 1, np.nan)
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


def _judged(who: Integers, whom: Integers, accounts: int) -> tuple[Floats, Floats]:
    """The number of each pair, and the mean of each account, without the targets that do not count."""
    admirers = np.bincount(whom)[whom]
    counts = (admirers > 1) & (admirers <= MOST_ADMIRERS)
    one = np.full(len(who), np.nan)
    one[counts], every = _told(who[counts], whom[counts], accounts)
    return one, every


def _numbered(keys: npt.NDArray[np.uint64]) -> Integers:
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def _told(who: Integers, whom: Integers, accounts: int) -> tuple[Floats, Floats]:
    """The number of each pair, in order of accounts, and the mean of each account."""
    listed, liked = np.bincount(who, minlength=accounts), np.bincount(whom)
    shared = _kernel()(_starts(listed), whom, _starts(liked), who[np.argsort(whom, kind="stable")], WHOLE)
    chance = float((listed**2).sum()) / max(len(who), 1) ** 2
    others = np.where(listed > 1, listed - 1, np.nan)
    total = np.bincount(who, weights=shared, minlength=accounts) / WHOLE / others
    usual = np.bincount(who, weights=liked[whom] - 1, minlength=accounts) * chance
    return shared / WHOLE / others[who] - (liked[whom] - 1) * chance, (total - usual) / (others + 1)


def _starts(counts: Integers) -> Integers:
    return np.append(0, np.cumsum(counts))


@cache
def _kernel() -> Callable[..., Integers]:
    """The loop over accounts, compiled when it is first needed."""
    from numba import njit  # noqa: PLC0415 - a second of loading and compiling that only detection needs

    compiled: Callable[..., Integers] = njit()(_shared)
    return compiled


def _shared(by_account: Integers, targets: Integers, by_target: Integers, admirers: Integers, whole: int) -> Integers:
    """For each pair: the shares of the others at each other target of the account that are here too, added up."""
    told, met = np.zeros(len(targets), np.int64), np.zeros(len(by_account) - 1, np.int64)
    for account in range(len(by_account) - 1):
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
    return told
