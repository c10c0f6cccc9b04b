"""Whether the model still means what it says: reliability of its probabilities, and how far its inputs have moved."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.statistics.intervals import wilson

BINS = 10
# A population stability index above this is worth a look; above the second, the inputs are others than in training.
WATCH, MOVED = 0.1, 0.25
_LEAST = 1e-4


def reliability(judged: pl.DataFrame, *, bins: int = BINS) -> pl.DataFrame:
    """One row per tenth of probability with any verdict: mean p said, share found inauthentic, bounds, n."""
    placed = judged.with_columns(bin=(pl.col("p") * bins).floor().clip(0, bins - 1).cast(pl.Int64))
    told = (
        placed.group_by("bin")
        .agg(
            pl.col("p").mean().alias("said"),
            pl.col("is_inauthentic").sum().cast(pl.Int64).alias("hits"),
            pl.len().cast(pl.Int64).alias("n"),
        )
        .sort("bin")
    )
    bounds = [wilson(hits, n) for hits, n in told.select("hits", "n").iter_rows()]
    return told.with_columns(
        found=pl.col("hits") / pl.col("n"),
        low=pl.Series([low for low, _ in bounds], dtype=pl.Float64),
        high=pl.Series([high for _, high in bounds], dtype=pl.Float64),
    )


def calibration_error(table: pl.DataFrame) -> float | None:
    """Weigh the gaps between said and found by the rows in each bin."""
    total = float(table["n"].sum())
    return float(((table["said"] - table["found"]).abs() * table["n"]).sum()) / total if total else None


def stability_index(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64], *, bins: int = BINS) -> float:
    """Compare two distributions over the bins that split the earlier one evenly; 0 when nothing moved."""
    known_before, known_after = before[~np.isnan(before)], after[~np.isnan(after)]
    if not len(known_before) or not len(known_after):
        return 0.0
    edges = np.unique(np.quantile(known_before, np.linspace(0, 1, bins + 1)[1:-1]))
    first = _shares(known_before, edges)
    second = _shares(known_after, edges)
    return float(((second - first) * np.log(second / first)).sum())


def drift(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """One row per feature that both have: index and a word for it, the most moved first."""
    names = [name for name in before.columns if name in after.columns]
    found = [stability_index(_values(before, name), _values(after, name)) for name in names]
    word = (
        pl.when(pl.col("index") >= MOVED)
        .then(pl.lit("moved"))
        .when(pl.col("index") >= WATCH)
        .then(pl.lit("watch"))
        .otherwise(pl.lit("steady"))
    )
    return (
        pl.DataFrame({"feature": names, "index": found}, schema={"feature": pl.String, "index": pl.Float64})
        .with_columns(state=word)
        .sort("index", "feature", descending=[True, False])
    )


def _shares(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    shares: npt.NDArray[np.float64] = np.maximum(counts / counts.sum(), _LEAST)
    return shares


def _values(frame: pl.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return frame[name].cast(pl.Float64).to_numpy()
