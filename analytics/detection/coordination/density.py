"""In-group density: accounts that engage each other far more than their activity explains, at whatever pace.

A class, a team or a circle of friends gives the same picture and is genuine. What tells them apart is published with
each group: friends come back to each other and answer each other, customers are dealt out once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analytics.detection.coordination.board import Board, distinct, scrambled
from analytics.detection.coordination.chance import (
    LEAST_P,
    Array,
    Floats,
    Integers,
    Truths,
    at_least,
    log_at_least,
    log_choices,
)
from analytics.detection.coordination.findings import FOUND_SCHEMA, Findings, GroupKind, Placing, hits_of, nothing
from analytics.detection.coordination.graph import communities_at
from analytics.detection.coordination.settings import CoordinationSettings


@dataclass(frozen=True, slots=True)
class Ties:
    """Distinct pairs of actor and target as positions among everybody, and their expectation under the null."""

    actor: Integers
    target: Integers
    expected: Floats
    everybody: int

    def only(self, kept: Truths) -> Ties:
        return Ties(self.actor[kept], self.target[kept], self.expected[kept], self.everybody)


@dataclass(frozen=True, slots=True)
class Circle:
    """One dense group: its members, and how it differs from chance and from friends."""

    members: Integers
    inside: float
    expected: float
    returns: float
    answers: float
    log_p: float


def dense_groups(board: Board, settings: CoordinationSettings) -> list[Findings]:
    """Find dense groups that are dealt out rather than acquainted, at every resolution."""
    if len(board) < settings.least_circle:
        return [nothing()]
    people = np.union1d(board.actors, board.targets)
    actor = np.searchsorted(people, board.actors).astype(np.int64)
    target = np.searchsorted(people, board.targets).astype(np.int64)
    ties = ties_of(board, actor, target, len(people))
    rare = rare_ties(ties, settings)
    if not len(rare.actor):
        return [nothing()]
    order = content_order(board, actor, target, len(people))
    labels = at_resolutions(rare, order, settings)
    labels.append(joined_circles(ties, labels[0], settings))
    names = (actor, target)
    return [findings_of(board, names, judged(board, names, ties, label, settings)) for label in labels]


def ties_of(board: Board, actor: Integers, target: Integers, everybody: int) -> Ties:
    left, right = distinct(board.actor, board.target)
    left, right = actor[left.astype(np.int64)], target[right.astype(np.int64)]
    out = np.bincount(left, minlength=everybody).astype(np.float64)
    into = np.bincount(right, minlength=everybody).astype(np.float64)
    return Ties(left, right, out[left] * into[right] / max(len(left), 1), everybody)


def rare_ties(ties: Ties, settings: CoordinationSettings) -> Ties:
    """Pairs that chance hardly makes, between people who have several of them; the least expected when too many."""
    kept = ties.only(ties.expected <= settings.most_expected)
    for _ in range(3):
        degree = np.bincount(np.concatenate([kept.actor, kept.target]), minlength=ties.everybody)
        kept = kept.only((degree[kept.actor] >= 3) & (degree[kept.target] >= 3))
    if len(kept.actor) > settings.most_pairs:
        level = np.partition(kept.expected, settings.most_pairs)[settings.most_pairs]
        kept = kept.only(kept.expected < level)
    return kept


def content_order(board: Board, actor: Integers, target: Integers, everybody: int) -> Integers:
    """Each person's place in an order by what they did and got, not by id."""
    mark = np.zeros(everybody, dtype=np.int64)
    mark[actor] += board.signature
    mark[target] += scrambled(board.crowd)
    place = np.empty(everybody, dtype=np.int64)
    place[np.argsort(mark, kind="stable")] = np.arange(everybody)
    return place


def at_resolutions(rare: Ties, order: Integers, settings: CoordinationSettings) -> list[Integers]:
    """For each resolution, give each person its community of the rare pairs, -1 for none."""
    low, high = order[rare.actor], order[rare.target]
    used, places = np.unique(np.concatenate([low, high]), return_inverse=True)
    half = len(low)
    weight = -np.log(rare.expected)
    left, right = places[:half], places[half:]
    found = communities_at(left, right, weight, len(used), seed=settings.seed, resolutions=settings.resolutions)
    person = np.empty(rare.everybody, dtype=np.int64)
    person[order] = np.arange(rare.everybody)
    labels = [np.full(rare.everybody, -1, dtype=np.int64) for _ in found]
    for label, membership in zip(labels, found, strict=True):
        label[person[used]] = membership
    return labels


