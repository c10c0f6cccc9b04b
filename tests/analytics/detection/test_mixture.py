"""Positions of combinations, against sorting whole rows."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.detection.mixture import dense


@pytest.mark.parametrize("size", [0, 1, 2_000])
def test_positions_are_those_of_the_sorted_combinations(size: int) -> None:
    rng = np.random.default_rng(size)
    columns = [rng.integers(-1, most, size) for most in (300, 3, 40)]

    expected = sorted(set(zip(*(column.tolist() for column in columns), strict=True)))
    told = dense(*columns)

    assert [expected[place] for place in told] == list(zip(*(column.tolist() for column in columns), strict=True))
    assert sorted(set(told.tolist())) == list(range(len(expected)))
