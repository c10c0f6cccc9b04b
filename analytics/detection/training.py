"""Learning from worlds with truth, so that a platform without a single label starts with a model that transfers.

Every world is described in several ways, each with columns taken away, as real logs have them taken away. Nothing is
calibrated on accounts or services that its model saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.detection.bands import smallest_safe
from analytics.detection.calibration import (
    Calibrator,
    Floats,
    Integers,
    fit_calibrator,
    group_folds,
    logit,
    sigmoid,
)
from analytics.detection.features import ENGAGEMENT_MODEL, GRAPH, INFRASTRUCTURE, RHYTHM
from analytics.detection.mixture import mix
from analytics.detection.models import ACCOUNT, ENGAGEMENT, Matrix, Shape, fit
from analytics.detection.scoring import matrix_of, positions
from analytics.detection.suspects import ACCOUNT_MODEL, account_frame

FOLDS = 4
FAMILIES = {"infrastructure": INFRASTRUCTURE, "graph": GRAPH, "rhythm": RHYTHM}
FAMILY_SHAPE = Shape(trees=80, leaves=7, rate=0.1, least_rows=100)
ENGAGEMENT_SHAPE = Shape()
ACCOUNT_SHAPE = Shape(trees=150, leaves=7, rate=0.06, least_rows=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One described world: engagements and accounts with truth, and whether its log is poor.

    `rows` holds `is_inauthentic`, `service` (the family-unique name of the service that made it, else empty);
    `accounts` holds `is_inauthentic` and `service`.
    """

    name: str
    rows: pl.DataFrame
    accounts: pl.DataFrame
    is_poor: bool


@dataclass(frozen=True, slots=True)
class Learned:
    texts: Mapping[str, str]
    calibrators: Mapping[str, Calibrator]
    base: float
    thresholds: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Rows:
    """The lessons' rows side by side."""

    frame: pl.DataFrame
    truth: Floats
    weight: Floats
    fold: Integers
    is_poor: npt.NDArray[np.bool_]


def stack(lessons: Sequence[Lesson], seed: int) -> Rows:
    """One frame of all lessons, with keys made unique and a fold per service and account."""
    parts = []
    for place, lesson in enumerate(lessons):
        shift = place * 10_000_000_000
        parts.append(
            lesson.rows.with_columns(
                (pl.col("account_key").cast(pl.Int64) + shift).alias("account_key"),
                (pl.col("session_key").cast(pl.Int64) + shift).alias("session_key"),
                pl.lit(lesson.is_poor).alias("is_poor"),
            )
        )
    frame = pl.concat(parts, how="diagonal_relaxed")
    return Rows(
        frame,
        frame["is_inauthentic"].cast(pl.Float64).to_numpy(),
        frame["weight"].to_numpy() if "weight" in frame.columns else np.ones(len(frame)),
        group_folds(frame["service_group"].to_numpy(), frame["account_key"].to_numpy(), FOLDS, seed),
        frame["is_poor"].to_numpy(),
    )


def learn(lessons: Sequence[Lesson], *, seed: int) -> Learned:
    """Fit the models, and calibrate and set thresholds on what each fold's model had not seen."""
    rows = stack(lessons, seed)
    texts: dict[str, str] = {}
    calibrators: dict[str, Calibrator] = {}
    base = float(logit(np.array([np.average(rows.truth, weights=rows.weight)]))[0])
    for family, bit in FAMILIES.items():
        names = [feature.name for feature in ENGAGEMENT_MODEL if feature.family == bit]
        texts[family], held_out = out_of_fold(rows, names, FAMILY_SHAPE, seed)
        calibrators |= curves(f"{family}.", held_out, rows)
    names = [feature.name for feature in ENGAGEMENT_MODEL]
    texts[ENGAGEMENT], held_out = out_of_fold(rows, names, ENGAGEMENT_SHAPE, seed)
    mixed = mix(held_out, positions(rows.frame), base)
    calibrators |= curves("", mixed.engagement, rows)
    said = np.where(rows.is_poor, calibrators["poor"](mixed.engagement), calibrators["rich"](mixed.engagement))
    by_session = np.where(rows.is_poor, calibrators["poor"](mixed.session[positions(rows.frame).session]), 0.0)
    rich = calibrators["rich"](mixed.session[positions(rows.frame).session])
    by_session = np.where(rows.is_poor, by_session, rich)
    texts[ACCOUNT], calibrators[ACCOUNT] = learn_accounts(lessons, rows, by_session, seed)
    return Learned(texts, calibrators, base, {"remove": thresholds(rows, said)})


