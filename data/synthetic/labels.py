"""What reviewers said: of 3 % of the engagements, 4 % of it wrong, and never a word on one service."""

from __future__ import annotations

import numpy as np
import polars as pl

from data.synthetic.chance import stream
from data.synthetic.spec import WorldSpec

SEEN, WRONG = 0.03, 0.04
NEVER_LABELLED = "service:quietline"
# Reviewers see what is queued: bought engagements come before them so many times as often.
SUSPECTED = 4.0


def draw_labels(spec: WorldSpec, rows: pl.DataFrame) -> pl.DataFrame:
    """Labels of some rows, given two days after the engagement."""
    rng = stream(spec.seed, "labels", len(rows))
    bought = rows["is_inauthentic"].to_numpy()
    weight = np.where(bought, SUSPECTED, 1.0)
    seen = rng.random(len(rows)) < SEEN * weight / weight.mean()
    kept = rows.filter(pl.Series(seen) & (pl.col("origin") != NEVER_LABELLED))
    wrong = pl.Series(rng.random(len(kept)) < WRONG)
    return kept.select(
        account_id=pl.lit(None, dtype=pl.String),
        engagement_id="engagement_id",
        is_inauthentic=pl.col("is_inauthentic") != wrong,
        source=pl.lit("review"),
        labelled_at=pl.col("at") + pl.duration(days=2),
    )
