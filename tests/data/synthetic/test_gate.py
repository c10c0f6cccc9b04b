"""The non-triviality gate of the small world, and the densest block it compares with."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analytics.detection.dense_block import densest_block
from analytics.detection.world_gate import measure_gate
from data.synthetic import WorldSpec, frames

Frames = dict[str, pl.DataFrame]


@pytest.mark.slow
def test_nothing_simple_explains_the_world_and_nothing_explains_it_too_well(small: Frames) -> None:
    gate = measure_gate(small, frames(WorldSpec.small(8)), seed=7)

    assert gate.engagement_auc <= 0.85, gate.engagement_feature
    assert gate.account_auc <= 0.90, gate.account_feature
    assert gate.shallow_tree < 0.6
    assert gate.dense_block < 0.5
    assert 0.85 <= gate.model <= 0.97
    assert gate.model_within <= 0.99


def test_the_densest_block_is_found_among_scattered_pairs() -> None:
    """Ten accounts that all follow the same ten, among a hundred that follow one each."""
    block = [(actor, target) for actor in range(10) for target in range(10)]
    scattered = [(10 + number, 10 + number) for number in range(100)]
    actor, target = np.array(block + scattered).T

    actors, targets = densest_block(actor, target)

    assert np.flatnonzero(actors).tolist() == list(range(10))
    assert np.flatnonzero(targets).tolist() == list(range(10))