def out_of_fold(rows: Rows, names: list[str], shape: Shape, seed: int) -> tuple[str, Floats]:
    """The model of all rows as text, and each row's log-odds from a model that never saw its service or account."""
    matrix = matrix_of(rows.frame, names)
    told = np.zeros(len(matrix))
    for fold in range(FOLDS):
        held = rows.fold == fold
        text = fit(matrix[~held], rows.truth[~held], names, shape=shape, seed=seed, weights=rows.weight[~held])
        told[held] = predict(text, matrix[held])
    return fit(matrix, rows.truth, names, shape=shape, seed=seed, weights=rows.weight), told


def predict(text: str, matrix: Matrix) -> Floats:
    import lightgbm as lgb

    if len(matrix) == 0:
        return np.zeros(0)
    told: Floats = np.asarray(lgb.Booster(model_str=text).predict(matrix, raw_score=True), dtype=np.float64)
    return told


def curves(prefix: str, scores: Floats, rows: Rows) -> dict[str, Calibrator]:
    """One curve for rich logs and one for poor ones."""
    told = {}
    for name, chosen in (("rich", ~rows.is_poor), ("poor", rows.is_poor)):
        used = chosen if chosen.any() else np.ones_like(chosen)
        told[prefix + name] = fit_calibrator(scores[used], rows.truth[used], rows.weight[used])
    return told


def thresholds(rows: Rows, said: Floats) -> dict[int, float]:
    """The smallest probability of each kind above which at most one in a hundred removed would be genuine."""
    rich = ~rows.is_poor
    kinds = rows.frame["kind"].cast(pl.Int64).to_numpy()
    accounts = rows.frame["account_key"].to_numpy()
    told = {}
    for kind in range(4):
        chosen = rich & (kinds == kind)
        told[kind] = smallest_safe(said[chosen], rows.truth[chosen] < 0.5, accounts[chosen]) if chosen.any() else 1.1
    return told


def learn_accounts(lessons: Sequence[Lesson], rows: Rows, by_session: Floats, seed: int) -> tuple[str, Calibrator]:
    """The account model on suspect sessions as the folds saw them, and its curve."""
    scored = rows.frame.with_columns(pl.Series("p_session", by_session))
    accounts = pl.concat(
        [
            lesson.accounts.with_columns(
                (pl.col("account_key").cast(pl.Int64) + place * 10_000_000_000).alias("account_key")
            )
            for place, lesson in enumerate(lessons)
        ],
        how="diagonal_relaxed",
    )
    frame = account_frame(scored, accounts)
    names = [feature.name for feature in ACCOUNT_MODEL]
    matrix, truth = matrix_of(frame, names), frame["is_inauthentic"].cast(pl.Float64).to_numpy()
    fold = group_folds(frame["service_group"].to_numpy(), frame["account_key"].to_numpy(), FOLDS, seed)
    told = np.zeros(len(matrix))
    for place in range(FOLDS):
        held = fold == place
        told[held] = predict(fit(matrix[~held], truth[~held], names, shape=ACCOUNT_SHAPE, seed=seed), matrix[held])
    text = fit(matrix, truth, names, shape=ACCOUNT_SHAPE, seed=seed)
    return text, fit_calibrator(told, truth)


def share_of(scores: Floats) -> Floats:
    return sigmoid(scores)
