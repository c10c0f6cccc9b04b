"""One row per engagement with coordination evidence, as the scores read it."""

from __future__ import annotations

import polars as pl

from analytics.detection.coordination.coordinate import CoordinationResult

IN_TIME = ("lockstep", "burst")


def marks(result: CoordinationResult) -> pl.DataFrame:
    """Name the strongest group of each engagement, and how strong its evidence is in time and in density.

    Shared infrastructure names the group where nothing else does, but it is another family of evidence: such an
    engagement is not `in_group`.
    """
    sizes = result.groups.select("group_id", lockstep_accounts=pl.col("accounts").cast(pl.Float64))
    in_time = pl.col("kind").is_in(IN_TIME)
    rows = result.memberships.join(sizes, on="group_id", how="left").with_columns(in_time=in_time)
    ranked = rows.sort(
        ["engagement_key", "is_tested", "in_time", "strength", "group_id"], descending=[False, True, True, True, False]
    )
    return ranked.group_by("engagement_key", maintain_order=True).agg(
        pl.col("group_id").first(),
        lockstep_strength=pl.col("strength").filter(pl.col("in_time")).max().fill_null(0.0),
        lockstep_accounts=pl.col("lockstep_accounts").filter(pl.col("in_time")).max().fill_null(0.0),
        density_strength=pl.col("strength").filter(pl.col("kind") == "density").max().fill_null(0.0),
        is_tested=pl.col("is_tested").any(),
        in_group=(pl.col("kind") != "infrastructure").any(),
    )
