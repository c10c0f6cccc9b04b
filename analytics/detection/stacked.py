"""The rows of all lessons side by side, in folds that share nothing which a model could know again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.detection.calibration import Floats, Integers, group_folds
from analytics.detection.forest import log_odds
from analytics.detection.lessons import Lesson
from analytics.detection.models import Matrix

FOLDS = 3
# Keys of different lessons never meet.
APART = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """The lessons' rows side by side."""

    frame: pl.DataFrame
    truth: Floats
    weight: Floats
    fold: Integers
    is_poor: npt.NDArray[np.bool_]

    def curve_names(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Which rows each curve is fitted on; a curve without rows of its own takes all."""
        parts = {"rich": ~self.is_poor, "poor": self.is_poor}
        return {name: chosen if chosen.any() else np.ones_like(chosen) for name, chosen in parts.items()}

    def only(self, scores: Floats, chosen: npt.NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
        """Scores, truths and weights of these rows, or of all where there are none."""
        chosen = chosen if chosen.any() else np.ones_like(chosen)
        return scores[chosen], self.truth[chosen], self.weight[chosen]


def stack(lessons: Sequence[Lesson], table: str, seed: int) -> Rows:
    """One frame of all lessons, keys made unique, with folds that share no world, or no service and account."""
    parts = []
    for place, lesson in enumerate(lessons):
        part: pl.DataFrame = getattr(lesson, table)
        shifted = [pl.col(name).cast(pl.Int64) + place * APART for name in KEYS if name in part.columns]
        told = {
            "is_poor": pl.lit(lesson.is_poor),
            "world": pl.lit(lesson.name.split("/")[0]),
            "made_by": pl.lit(lesson.made_by),
        }
        parts.append(part.with_columns(*shifted, **told))
    frame = pl.concat(parts, how="diagonal_relaxed")
    return Rows(
        frame,
        frame["is_inauthentic"].cast(pl.Float64).to_numpy(),
        evenly(frame),
        folds(frame, seed),
        frame["is_poor"].to_numpy(),
    )


KEYS = ("account_key", "session_key")


def evenly(frame: pl.DataFrame) -> Floats:
    """The rows' weights, scaled so that every maker of worlds speaks as loudly as the others."""
    weight = pl.col("weight").cast(pl.Float64) if "weight" in frame.columns else pl.lit(1.0)
    told = frame.select("made_by", weight=weight).with_columns(
        pl.col("weight") / pl.col("weight").mean().over("made_by")
    )
    loud = told.select(pl.col("weight") / pl.len().over("made_by") * pl.len() / pl.col("made_by").n_unique())
    return loud.to_series().to_numpy()


def folds(frame: pl.DataFrame, seed: int) -> Integers:
    """Folds that share no maker of worlds; with one maker no world; with few worlds no service and no account.

    What a model says of a world by a maker that it knows is too good to be a promise for a platform.
    """
    makers = sorted(frame["made_by"].unique())
    if len(makers) > 1:
        numbers = {maker: number for number, maker in enumerate(makers)}
        return frame["made_by"].replace_strict(numbers, return_dtype=pl.Int64).to_numpy()
    worlds = sorted(frame["world"].unique())
    if len(worlds) < FOLDS:
        return group_folds(frame["service_group"].to_numpy(), frame["account_key"].to_numpy(), FOLDS, seed)
    place = {world: number % FOLDS for number, world in enumerate(worlds)}
    return frame["world"].replace_strict(place, return_dtype=pl.Int64).to_numpy()


def predict(text: str, matrix: Matrix) -> Floats:
    """Log-odds of each row."""
    return log_odds(lgb.Booster(model_str=text), matrix)
