"""Learning how much to believe of what is heard: what the log-odds of others on a place add to those of an engagement.

First looks at what a model has learned from are too good to be heard of. So what is learned for a fold is heard from
models blind to that fold as well as to the fold that they speak of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.detection.calibration import Floats
from analytics.detection.features import ENGAGEMENT_MODEL, INFRASTRUCTURE
from analytics.detection.hearsay import HEARD, belief, hear, said
from analytics.detection.models import ENGAGEMENT, HEARSAY, Matrix, Shape, fit
from analytics.detection.scoring import PLACES, matrix_of, positions, with_places
from analytics.detection.stacked import APART, FOLDS, Rows, predict

NAMES = [feature.name for feature in ENGAGEMENT_MODEL]
PLACE_NAMES = [feature.name for feature in ENGAGEMENT_MODEL if feature.family == INFRASTRUCTURE]
PLACE_KEYS = ("client_key", "asn", "prefix_key", "device_key")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the models are that are blind to two folds, and the model of hearsay."""

    blind: Shape
    hearsay: Shape


def learn_hearsay(
    rows: Rows, alone: Floats, sizes: Sizes, base: float, seed: int, *, places: Floats
) -> tuple[dict[str, str], Floats]:
    """The model of hearsay, and each row's log-odds with it by models that never saw the row's fold.

    `alone`: each row's log-odds by itself, and `places`, those of its places, by models blind to its fold. Too few
    folds teach nothing of this.
    """
    alone = told_of_places(alone, places, rows)
    folds = [int(fold) for fold in np.unique(rows.fold)]
    if len(folds) < FOLDS:
        return {}, alone
    blind = blind_odds(rows, sizes.blind, seed)
    told = alone.copy()
    for fold in folds:
        held: npt.NDArray[np.bool_] = rows.fold == fold
        # The model of places has a tenth of the trees: what it knows of the fold that others are judged in is little.
        odds = np.where(held, alone, told_of_places(blind[fold], places, rows))
        heard = heard_in_lessons(rows, odds, base)
        text = fit_hearsay(rows, heard, odds, chosen=~held, shape=sizes.hearsay, seed=seed)
        told[held] += added(text, heard, rows)[held]
    everything = np.ones(len(alone), dtype=bool)
    heard = heard_in_lessons(rows, alone, base)
    return {HEARSAY: fit_hearsay(rows, heard, alone, chosen=everything, shape=sizes.hearsay, seed=seed)}, told


def blind_odds(rows: Rows, shape: Shape, seed: int) -> dict[int, Floats]:
    """For each fold, the log-odds of every other row by a model that saw neither the fold nor the row's own."""
    matrix, folds = matrix_of(rows.frame, NAMES), [int(fold) for fold in np.unique(rows.fold)]
    told = {fold: np.zeros(len(matrix)) for fold in folds}
    for one, other in combinations(folds, 2):
        seen = ~np.isin(rows.fold, (one, other))
        text = fit(matrix[seen], rows.truth[seen], NAMES, shape=shape, seed=seed, weights=rows.weight[seen])
        for fold, spoken in ((one, rows.fold == other), (other, rows.fold == one)):
            told[fold][spoken] = predict(text, matrix[spoken])
    return told


def heard_in_lessons(rows: Rows, log_odds: Floats, base: float) -> Matrix:
    """What is heard in each lesson by itself, for keys of places mean something else in every lesson."""
    keys = [pl.col(name) if name in rows.frame.columns else pl.lit(None, pl.Int64).alias(name) for name in PLACE_KEYS]
    told = rows.frame.select(
        "account_key",
        *keys,
        believed=pl.Series(belief(log_odds, positions(rows.frame), base)),
        lesson=pl.col("account_key") // APART,
    ).with_row_index("row")
    parts = [_heard(part) for part in told.partition_by("lesson", maintain_order=True)]
    return matrix_of(pl.concat(parts).sort("row"), list(HEARD))


def _heard(lesson: pl.DataFrame) -> pl.DataFrame:
    believed = lesson["believed"].to_numpy()
    return hear(lesson, believed, said(lesson, believed)).select("row", *HEARD)


def fit_hearsay(
    rows: Rows, heard: Matrix, log_odds: Floats, *, chosen: npt.NDArray[np.bool_], shape: Shape, seed: int
) -> str:
    """Learn what is to be added to the log-odds of chosen rows, of logs that say from where accounts act."""
    placed = chosen & ~rows.is_poor
    learnt = placed if placed.any() else chosen
    return fit(
        heard[learnt],
        rows.truth[learnt],
        list(HEARD),
        shape=shape,
        seed=seed,
        weights=rows.weight[learnt],
        start=log_odds[learnt],
    )


def added(text: str, heard: Matrix, rows: Rows) -> Floats:
    """What hearsay adds to each row's log-odds: nothing where a log knows no places, as in detection."""
    told: Floats = np.where(rows.is_poor, 0.0, predict(text, heard))
    return told


def told_of_places(odds: Floats, places: Floats, rows: Rows) -> Floats:
    """Log-odds in which places have their voice, where a log knows any."""
    told: Floats = np.where(rows.is_poor, odds, with_places(odds, places))
    return told


def odds_of(texts: Mapping[str, str], rows: Rows, base: float) -> Floats:
    """Log-odds of rows that no model learned from: by themselves, and with hearsay where the models know of it."""
    alone = predict(texts[ENGAGEMENT], matrix_of(rows.frame, NAMES))
    alone = told_of_places(alone, predict(texts[PLACES], matrix_of(rows.frame, PLACE_NAMES)), rows)
    if HEARSAY not in texts:
        return alone
    return alone + added(texts[HEARSAY], heard_in_lessons(rows, alone, base), rows)
