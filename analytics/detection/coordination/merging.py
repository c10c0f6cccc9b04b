"""One list of groups from several searches: what is found twice is one group."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.coordination.chance import Integers
from analytics.detection.coordination.findings import Findings
from analytics.detection.coordination.graph import shared_elements

# Two finds that share this part of the smaller one's engagements are one group.
SAME = 0.5
BEST_FIRST = {"most_strength": True, "window_hours": False, "len": True, "p_value": False, "group": False}


def stack_findings(parts: list[Findings]) -> Findings:
    """Put finds side by side under one numbering."""
    hits, found, first = [], [], 0
    for part in parts:
        hits.append(part.hits.with_columns(pl.col("group") + first))
        found.append(part.found.with_columns(pl.col("group") + first))
        first += int(part.found["group"].to_numpy().max(initial=-1)) + 1
    return Findings(pl.concat(hits), pl.concat(found))


def merge_findings(parts: list[Findings]) -> Findings:
    """Join what several searches of one kind found; afterwards an engagement lies in one group."""
    whole = stack_findings(parts)
    if whole.found.is_empty():
        return whole
    final = same_groups(whole)
    best = whole.hits.sort(["row", "most_strength", "p", "group"], descending=[False, True, False, False])
    hits = best.unique("row", keep="first", maintain_order=True)
    kept = np.unique(final)
    return Findings(renamed(hits, final), whole.found.filter(pl.col("group").is_in(kept)))


def renamed(hits: pl.DataFrame, final: Integers) -> pl.DataFrame:
    return hits.with_columns(pl.Series("group", final[hits["group"].to_numpy()], dtype=pl.Int64))


def same_groups(whole: Findings) -> Integers:
    """Give each group its final group: itself, or the best-founded one that holds most of the same engagements."""
    count = int(whole.found["group"].to_numpy().max()) + 1
    pairs = whole.hits.select("row", "group").unique()
    shared = shared_elements(pairs["group"].to_numpy(), pairs["row"].to_numpy(), count)
    size = shared.diagonal()
    sized = whole.found.join(whole.hits.group_by("group").len(), on="group", how="left")
    order = sized.sort(list(BEST_FIRST), descending=list(BEST_FIRST.values()))["group"].to_numpy()
    final, kept = np.arange(count), np.zeros(count, dtype=bool)
    for group in order:
        low, high = shared.indptr[group], shared.indptr[group + 1]
        others, common = shared.indices[low:high], shared.data[low:high]
        share = np.where(kept[others], common / np.minimum(size[others], size[group]), 0.0)
        if share.max(initial=0.0) >= SAME:
            final[group] = others[int(share.argmax())]
        else:
            kept[group] = True
    return final
