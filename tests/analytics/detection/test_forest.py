"""Trees asked quickly say what LightGBM itself says, to the last bit, and leave to it what they cannot follow."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pytest

from analytics.detection import forest as module
from analytics.detection.forest import SIDE_BY_SIDE, Forest, ask, forest_of, log_odds
from analytics.detection.models import MODEL_NAMES, Shape, fit
from analytics.workflows.models import SHIPPED, load_bundle

Matrix = npt.NDArray[np.float32]
ROWS = 3_000


def lessons(seed: int) -> tuple[Matrix, npt.NDArray[np.float64]]:
    """Numbers of every sort: whole, small, with unknowns, with infinities, one that is only ever known or not."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(ROWS, 6)).astype(np.float32)
    matrix[:, 1] = rng.integers(0, 4, ROWS)
    matrix[rng.random(ROWS) < 0.3, 2] = np.nan
    matrix[:, 3] = np.where(rng.random(ROWS) < 0.5, np.nan, 1)
    matrix[:, 4] *= np.float32(1e-30)
    matrix[rng.random(ROWS) < 0.1, 5] = np.inf
    told = matrix[:, 0] + np.nan_to_num(matrix[:, 2]) * matrix[:, 1] + np.isnan(matrix[:, 3])
    return matrix, (told + rng.normal(size=ROWS) > 1).astype(float)


def trained(seed: int, *, leaves: int = 12, names: list[int] | None = None, **more: Any) -> lgb.Booster:
    """A small model; `names`: features whose numbers are names."""
    matrix, truth = lessons(seed)
    data = lgb.Dataset(matrix, label=truth, categorical_feature=names or "auto")
    told = {"objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 5, "verbosity": -1, "seed": seed, **more}
    return lgb.train(told, data, num_boost_round=30)


def edges(forest: Forest, rows: int, seed: int) -> Matrix:
    """Rows of thresholds, the numbers right beside them, nought, the smallest numbers, infinities and unknowns."""
    rng, told = np.random.default_rng(seed), []
    for first, last in zip(forest.starts[:-1], forest.starts[1:], strict=True):
        cuts = forest.cuts[first:last]
        with np.errstate(all="ignore"):
            beside = [np.nextafter(cuts, np.float32(side)) for side in (-np.inf, np.inf)]
        far = np.array([0, -0.0, 1e-45, -1e-36, 1e-34, 3e38, np.inf, -np.inf, np.nan], dtype=np.float32)
        told.append(rng.choice(np.concatenate([cuts, *beside, far]), rows))
    return np.column_stack(told).astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("leaves", [2, 7, 16])
def test_any_model_says_the_same_of_numbers_at_its_thresholds(seed: int, leaves: int) -> None:
    """A threshold, the next number on either side of it, and what is no number at all."""
    booster = trained(seed, leaves=leaves)
    forest = forest_of(booster)
    assert forest is not None
    matrix = edges(forest, 2_000, seed)
    assert ask(forest, matrix).tolist() == booster.predict(matrix, raw_score=True).tolist()


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_the_shipped_models_say_the_same(name: str) -> None:
    """Each model that is shipped is one that can be asked quickly."""
    booster = load_bundle(SHIPPED).boosters[name]
    forest = forest_of(booster)
    assert forest is not None
    matrix = edges(forest, 2_000, 1)
    assert ask(forest, matrix).tolist() == booster.predict(matrix, raw_score=True).tolist()


@pytest.mark.parametrize("rows", [1, SIDE_BY_SIDE - 1, SIDE_BY_SIDE, SIDE_BY_SIDE + 1, 5 * SIDE_BY_SIDE + 3])
def test_a_row_is_told_the_same_whoever_is_beside_it(rows: int) -> None:
    """Blocks and threads part the rows; none is left out, and none is told twice."""
    booster = trained(1)
    forest = forest_of(booster)
    assert forest is not None
    matrix = edges(forest, rows, 2)
    alone = [ask(forest, matrix[row : row + 1])[0] for row in range(rows)]
    assert ask(forest, matrix).tolist() == alone == booster.predict(matrix, raw_score=True).tolist()


def test_many_rows_are_asked_quickly_and_few_by_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both say the same; no rows get no answers."""
    matrix, truth = lessons(3)
    text = fit(matrix, truth, list("abcdef"), shape=Shape(trees=20, leaves=12), seed=1)
    booster = lgb.Booster(model_str=text)
    few = log_odds(booster, matrix)
    monkeypatch.setattr(module, "WORTH_COMPILING", ROWS)
    monkeypatch.setattr(lgb.Booster, "predict", lambda *_all, **_more: pytest.fail("LightGBM was asked"))
    assert log_odds(booster, matrix).tolist() == few.tolist()
    assert log_odds(booster, matrix[:0]).tolist() == []


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"leaves": 17}, id="more leaves than bits"),
        pytest.param({"zero_as_missing": True}, id="nought that means unknown"),
        pytest.param({"names": [1], "min_data_per_group": 5}, id="names instead of numbers"),
        pytest.param({"linear_tree": True}, id="leaves that are formulas"),
        pytest.param({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, id="a mean of trees"),
        pytest.param({"max_bin": 2_000, "min_data_in_leaf": 1, "num_boost_round": 300}, id="too many thresholds"),
    ],
)
def test_what_cannot_be_followed_is_left_to_lightgbm(monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]) -> None:
    """No model is refused or told otherwise: it is asked as ever."""
    monkeypatch.setattr(module, "WORTH_COMPILING", 1)
    booster, (matrix, _) = trained(1, **more), lessons(1)
    assert forest_of(booster) is None
    assert log_odds(booster, matrix).tolist() == booster.predict(matrix, raw_score=True).tolist()
