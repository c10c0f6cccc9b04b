"""Two settings against ten verdicts."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analytics.statistics.backtest import Setting, band_column, curve, genuine_lost, judge
from analytics.statistics.drift import calibration_error, drift, reliability, stability_index
from data.records import Kind

TEN = pl.DataFrame(
    [
        ("a", 0, 0.99, True, True, True),
        ("a", 0, 0.95, True, True, True),
        ("b", 0, 0.92, True, True, False),
        ("b", 1, 0.99, True, True, True),
        ("c", 1, 0.91, True, True, True),
        ("c", 0, 0.97, False, True, True),
        ("d", 0, 0.60, True, True, True),
        ("e", 0, 0.55, False, True, False),
        ("f", 0, 0.40, False, False, False),
        ("g", 2, 0.98, True, True, True),
    ],
    schema=["account_id", "kind", "p", "can_remove", "can_review", "is_inauthentic"],
    orient="row",
)


def setting(level: float) -> Setting:
    levels = {Kind.LIKE: level, Kind.FOLLOW: level}
    return Setting(name="A", run_id="r", remove=levels, review={Kind.LIKE: 0.5}, queue_score=0.5, queue_proposed=3)


def test_a_setting_bands_by_kind_and_never_removes_without_evidence() -> None:
    """A kind without a threshold (comments here) is kept."""
    assert TEN.select(band_column(setting(0.9)))["band"].to_list() == [2, 2, 2, 2, 2, 1, 1, 1, 0, 0]


def test_precision_recall_and_genuine_lost_of_a_setting() -> None:
    found = judge(TEN, setting(0.9))

    assert (found.precision.value, found.precision.n, found.genuine_removed) == (0.8, 5, 1)
    assert (found.recall.value, found.recall.n) == (pytest.approx(4 / 7), 7)
    low, high = genuine_lost(1_000, found.precision)
    assert low <= 200 <= high


def test_a_stricter_setting_loses_no_genuine_engagement_here() -> None:
    found = judge(TEN, setting(0.95))

    assert (found.precision.value, found.genuine_removed, found.recall.value) == (1.0, 0, pytest.approx(3 / 7))


def test_a_precision_without_a_mistake_is_not_certain() -> None:
    """Three removals of two accounts, all right: two accounts' worth of knowledge."""
    found = judge(TEN, setting(0.95)).precision

    assert (found.value, found.interval[1]) == (1.0, 1.0)
    assert found.interval[0] < 0.7


def test_without_verdicts_nothing_is_claimed() -> None:
    found = judge(TEN.clear(), setting(0.9))

    assert (found.precision.value, found.recall.value) == (None, None)
    assert genuine_lost(10, found.precision) is None


def test_the_curve_walks_from_everything_removable_to_nothing() -> None:
    told = {round(row["threshold"], 2): row for row in curve(TEN).iter_rows(named=True)}

    assert (told[0.0]["removed"], told[0.0]["precision"], told[0.0]["recall"]) == (7, pytest.approx(6 / 7), 6 / 7)
    assert (told[0.94]["removed"], told[0.94]["precision"]) == (4, 1.0)
    assert (told[1.0]["removed"], told[1.0]["precision"]) == (0, None)


def test_reliability_sets_what_was_said_beside_what_was_found() -> None:
    judged = pl.DataFrame(
        {"p": [0.1, 0.1, 0.1, 0.1, 0.9, 0.9], "is_inauthentic": [False, False, False, True, True, True]}
    )
    table = reliability(judged)

    assert table.select("bin", "n", "found").rows() == [(1, 4, 0.25), (9, 2, 1.0)]
    assert calibration_error(table) == pytest.approx((0.15 * 4 + 0.1 * 2) / 6)


def test_a_feature_that_did_not_move_is_steady_and_one_that_did_is_named_first() -> None:
    before = pl.DataFrame({"same": np.arange(1000.0), "shifted": np.arange(1000.0)})
    after = before.with_columns(pl.col("shifted") + 500)

    assert drift(before, after).select("feature", "state").rows() == [("shifted", "moved"), ("same", "steady")]
    assert stability_index(np.arange(10.0), np.arange(10.0)) == pytest.approx(0)
