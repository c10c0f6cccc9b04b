"""The quality table's figures, from literal rows, against values worked out by hand or by an independent library."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from analytics.detection.attribution_quality import attribution_measures, merged, name_by_majority
from analytics.detection.calibration import expected_calibration_error
from analytics.detection.evaluation import (
    average_precision,
    columns,
    engagement_measures,
    recall_at_precision,
    removed_per_thousand,
    with_interval,
)

ONES = np.ones(4)


def test_average_precision_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth, said = rng.random(3000) < 0.2, rng.integers(0, 40, 3000) / 40
    weight = rng.integers(0, 4, 3000).astype(float)
    expected = average_precision_score(truth, said, sample_weight=weight)
    assert average_precision(truth, said, weight) == pytest.approx(expected, abs=1e-12)


def test_recall_stops_where_precision_falls() -> None:
    """Nine right, one wrong, one right: at 90 % precision the first ten may go, at 99 % only the first nine."""
    truth = np.array([True] * 9 + [False, True])
    said = np.linspace(1, 0, 11)
    assert recall_at_precision(0.9)(truth, said, np.ones(11)) == 1.0
    assert recall_at_precision(0.99)(truth, said, np.ones(11)) == 0.9


def test_equal_scores_are_taken_together() -> None:
    truth, said = np.array([True, False, True, False]), np.array([0.9, 0.9, 0.5, 0.5])
    assert recall_at_precision(0.6)(truth, said, ONES) == 0.0
    assert average_precision(truth, said, ONES) == 0.5


def test_removed_per_thousand_counts_genuine_rows_alone() -> None:
    truth, removed = np.array([True, False, False, False]), np.array([1.0, 1.0, 0.0, 0.0])
    assert removed_per_thousand(truth, removed, ONES) == pytest.approx(1000 / 3)


def test_the_interval_resamples_accounts_not_engagements() -> None:
    """Two accounts with a thousand equal engagements each say no more than two engagements do."""
    rows = pl.DataFrame(
        {
            "account_id": ["a"] * 1000 + ["b"] * 1000,
            "is_inauthentic": [True] * 1000 + [False] * 1000,
            "removed": [1.0] * 2000,
        }
    )
    told = with_interval("x", columns(rows, "removed"), lambda t, s, w: float((t * w).sum() / w.sum()), 0)
    assert (told.value, told.low, told.high) == (0.5, 0.0, 1.0)


def test_calibration_error_has_bins_of_equal_mass() -> None:
    """Fifteen bins of two: each bin's mean said against its mean so, however unequal the scores are spread."""
    said = np.repeat([0.0] * 13 + [0.4, 0.9], 2)
    truth = np.array([0.0] * 26 + [0.0, 1.0, 1.0, 1.0])
    assert expected_calibration_error(said, truth) == pytest.approx((0.1 + 0.1) / 15)
    assert expected_calibration_error(said, truth, bins=1) == pytest.approx(0.1 - 1.3 / 15)


def test_every_kept_crowd_has_its_own_line() -> None:
    """Q-01: a crowd's removals are not hidden in an average."""
    roles = ("customer", "agency_client", "heavy", "fan", "giveaway", "community", "newcomer", "traveller")
    rows = pl.DataFrame(
        {
            "account_id": [f"{role}{n}" for role in roles for n in range(2)],
            "kind": ["like"] * 16,
            "is_inauthentic": [True, False] * 8,
            "p_inauthentic": [0.9, 0.1] * 8,
            "band": ["remove", "keep"] * 7 + ["remove", "remove"],
            "role": [role for role in roles for _ in range(2)],
        }
    )
    told = {one.name: one.value for one in engagement_measures(rows, 0)}
    assert told["genuine removed per 1,000, fans"] == 0.0
    assert told["genuine removed per 1,000, travellers"] == 1000.0
    assert told["genuine removed per 1,000"] == 125.0
    assert len([name for name in told if name.startswith("genuine removed per 1,000, ")]) == 8


def test_a_cluster_takes_the_name_of_its_majority_and_each_name_is_used_once() -> None:
    truth, said = ["x", "x", "y", "y", "y"], ["1", "1", "1", "2", "2"]
    assert name_by_majority(truth, said) == ["x", "x", "x", "y", "y"]
    assert merged(truth, said) == 0.0
    assert merged(["x", "x", "y"], ["1", "1", "1"]) == 0.5


def test_who_was_found_but_put_nowhere_counts_as_wrong() -> None:
    rows = pl.DataFrame({"truth": ["x", "x"], "said": ["1", None], "is_found": [True, True]})
    told = {one.name: one.value for one in attribution_measures(rows)}
    assert told["attribution macro-F1"] == pytest.approx(2 / 3)
    assert told["share of customers found"] == 1.0
