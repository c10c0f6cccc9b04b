"""From probability and evidence to what is proposed."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.detection.bands import (
    Evidence,
    Thresholds,
    bands,
    certified,
    clustered_upper_bound,
    smallest_safe,
    upper_bound,
)
from data.records import Band, Family

LEVELS = dict.fromkeys(range(4), 0.9)
THRESHOLDS = Thresholds(
    remove=LEVELS,
    review=dict.fromkeys(range(4), 0.5),
    family_p=0.5,
    family_p_poor=0.5,
    lockstep_p_value=1e-4,
    no_evidence_cap=0.3,
)
PLACE, GRAPH, RHYTHM = (int(family) for family in (Family.INFRASTRUCTURE, Family.GRAPH, Family.RHYTHM))


def band(p: float, families: int, *, tested: bool = False, kept: bool = False, poor: bool = False) -> Band:
    evidence = Evidence(np.array([families], dtype=np.uint8), np.array([tested]), np.array([kept]))
    return Band(int(bands(np.array([p]), np.array([0]), evidence, THRESHOLDS, is_poor=poor)[0]))


@pytest.mark.parametrize(
    ("families", "expected"),
    [
        (0, Band.KEEP),
        (PLACE, Band.REVIEW),
        (GRAPH, Band.REVIEW),
        (RHYTHM, Band.REVIEW),
        (PLACE | GRAPH, Band.REMOVE),
        (PLACE | RHYTHM, Band.REMOVE),
        (GRAPH | RHYTHM, Band.REVIEW),
        (PLACE | GRAPH | RHYTHM, Band.REMOVE),
    ],
)
def test_removal_needs_two_families_one_of_them_a_place(families: int, expected: Band) -> None:
    """F-06: however sure the model is, one family of evidence is for a person."""
    assert band(0.999, families) is expected


def test_a_tested_group_stands_in_for_a_place() -> None:
    assert band(0.999, GRAPH | RHYTHM, tested=True) is Band.REMOVE


def test_a_burst_alone_never_fills_the_remove_band_of_a_poor_log() -> None:
    """Without clients and networks only a tested group with a second family removes."""
    assert band(0.999, GRAPH, poor=True) is Band.REVIEW
    assert band(0.999, GRAPH, tested=True, poor=True) is Band.REVIEW
    assert band(0.999, GRAPH | RHYTHM, poor=True) is Band.REVIEW
    assert band(0.999, GRAPH | RHYTHM, tested=True, poor=True) is Band.REMOVE


def test_a_hard_keep_beats_every_probability() -> None:
    assert band(0.9999, PLACE | GRAPH | RHYTHM, tested=True, kept=True) is Band.KEEP


def test_below_its_level_an_engagement_is_reviewed_and_below_even_it_stays() -> None:
    assert band(0.89, PLACE | GRAPH) is Band.REVIEW
    assert band(0.49, PLACE | GRAPH) is Band.KEEP


def test_a_kind_without_a_safe_level_is_never_removed() -> None:
    none = certified(THRESHOLDS, {"0": 1.1})
    evidence = Evidence(np.array([7], dtype=np.uint8), np.array([True]), np.array([False]))
    assert bands(np.array([1.0]), np.array([0]), evidence, none, is_poor=False).tolist() == [int(Band.REVIEW)]


def test_the_model_may_ask_for_more_than_the_reviewed_level_but_not_for_less() -> None:
    told = certified(THRESHOLDS, {"0": 0.5, "1": 0.97, "2": 0.9})
    assert told.remove == {0: 0.9, 1: 0.97, 2: 0.9, 3: 1.1}


def test_the_upper_bound_is_clopper_and_pearsons() -> None:
    """Literal values: none of 299 is the textbook case for 1 % at 95 %."""
    assert upper_bound(0, 299) == pytest.approx(0.00997, abs=2e-5)
    assert upper_bound(0, 298) > 0.01
    assert upper_bound(1, 10) == pytest.approx(0.39416, abs=1e-5)
    assert upper_bound(5, 5) == 1.0


def test_engagements_of_one_account_count_as_one_witness() -> None:
    """Ten thousand right removals of ten accounts prove less than of a thousand."""
    right = np.zeros(10_000, dtype=bool)
    few, many = np.arange(10_000) % 10, np.arange(10_000) % 1000
    assert clustered_upper_bound(right, few) > 0.2
    assert clustered_upper_bound(right, many) < 0.01


def test_faults_that_cluster_in_one_account_widen_the_bound() -> None:
    accounts = np.repeat(np.arange(500), 20)
    spread, clustered = np.zeros(10_000, dtype=bool), np.zeros(10_000, dtype=bool)
    spread[::500], clustered[:20] = True, True
    assert clustered_upper_bound(clustered, accounts) > clustered_upper_bound(spread, accounts)


def test_the_smallest_safe_level_leaves_at_most_one_in_a_hundred_genuine() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.5, 1.0, 40_000)
    genuine = rng.random(40_000) > np.where(p > 0.8, 0.999, 0.7)
    level = smallest_safe(p, genuine, np.arange(40_000))
    assert 0.78 < level < 0.86
    assert genuine[p >= level].mean() <= 0.01


def test_no_level_is_safe_where_nothing_is_right() -> None:
    assert smallest_safe(np.full(100, 0.99), np.ones(100, dtype=bool), np.arange(100)) == 1.1
