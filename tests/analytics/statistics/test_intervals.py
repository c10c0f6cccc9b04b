"""The intervals: against published figures, against their own definition, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.intervals import (
    bootstrap_ratio,
    difference,
    quantile_interval,
    wilson,
    wilson_clustered,
)


def test_wilson_of_ten_in_a_hundred() -> None:
    assert wilson(10, 100) == pytest.approx((0.05523, 0.17437), abs=5e-6)


def test_wilson_of_nothing_found_starts_at_zero_and_of_nothing_drawn_says_nothing() -> None:
    assert wilson(0, 10) == pytest.approx((0.0, 0.27753), abs=5e-6)
    assert wilson(0, 0) == (0.0, 1.0)


def test_newcombe_difference_of_the_worked_example() -> None:
    """56 of 70 against 48 of 80, the example of Newcombe's paper."""
    assert difference((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_share_over_one_is_refused() -> None:
    with pytest.raises(ValueError, match="11 of 10"):
        wilson(11, 10)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_bounds_solve_the_score_equation(drawn: tuple[int, int]) -> None:
    """At each bound the observed share lies exactly 1.96 standard errors away."""
    hits, n = drawn
    for bound in wilson(hits, n):
        if 0 < bound < 1:
            away = abs(hits / n - bound) / (bound * (1 - bound) / n) ** 0.5
            assert away == pytest.approx(1.959964, abs=1e-4)


@pytest.mark.parametrize(("n", "share"), [(100, 0.3), (400, 0.05), (1_000, 0.02), (250, 0.87)])
def test_wilson_holds_the_truth_in_93_to_97_of_100_draws(n: int, share: float) -> None:
    drawn = np.random.default_rng(20_260_101).binomial(n, share, size=2_000)
    bounds = {hits: wilson(int(hits), n) for hits in np.unique(drawn)}
    held = np.mean([bounds[hits][0] <= share <= bounds[hits][1] for hits in drawn])

    assert 0.93 <= held <= 0.97


def test_the_clustered_interval_holds_the_truth_in_93_to_97_of_100_draws() -> None:
    """Engagements of one account are alike: 150 accounts, each all inauthentic or all genuine, of unequal size."""
    rng = np.random.default_rng(11)
    held = []
    for number in range(2_000):
        sizes = rng.integers(1, 9, size=150)
        is_bought = rng.random(150) < 0.3
        keys = np.repeat(np.arange(150), sizes)
        hits = np.repeat(is_bought, sizes).astype(float)
        low, high = bootstrap_ratio(hits, np.ones(len(hits)), keys, seed=number, draws=400)
        held.append(low <= 0.3 <= high)

    assert 0.93 <= np.mean(held) <= 0.97


def test_the_clustered_wilson_interval_holds_the_truth_in_93_to_97_of_100_draws() -> None:
    rng = np.random.default_rng(12)
    held = []
    for _ in range(2_000):
        sizes = rng.integers(1, 9, size=200)
        hits = np.repeat(rng.random(200) < 0.2, sizes).astype(float)
        low, high = wilson_clustered(hits, np.repeat(np.arange(200), sizes))
        held.append(low <= 0.2 <= high)

    assert 0.93 <= np.mean(held) <= 0.97


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_one_row_a_cluster_is_the_plain_interval(hits: list[bool]) -> None:
    found = wilson_clustered(np.array(hits, dtype=float), np.arange(len(hits)))

    assert found == pytest.approx(wilson(sum(hits), len(hits)))


def test_clusters_widen_the_interval() -> None:
    """200 engagements of 10 accounts know less than 200 of 200."""
    hits = np.repeat(np.array([1.0, 0.0] * 5), 20)
    of_ten = bootstrap_ratio(hits, np.ones(200), np.repeat(np.arange(10), 20), seed=1)
    of_many = bootstrap_ratio(hits, np.ones(200), np.arange(200), seed=1)

    assert of_ten[1] - of_ten[0] > 3 * (of_many[1] - of_many[0])


def test_the_median_of_a_skewed_population_lies_in_its_interval_in_93_to_98_of_100_draws() -> None:
    rng = np.random.default_rng(5)
    drawn = np.sort(rng.exponential(size=(2_000, 120)), axis=1)
    bounds = [quantile_interval(row, 0.5) for row in drawn]
    held = np.mean([low <= np.log(2) <= high for low, high in bounds])

    assert 0.93 <= held <= 0.98
