"""How well customers were attributed to services, and how soon they were found, against truth."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sklearn.metrics import f1_score, v_measure_score

from analytics.detection.evaluation import Measure


def attribution_measures(rows: pl.DataFrame) -> list[Measure]:
    """`rows`: one per customer of a service: `truth`, its main service; `said`, the cluster it was put in, or none.

    Figures are over customers with any proposed engagement (`is_found`); who was put nowhere counts as wrong.
    """
    found = rows.filter("is_found")
    share = float("nan") if rows.is_empty() else len(found) / len(rows)
    names = ("attribution macro-F1", "attribution V-measure")
    if found.is_empty():
        return [*(Measure(name, float("nan")) for name in names), Measure("share of customers found", share)]
    truth, said = found["truth"].to_list(), ["" if name is None else str(name) for name in found["said"].to_list()]
    named, services = name_by_majority(truth, said), sorted(set(truth))
    f1 = f1_score(truth, named, labels=services, average="macro", zero_division=0.0)
    return [
        Measure(names[0], float(f1), rows=len(found)),
        Measure(names[1], float(v_measure_score(truth, said)), rows=len(found)),
        Measure("share of customers found", share, rows=len(rows)),
        Measure("services found as one", merged(truth, said)),
    ]


def name_by_majority(truth: Sequence[str], said: Sequence[str]) -> list[str]:
    """Give each found cluster the name of the true service that holds most of it; each true name is used once."""
    counts: dict[tuple[str, str], int] = {}
    for true_name, found in zip(truth, said, strict=True):
        if found:
            counts[(found, true_name)] = counts.get((found, true_name), 0) + 1
    names: dict[str, str] = {}
    for (found, true_name), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if found not in names and true_name not in names.values():
            names[found] = true_name
    return [names.get(found, f"?{found}") for found in said]


def merged(truth: Sequence[str], said: Sequence[str]) -> float:
    """The share of true services whose customers mostly lie in a cluster where another service has the majority."""
    frame = pl.DataFrame({"truth": truth, "said": said}).filter(pl.col("said") != "")
    if frame.is_empty():
        return 0.0
    counts = frame.group_by("truth", "said").len().sort(["len", "truth", "said"], descending=[True, False, False])
    owner = counts.unique("said", keep="first", maintain_order=True).select("said", owner="truth")
    main = counts.unique("truth", keep="first", maintain_order=True).join(owner, on="said")
    return float((main["truth"] != main["owner"]).sum()) / main["truth"].len()


def delay_measure(rows: pl.DataFrame) -> Measure:
    """`rows`: one per bought account, with times `started_at` and `found_at` (null: not found)."""
    name = "hours from the first bought engagement to the first proposed"
    found = rows.drop_nulls(["found_at", "started_at"])
    if found.is_empty():
        return Measure(name, float("nan"))
    hours = found.select(((pl.col("found_at") - pl.col("started_at")).dt.total_seconds() / 3600).median()).item()
    return Measure(name, float(hours), rows=len(found))
