"""How much there is, and how much of it is seen: figures from the uniform random sample, never from the queue.

`sample`: one row per engagement drawn for the random audit lane and decided by a person: engagement_id, account_id,
kind, at, p, band (0 keep, 1 review, 2 remove), is_inauthentic, weight.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.statistics.intervals import bootstrap_ratio, wilson_clustered
from analytics.statistics.metric import Metric, metric
from data.records import Band


def prevalence(sample: pl.DataFrame) -> Metric:
    """M-01: share of engagements that a service made, from a uniform random sample of all engagements."""
    found = sample["is_inauthentic"].cast(pl.Float64).to_numpy()
    value = float(found.mean()) if len(found) else None
    detail = {"inauthentic": float(found.sum()), "accounts": float(sample["account_id"].n_unique())}
    return metric("M-01", sample, value, wilson_clustered(found, account_keys(sample)), detail)


def weighted_prevalence(sample: pl.DataFrame, *, seed: int) -> Metric:
    """M-01w: the same, each engagement counting by its weight; whole accounts are redrawn for the interval."""
    weights = sample["weight"].to_numpy().astype(np.float64)
    total = float(weights.sum())
    if total <= 0:
        return metric("M-01w", sample, None)
    hits = weights * sample["is_inauthentic"].to_numpy()
    interval = bootstrap_ratio(hits, weights, account_keys(sample), seed=seed)
    return metric("M-01w", sample, float(hits.sum()) / total, interval)


def recall(sample: pl.DataFrame, *, caught_from: Band = Band.REVIEW) -> Metric:
    """M-05: of the engagements that people found inauthentic in the random sample, the share the machine proposed."""
    real = sample.filter("is_inauthentic").with_columns(is_caught=pl.col("band") >= int(caught_from))
    caught = real["is_caught"].cast(pl.Float64).to_numpy()
    removable = int((real["band"] >= int(Band.REMOVE)).sum())
    value = float(caught.mean()) if len(caught) else None
    detail = {"removable": removable / real.height} if real.height else {}
    return metric("M-05", real, value, wilson_clustered(caught, account_keys(real)), detail)


def account_keys(rows: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Give every account of the rows a number, for resampling."""
    return rows["account_id"].rank("dense").to_numpy().astype(np.int64)