def joined_circles(ties: Ties, label: Integers, settings: CoordinationSettings) -> Integers:
    """Put together communities that engage each other as densely as themselves: one pool, cut into pieces."""
    count = int(label.max(initial=-1)) + 1
    left, right = label[ties.actor], label[ties.target]
    out = np.bincount(left + 1, minlength=count + 1)[1:].astype(np.float64)
    into = np.bincount(right + 1, minlength=count + 1)[1:].astype(np.float64)
    across = (left >= 0) & (right >= 0) & (left != right)
    pair, seen = np.unique(left[across] * count + right[across], return_counts=True)
    one, other = pair // count, pair % count
    expected = out[one] * into[other] / max(len(ties.actor), 1)
    dense = (seen >= settings.density_lift * expected) & (at_least(seen, expected) < settings.admission_p)
    graph = sparse.coo_matrix((np.ones(int(dense.sum())), (one[dense], other[dense])), shape=(count, count))
    final = np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
    return np.where(label >= 0, final[np.maximum(label, 0)], -1)


def judged(
    board: Board, names: tuple[Integers, Integers], ties: Ties, label: Integers, settings: CoordinationSettings
) -> tuple[Integers, dict[int, Circle]]:
    """Test every community; those that are chance or acquainted lose their label."""
    count = int(label.max(initial=-1)) + 1
    same = (label[ties.actor] >= 0) & (label[ties.actor] == label[ties.target])
    owner = label[ties.actor[same]]
    inside = np.bincount(owner, minlength=count).astype(np.float64)
    size = np.bincount(label[label >= 0], minlength=count)
    expected = expectations(ties, label, count)
    visits = visits_inside(board, names, label, count)
    answers = answered(ties.actor[same], ties.target[same], owner, count, ties.everybody)
    circles: dict[int, Circle] = {}
    for one in np.flatnonzero((size >= settings.least_circle) & (inside >= settings.density_lift * expected)):
        log_p = log_at_least(inside[one], expected[one]) + log_choices(ties.everybody, float(size[one]))
        returns, back = visits[one] / max(inside[one], 1.0), answers[one] / max(inside[one], 1.0)
        if log_p > np.log(settings.group_p) or returns > settings.most_returns or back > settings.most_answers:
            continue
        members = np.flatnonzero(label == one)
        circles[int(one)] = Circle(members, float(inside[one]), float(expected[one]), returns, back, log_p)
    return np.where(np.isin(label, list(circles)), label, -1), circles


def expectations(ties: Ties, label: Integers, count: int) -> Floats:
    """Pairs inside each community if everybody kept how much they give and get."""
    out = np.bincount(label[ties.actor] + 1, minlength=count + 1)[1:].astype(np.float64)
    into = np.bincount(label[ties.target] + 1, minlength=count + 1)[1:].astype(np.float64)
    told: Floats = out * into / max(len(ties.actor), 1)
    return told


def visits_inside(board: Board, names: tuple[Integers, Integers], label: Integers, count: int) -> Floats:
    left, same = inside(board, names, label)
    return np.bincount(left[same & board.visits], minlength=count).astype(np.float64)


def inside(board: Board, names: tuple[Integers, Integers], label: Integers) -> tuple[Array, Truths]:
    """Say of each row the community of its actor, and whether its target is in the same one."""
    of_actor, of_target = (label[name].astype(np.int32) for name in names)
    left, right = of_actor[board.actor], of_target[board.target]
    return left, (left >= 0) & (left == right)


def answered(actor: Integers, target: Integers, owner: Array, count: int, everybody: int) -> Floats:
    """Pairs inside each community whose reverse exists too."""
    forth, back = actor * everybody + target, target * everybody + actor
    return np.bincount(owner, weights=np.isin(forth, back), minlength=count).astype(np.float64)


def findings_of(board: Board, names: tuple[Integers, Integers], found: tuple[Integers, dict[int, Circle]]) -> Findings:
    """Collect the engagements inside the circles; a circle's expectation says how likely each is chance."""
    label, circles = found
    if not circles:
        return nothing()
    left, same = inside(board, names, label)
    rows = np.flatnonzero(same)
    chance = np.ones(int(label.max()) + 1)
    for one, circle in circles.items():
        chance[one] = max(circle.expected / circle.inside, LEAST_P)
    told = described(circles)
    return Findings(hits_of(board, Placing(rows, left[rows].astype(np.int64), chance[left[rows]]), told), told)


def described(circles: dict[int, Circle]) -> pl.DataFrame:
    rows = [
        {
            "group": one,
            "kind": GroupKind.DENSITY.value,
            "window_hours": None,
            "p_value": max(float(np.exp(circle.log_p)), LEAST_P),
            "is_tested": False,
            "most_strength": 3.0,
            "repetition": circle.returns,
            "excess": circle.inside / max(circle.expected, 1e-9),
            "returning": circle.answers,
        }
        for one, circle in circles.items()
    ]
    return pl.DataFrame(rows, schema=FOUND_SCHEMA, orient="row")
