"""What other thresholds would have done: judged against what people found, whose rows of one account are alike.

`judged`: one row per engagement a person decided on: account_id, kind (code), p, can_remove (evidence enough for
removal), can_review, is_inauthentic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.statistics.intervals import Floats, Interval, Keys, wilson_clustered
from analytics.statistics.prevalence import account_keys
from data.records import KIND_CODES, Band, Kind

CURVE_STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The thresholds of one side of a back-test: smallest probability by kind, and what brings an account up."""

    name: str
    run_id: str
    remove: Mapping[Kind, float]
    review: Mapping[Kind, float]
    queue_score: float
    queue_proposed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its interval and the rows under it; None where nothing was judged."""

    value: float | None
    interval: Interval | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a setting stands against what people found."""

    precision: Share
    recall: Share
    genuine_removed: int
    rows: int


def band_column(setting: Setting) -> pl.Expr:
    """Name the band that a setting gives an engagement."""
    can_remove = pl.col("can_remove") & (pl.col("p") >= _by_kind(setting.remove))
    can_review = pl.col("can_review") & (pl.col("p") >= _by_kind(setting.review))
    return (
        pl.when(can_remove)
        .then(int(Band.REMOVE))
        .when(can_review)
        .then(int(Band.REVIEW))
        .otherwise(int(Band.KEEP))
        .alias("band")
    )


def judge(judged: pl.DataFrame, setting: Setting) -> Judged:
    """Compare the removals of a setting with the findings of people."""
    rows = judged.with_columns(band_column(setting))
    removed = (rows["band"] == int(Band.REMOVE)).to_numpy().astype(np.float64)
    real = rows["is_inauthentic"].to_numpy().astype(np.float64)
    keys = account_keys(rows)
    return Judged(
        precision=_share(real, removed, keys),
        recall=_share(removed, real, keys),
        genuine_removed=int((removed * (1 - real)).sum()),
        rows=rows.height,
    )


def curve(judged: pl.DataFrame) -> pl.DataFrame:
    """One row per threshold: threshold, precision, recall, removed (judged engagements at or above it)."""
    able = judged.filter("can_remove")
    thresholds = np.linspace(0, 1, CURVE_STEPS + 1)
    order = np.sort(able["p"].to_numpy())
    real = np.sort(able.filter("is_inauthentic")["p"].to_numpy())
    removed = len(order) - np.searchsorted(order, thresholds)
    right = len(real) - np.searchsorted(real, thresholds)
    every = int(judged["is_inauthentic"].sum())
    return pl.DataFrame(
        {
            "threshold": thresholds,
            "removed": removed.astype(np.int64),
            "precision": np.divide(right, removed, out=np.full(len(right), np.nan), where=removed > 0),
            "recall": right / every if every else np.full(len(right), np.nan),
        }
    ).with_columns(pl.col("precision", "recall").fill_nan(None))


def genuine_lost(removed: int, precision: Share) -> Interval | None:
    """Bound the genuine engagements among all that the setting would remove."""
    if precision.interval is None:
        return None
    low, high = precision.interval
    return removed * (1 - high), removed * (1 - low)


def _by_kind(levels: Mapping[Kind, float]) -> pl.Expr:
    return pl.col("kind").replace_strict({KIND_CODES[kind]: level for kind, level in levels.items()}, default=1.1)


def _share(hits: Floats, among: Floats, keys: Keys) -> Share:
    """Count the hits among some rows; where nobody was wrong yet, the bound still knows how few were looked at."""
    used = among > 0
    counted = hits[used]
    n = len(counted)
    if n == 0:
        return Share(value=None, interval=None, n=0)
    return Share(value=float(counted.mean()), interval=wilson_clustered(counted, keys[used]), n=n)
