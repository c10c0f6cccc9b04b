"""The densest block of a log, as FRAUDAR finds it: what static dense-block search can do, to compare with.

Idea: Hooi et al., KDD 2016. An engagement with a popular target weighs less, so that camouflage does not pay.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.detection.calibration import Floats, Integers

Truths = npt.NDArray[np.bool_]


def block_f1(pairs: pl.DataFrame, truth: Truths) -> float:
    """F1 of the engagements inside the densest block, as FRAUDAR finds it."""
    actor = np.unique(pairs["account_key"].to_numpy(), return_inverse=True)[1]
    target = np.unique(pairs["target_key"].to_numpy(), return_inverse=True)[1]
    actors, targets = densest_block(actor, target)
    inside = actors[actor] & targets[target]
    both = int((inside & truth).sum())
    return 2 * both / max(1, int(inside.sum() + truth.sum()))


def densest_block(actor: Integers, target: Integers) -> tuple[Truths, Truths]:
    """Peel off the lightest account until none is left; the densest state on the way (FRAUDAR, log weights).

    An engagement with a popular target weighs less, so that camouflage on the popular does not pay.
    """
    edges = np.unique(np.stack([actor, target], axis=1), axis=0)
    left, right = int(actor.max()) + 1, int(target.max()) + 1
    weight = 1 / np.log(np.bincount(edges[:, 1], minlength=right)[edges[:, 1]] + 5.0)
    order = peel(edges[:, 0], edges[:, 1] + left, weight, left + right)
    kept = np.ones(left + right, dtype=bool)
    kept[order] = False
    return kept[:left], kept[left:]


def peel(left: Integers, right: Integers, weight: Floats, count: int) -> list[int]:
    """Which nodes were taken off when the mean weight of the rest was greatest."""
    around: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for one, other, heavy in zip(left.tolist(), right.tolist(), weight.tolist(), strict=True):
        around[one].append((other, heavy))
        around[other].append((one, heavy))
    load = [sum(heavy for _, heavy in near) for near in around]
    queue = [(heavy, node) for node, heavy in enumerate(load)]
    heapq.heapify(queue)
    total, gone, taken = float(weight.sum()), [False] * count, list[int]()
    best, best_size = total / count, 0
    while len(taken) < count - 1:
        heavy, node = heapq.heappop(queue)
        if gone[node] or heavy > load[node] + 1e-12:
            continue
        gone[node] = True
        taken.append(node)
        for other, part in around[node]:
            if not gone[other]:
                load[other] -= part
                total -= part
                heapq.heappush(queue, (load[other], other))
        if total / (count - len(taken)) > best:
            best, best_size = total / (count - len(taken)), len(taken)
    return taken[:best_size]
