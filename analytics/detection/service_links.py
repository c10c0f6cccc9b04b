"""Units of service sessions, one per account and client, joined by what they share and by whom they serve."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl

from analytics.detection.coordination.chance import Integers
from analytics.detection.coordination.graph import communities
from analytics.detection.service_manners import likeness

# How much a shared key of each kind says, before its purity and rarity.
WEIGHTS = {"device_key": 3.0, "prefix_key": 2.0, "route": 2.0, "asn": 1.5, "group_id": 2.0, "target_key": 1.5}
# Keys that owners use as well, beyond this share, say nothing.
LEAST_PURITY = 0.3
# What a unit says of the customers that it serves, all of them together: circles share nothing else.
SERVES = 10.0
# The share of a cluster's sessions in one group that makes it that group's.
MOSTLY = 0.5
# Finer than by plain modularity, which takes small services of one trade for one.
FINE = 1.3


class Known(Protocol):
    """The hints that links need."""

    @property
    def visits(self) -> pl.DataFrame | None: ...
    @property
    def groups(self) -> pl.DataFrame | None: ...


def link_clusters(chosen: pl.DataFrame, sessions: pl.DataFrame, hints: Known, seed: int) -> pl.DataFrame:
    """Add `unit` and `cluster` to the service sessions."""
    units = numbered(chosen)
    everything = sessions.select("session_key", "account_key", "client_key", "asn", "prefix_key", "device_key")
    edges = [links(units, everything, name) for name in ("device_key", "prefix_key", "route", "asn")]
    for name, extra in (("target_key", hints.visits), ("group_id", hints.groups)):
        if extra is not None:
            edges.append(links(units, everything.join(extra, on="session_key", how="inner"), name))
    pairs = [likeness(units, sessions)]
    if hints.visits is not None:
        pairs.append(served(units, hints.visits))
    found = clusters(units, pl.concat(edges), pl.concat(pairs), seed)
    return units.with_columns(cluster=pl.Series(found[units["unit"].to_numpy()]))


def numbered(chosen: pl.DataFrame) -> pl.DataFrame:
    """Give the units numbers by age, so that the order survives renaming."""
    who = ["account_key", "client_key"]
    ages = chosen.group_by(who).agg(pl.col("started_at").min(), pl.col("ended_at").max(), pl.col("engagements").sum())
    order = ages.sort("started_at", "ended_at", "engagements", *who).select(*who).with_row_index("unit")
    told = chosen.join(order, on=who, how="left", nulls_equal=True)
    return told.with_columns(pl.col("unit").cast(pl.Int64))


def links(units: pl.DataFrame, sessions: pl.DataFrame, name: str) -> pl.DataFrame:
    """One row per unit and shared key of one kind: the unit's share of sessions through it, times what it says."""
    key = pl.format("{}|{}", "client_key", "asn") if name == "route" else pl.col(name).cast(pl.String)
    placed = sessions.select("session_key", key=pl.format("{}:{}", pl.lit(name), key)).drop_nulls()
    inside = placed.join(units.select("session_key", "unit", "account_key"), on="session_key", how="inner")
    used = placed.group_by("key").len("all_visits")
    keys = inside.group_by("key").agg(visits=pl.len(), accounts=pl.col("account_key").n_unique())
    keys = keys.join(used, on="key").filter(pl.col("accounts") >= 2)
    people = max(units["account_key"].n_unique(), 2)
    purity = pl.col("visits") / pl.col("all_visits")
    keys = keys.with_columns(says=purity**2 * (1 + (people / pl.col("accounts")).log()) * WEIGHTS[name])
    keys = keys.filter(purity >= LEAST_PURITY)
    whole = units.group_by("unit").agg(whole=pl.len())
    return (
        inside.join(keys.select("key", "says"), on="key")
        .group_by("unit", "key")
        .agg(through=pl.len(), says=pl.col("says").first())
        .join(whole, on="unit")
        .select("unit", "key", weight=pl.col("says") * (pl.col("through") / pl.col("whole")).clip(upper_bound=1.0))
    )


def served(units: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """One row per unit and unit of an account that it serves: unit, other, weight, by the unit's share of visits.

    Who lends an account is paid in the same coin, by the same service.
    """
    made = visits.select("session_key", pl.col("target_key").cast(pl.Int64)).join(
        units.select("session_key", "unit", "account_key"), on="session_key", how="inner"
    )
    customers = units.select(pl.col("account_key").cast(pl.Int64).alias("target_key"), other="unit").unique()
    theirs = made.join(customers, on="target_key", how="inner").filter(pl.col("account_key") != pl.col("target_key"))
    whole = made.group_by("unit").agg(whole=pl.len())
    counts = theirs.group_by("unit", "other").agg(visits=pl.len()).join(whole, on="unit")
    weight = SERVES * pl.col("visits") / pl.col("whole")
    return counts.select("unit", "other", weight=weight).sort("unit", "other")


def one_of_each_group(clustered: pl.DataFrame, groups: pl.DataFrame | None) -> pl.DataFrame:
    """Make one of the clusters that have most of their sessions in the same group.

    A group is tested: chance does not bring so many accounts to so many targets at the same time. Where a log knows no
    places, likeness alone would cut its members by how they live.
    """
    if groups is None or groups.is_empty():
        return clustered
    sessions = clustered.group_by("cluster").agg(sessions=pl.len())
    inside = clustered.select("session_key", "cluster").join(groups, on="session_key").unique()
    counts = inside.group_by("cluster", "group_id").agg(inside=pl.len()).join(sessions, on="cluster")
    mostly = counts.filter(pl.col("inside") >= MOSTLY * pl.col("sessions"))
    main = mostly.sort(["inside", "group_id"], descending=[True, False])
    main = main.unique("cluster", keep="first", maintain_order=True)
    joined = main.select("cluster", joined=pl.col("cluster").min().over("group_id"))
    told = clustered.join(joined, on="cluster", how="left", maintain_order="left")
    return told.with_columns(cluster=pl.coalesce("joined", "cluster")).drop("joined")


def clusters(units: pl.DataFrame, edges: pl.DataFrame, pairs: pl.DataFrame, seed: int) -> Integers:
    """Communities of units and keys, by keys and by pairs of units; a unit without links is its own."""
    count = int(units["unit"].to_numpy().max()) + 1
    ordered = edges.sort("unit", "key")
    key = ordered["key"].rank("dense").cast(pl.Int64).to_numpy() - 1
    left = np.concatenate([ordered["unit"].to_numpy(), pairs["unit"].to_numpy()])
    right = np.concatenate([count + key, pairs["other"].to_numpy()])
    weight = np.concatenate([ordered["weight"].to_numpy(), pairs["weight"].to_numpy()])
    if not len(left):
        return np.arange(count, dtype=np.int64)
    vertices = count + int(key.max(initial=-1)) + 1
    return communities(left, right, weight, vertices, seed, resolution=FINE)[:count]
