"""The non-triviality gate: whether a synthetic world can be solved by something simple, or by anything too well.

A world that one feature, one shallow tree or one dense block explains teaches nothing about a detector; one that a
model with all features explains to the last engagement leaks its truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from analytics.detection.calibration import Integers
from analytics.detection.dense_block import block_f1
from analytics.detection.features import ACCOUNT_FEATURES, ENGAGEMENT_MODEL
from analytics.detection.lessons import Lesson, build_lesson

Truths = npt.NDArray[np.bool_]
EVERYTHING = 10**9
TREES, LEAVES, RATE, LEAST_ROWS = 300, 15, 0.06, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the simplest means find in a world, and what a model with all features finds.

    `model` learned on a sister world, whose services are other customers' in other networks; `model_within` on half of
    the accounts of the same world, so that it knows every service: the most that features can tell.
    """

    engagement_feature: str
    engagement_auc: float
    account_feature: str
    account_auc: float
    shallow_tree: float
    dense_block: float
    model: float
    model_within: float

    def rows(self) -> list[tuple[str, str, str]]:
        """Lines of the table: what was tried, what it reached, what a world may allow."""
        told = (
            (f"one engagement feature ({self.engagement_feature}), ROC AUC", self.engagement_auc, "at most 0.85"),
            (f"one account feature ({self.account_feature}), ROC AUC", self.account_auc, "at most 0.90"),
            ("tree of depth 2, engagement AP", self.shallow_tree, "under 0.60"),
            ("densest block, engagement F1", self.dense_block, "under 0.50"),
            ("all features, learned on a sister world, engagement AP", self.model, "0.85 to 0.97"),
            ("all features, learned on half of its accounts, engagement AP", self.model_within, "at most 0.99"),
        )
        return [(what, f"{value:.3f}", allowed) for what, value, allowed in told]


@dataclass(frozen=True, slots=True)
class Rows:
    matrix: npt.NDArray[np.float32]
    truth: Truths


def measure_gate(frames: Mapping[str, pl.DataFrame], sister: Mapping[str, pl.DataFrame], *, seed: int) -> Gate:
    """Try each of them on one world with truth; `sister` is a world of the same kind from another seed."""
    lesson, other = describe_world(frames, seed), describe_world(sister, seed)
    names = [feature.name for feature in ENGAGEMENT_MODEL if feature.name in lesson.rows.columns]
    rows, theirs = rows_of(lesson, names), rows_of(other, names)
    engagement, account = best_feature(rows, names), best_account_feature(lesson)
    drawn = half_of_the_accounts(lesson.rows["account_key"].to_numpy(), seed)
    known, unknown = Rows(rows.matrix[drawn], rows.truth[drawn]), Rows(rows.matrix[~drawn], rows.truth[~drawn])
    return Gate(
        engagement_feature=engagement[1],
        engagement_auc=engagement[0],
        account_feature=account[1],
        account_auc=account[0],
        shallow_tree=shallow_tree(known, unknown, seed),
        dense_block=block_f1(lesson.rows.select("account_key", "target_key"), rows.truth),
        model=model(theirs, rows, seed),
        model_within=model(known, unknown, seed),
    )


def describe_world(frames: Mapping[str, pl.DataFrame], seed: int) -> Lesson:
    return build_lesson("gate", dict(frames), without=frozenset(), most_rows=EVERYTHING, seed=seed)


def rows_of(lesson: Lesson, names: list[str]) -> Rows:
    return Rows(numbers(lesson.rows, names), lesson.rows["is_inauthentic"].to_numpy())


def numbers(frame: pl.DataFrame, names: list[str]) -> npt.NDArray[np.float32]:
    told = frame.select(pl.col(name).cast(pl.Float32).fill_null(float("nan")) for name in names).to_numpy()
    clipped: npt.NDArray[np.float32] = np.clip(np.nan_to_num(told, nan=-1.0), -1e30, 1e30)
    return clipped


def best_feature(rows: Rows, names: list[str]) -> tuple[float, str]:
    """The feature that alone orders bought before genuine best, whichever way round."""
    told = [float(roc_auc_score(rows.truth, rows.matrix[:, place])) for place in range(len(names))]
    return max((max(auc, 1 - auc), name) for auc, name in zip(told, names, strict=True))


def best_account_feature(lesson: Lesson) -> tuple[float, str]:
    names = [feature.name for feature in ACCOUNT_FEATURES if feature.name in lesson.accounts.columns]
    accounts = Rows(numbers(lesson.accounts, names), lesson.accounts["is_inauthentic"].to_numpy())
    return best_feature(accounts, names)


def half_of_the_accounts(account: Integers, seed: int) -> Truths:
    drawn = np.random.default_rng(seed).random(int(account.max()) + 1) < 0.5
    told: Truths = drawn[account]
    return told


def shallow_tree(known: Rows, unknown: Rows, seed: int) -> float:
    tree = DecisionTreeClassifier(max_depth=2, random_state=seed).fit(known.matrix, known.truth)
    return float(average_precision_score(unknown.truth, tree.predict_proba(unknown.matrix)[:, 1]))


def model(known: Rows, unknown: Rows, seed: int) -> float:
    """Average precision of boosted trees with every feature."""
    trees = lgb.LGBMClassifier(
        n_estimators=TREES,
        num_leaves=LEAVES,
        learning_rate=RATE,
        min_child_samples=LEAST_ROWS,
        random_state=seed,
        n_jobs=1,
        verbose=-1,
    ).fit(known.matrix, known.truth)
    return float(average_precision_score(unknown.truth, trees.booster_.predict(unknown.matrix)))
