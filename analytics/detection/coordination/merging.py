"""One list of groups from several searches: what is found twice is one group, and each engagement lies in one."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.coordination.chance import Integers
from analytics.detection.coordination.findings import FOUND_SCHEMA, HIT_SCHEMA, Findings
from analytics.detection.coordination.graph import shared_elements

# Two finds that share this part of the smaller one's engagements are one group.
SAME = 0.5


def merge_findings(parts: list[Findings]) -> Findings:
    """Join the groups of all searches under one numbering, and those that are mostly the same engagements."""
    hits, found, first = [], [], 0
    for part in parts:
        hits.append(part.hits.with_columns(pl.col("group") + first))
        found.append(part.found.with_columns(pl.col("group") + first))
        first += int(part.found["group"].to_numpy().max(initial=-1)) + 1
    together = pl.concat([pl.DataFrame(schema=HIT_SCHEMA), *hits])
    described = pl.concat([pl.DataFrame(schema=FOUND_SCHEMA), *found])
    if described.is_empty():
        extra = {"most_strength": pl.Float64, "source": pl.Int64, "kind": pl.String, "is_tested": pl.Boolean}
        return Findings(
            together.with_columns(pl.lit(None, kind).alias(name) for name, kind in extra.items()), described
        )
    return joined(together, described, first)


def joined(hits: pl.DataFrame, found: pl.DataFrame, count: int) -> Findings:
    final = same_groups(hits, found, count)
    hits = hits.join(found.select("group", "most_strength"), on="group", how="left")
    best = hits.sort(["row", "most_strength", "p", "group"], descending=[False, True, False, False])
    best = best.unique("row", keep="first", maintain_order=True)
    mapped = pl.DataFrame({"group": np.arange(count), "final": final}, schema_overrides={"group": pl.Int64})
    told = best.rename({"group": "source"}).join(mapped.rename({"group": "source"}), on="source", how="left")
    described = found.join(mapped, on="group", how="left").sort(
        ["final", "most_strength", "p_value", "window_hours", "group"], descending=[False, True, False, False, False]
    )
    described = described.unique("final", keep="first", maintain_order=True)
    kinds = found.select(pl.col("group").alias("source"), "kind", "is_tested")
    told = told.rename({"final": "group"}).join(kinds, on="source", how="left")
    return Findings(told.sort("row"), described.drop("group").rename({"final": "group"}))


def same_groups(hits: pl.DataFrame, found: pl.DataFrame, count: int) -> Integers:
    """Give each group its final group: itself, or the best-founded one that holds most of the same engagements."""
    pairs = hits.select("row", "group").unique()
    shared = shared_elements(pairs["group"].to_numpy(), pairs["row"].to_numpy(), count)
    size = shared.diagonal()
    order = found.join(hits.group_by("group").len(), on="group", how="left").sort(
        ["most_strength", "window_hours", "len", "p_value"], descending=[True, False, True, False]
    )
    final = np.arange(count)
    kept = np.zeros(count, dtype=bool)
    for group in order["group"].to_numpy():
        part = shared.getrow(group)
        share = np.where(kept[part.indices], part.data / np.minimum(size[part.indices], size[group]), 0.0)
        if len(share) and share.max() >= SAME:
            final[group] = part.indices[int(share.argmax())]
        else:
            kept[group] = True
    return final
