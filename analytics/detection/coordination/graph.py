"""Communities of a weighted graph, the same for every order and name of its vertices that the caller keeps."""

from __future__ import annotations

import random
from collections.abc import Sequence

import igraph
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analytics.detection.coordination.chance import Array, Floats, Integers


def communities(
    left: Integers, right: Integers, weight: Floats, vertices: int, seed: int, *, resolution: float = 1.0
) -> Integers:
    """Leiden by modularity; vertices come in an order of the caller's, edges are put in order here."""
    return communities_at(left, right, weight, vertices, seed=seed, resolutions=(resolution,))[0]


def communities_at(
    left: Integers, right: Integers, weight: Floats, vertices: int, *, seed: int, resolutions: Sequence[float]
) -> list[Integers]:
    """The communities of one graph at several resolutions."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((high, low))
    graph = igraph.Graph(n=vertices, edges=np.column_stack([low, high])[order])
    weights, told = weight[order].tolist(), []
    for resolution in resolutions:
        igraph.set_random_number_generator(random.Random(seed))
        found = graph.community_leiden(
            objective_function="modularity", weights=weights, resolution=resolution, n_iterations=2
        )
        told.append(np.asarray(found.membership, dtype=np.int64))
    return told


def shared_elements(sets: Array, elements: Array, count: int) -> sparse.csr_matrix:
    """How many elements each pair of sets has in common; the sizes on the diagonal."""
    places = np.unique(elements, return_inverse=True)[1] if len(elements) else np.zeros(0, dtype=np.int64)
    shape = (count, int(places.max(initial=-1)) + 1)
    table = sparse.csr_matrix((np.ones(len(sets), dtype=np.float32), (sets, places)), shape=shape)
    table.data[:] = 1.0
    return (table @ table.T).tocsr()


def joined_by_share(sets: Array, elements: Array, count: int, share: float) -> Integers:
    """Unite sets that have this share of the smaller one's elements in common."""
    shared = shared_elements(sets, elements, count).tocoo()
    size = shared.diagonal()
    same = shared.data >= share * np.minimum(size[shared.row], size[shared.col])
    graph = sparse.coo_matrix((shared.data[same], (shared.row[same], shared.col[same])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
