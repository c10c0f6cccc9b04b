"""Whether people have come to judge one service otherwise than before: a rule read anew, or a favour (T-13).

What people decide teaches the next model, so a service whose cases are suddenly let go would soon not be found.
"""

from __future__ import annotations

import polars as pl

from analytics.statistics.intervals import LEVEL, difference
from analytics.statistics.quality import judged

# Fewer verdicts on either side say nothing about a service.
LEAST_VERDICTS = 10
# Above this share of the verdicts towards which a service moved, it is one person's doing.
ONE_SIDED = 0.5
SCHEMA = {
    "service_id": pl.String,
    "before": pl.Int64,
    "before_confirmed": pl.Int64,
    "now": pl.Int64,
    "now_confirmed": pl.Int64,
    "change": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "is_moved": pl.Boolean,
    "one_person": pl.Float64,
}


def verdict_shifts(decisions: pl.DataFrame, *, since: int, until: int) -> pl.DataFrame:
    """One row per service that was judged often enough both before the period and in it, the most moved first.

    `before`, `now`: verdicts on cases that the machine chose; `change`: of the share confirmed, with Newcombe's
    interval, wider the more services are compared; `one_person`: the largest share that one person gave of the verdicts
    towards which it moved. Times in microseconds.
    """
    rows = judged(decisions).drop_nulls("service_id").filter(pl.col("decided_at") < until)
    earlier = _counted(rows.filter(pl.col("decided_at") < since), "before")
    later = rows.filter(pl.col("decided_at") >= since)
    both = earlier.join(_counted(later, "now"), on="service_id")
    both = both.filter(pl.min_horizontal("before", "now") >= LEAST_VERDICTS).sort("service_id")
    change = pl.col("now_confirmed") / pl.col("now") - pl.col("before_confirmed") / pl.col("before")
    told = both.with_columns(change=change).join(_by_one(later), on="service_id", how="left")
    bounds = _bounds(both)
    one = pl.when(pl.col("change") > 0).then("most_confirmed").otherwise("most_rejected")
    return (
        told.with_columns(bounds, one_person=one)
        .with_columns(is_moved=(pl.col("low") > 0) | (pl.col("high") < 0))
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
        .sort(pl.col("is_moved"), pl.col("change").abs(), descending=True, maintain_order=True)
    )


def one_sided(decisions: pl.DataFrame, *, since: int, until: int) -> pl.DataFrame:
    """The decision_id of each verdict of the period by which mostly one person moved a service; no second one bears it.

    Where several people judge a service otherwise than before, a rule is read anew, and nothing is named here.
    """
    moved = verdict_shifts(decisions, since=since, until=until).filter("is_moved", pl.col("one_person") > ONE_SIDED)
    rows = judged(decisions).filter(pl.col("decided_at").is_between(since, until, closed="left"))
    towards = rows.join(moved, on="service_id").filter(pl.col("is_confirmed") == (pl.col("change") > 0))
    counted = towards.with_columns(
        of_person=pl.len().over("service_id", "person_id"), of_all=pl.len().over("service_id")
    )
    return counted.filter(pl.col("of_person") > ONE_SIDED * pl.col("of_all")).select("decision_id")


def _counted(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.group_by("service_id").agg(
        pl.len().cast(pl.Int64).alias(name), pl.col("is_confirmed").sum().cast(pl.Int64).alias(f"{name}_confirmed")
    )


def _by_one(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per service: the largest share of its confirmations, and of its rejections, that are one person's."""
    people = rows.group_by("service_id", "person_id").agg(
        confirmed=pl.col("is_confirmed").sum().cast(pl.Int64), rejected=(~pl.col("is_confirmed")).sum().cast(pl.Int64)
    )
    shares = {
        f"most_{name}": pl.when(pl.col(name).sum() > 0).then(pl.col(name).max() / pl.col(name).sum())
        for name in ("confirmed", "rejected")
    }
    return people.group_by("service_id").agg(**shares)


def _bounds(both: pl.DataFrame) -> pl.DataFrame:
    level = 1 - (1 - LEVEL) / max(both.height, 1)
    counts = both.select("now_confirmed", "now", "before_confirmed", "before").iter_rows()
    bounds = [difference((hits, n), (old_hits, old_n), level) for hits, n, old_hits, old_n in counts]
    return pl.DataFrame(bounds, schema={"low": pl.Float64, "high": pl.Float64}, orient="row")
