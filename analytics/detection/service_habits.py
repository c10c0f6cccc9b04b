"""Clusters that nothing but places holds together, dealt out anew by how their sessions work.

Members of a circle engage with one another, and a farm shares its devices; such clusters stay as they are. Customers
of a reciprocity service share neither: they meet on rented networks, where several services meet, and one service
rents many. So what an account's sessions in one cluster are like (length, pace, hours, actions, how much of the
owner's own they show) is counted in bins, and a mixture of multinomials begins with the clusters and moves an account
where the counts speak for another one (expectation and maximisation, a few rounds). The cluster where an account was
found counts as an observation of its own, so that a few sessions move nobody.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.detection.service_manners import HOUR_US, mean_gap, owners_places

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
ITEM = ["account_key", "cluster"]
# What one session, or one engagement for the actions, says of its service. Sessions of one account are alike for
# reasons of its own, too, so that each says less than it would if they were independent.
SAYS = {"size": 1.0, "gap": 1.0, "hour": 0.3, "own": 0.3, "actions": 0.3}
SIZES = (1.5, 2.5, 4.5, 8.5, 16.5)
GAPS_S = (8.0, 15.0, 25.0, 35.0, 50.0, 70.0, 100.0, 180.0, 400.0)
OWN_BITS = {"is_own_client": 4, "is_own_network": 2, "is_own_device": 1}
ACTIONS = ("likes", "follows", "comments", "unfollows")
TWO_HOURS = 12
# What the cluster says where an account was found, in sessions.
FOUND_HERE = 3.0
# So many sessions of everybody's habits are added to each service's own.
PRIOR = 20.0
ROUNDS = 20
# How sure the beginning is.
SURE = 0.9
# Held together by more than places: so much of what members buy goes to members, or comes from shared devices.
LEAST_SERVED = 0.2
LEAST_SHARED = 0.3


def dealt_anew(
    clustered: pl.DataFrame, sessions: pl.DataFrame, visits: pl.DataFrame | None, least: int
) -> pl.DataFrame:
    """Put the sessions of each account and cluster where their habits belong.

    `clustered`: service sessions with `unit` and `cluster`, which come back with some clusters changed, in the same
    order. `sessions`: all of the log's. `visits`: session_key, target_key of what was likely bought. A cluster that
    accounts moved from or to keeps at least `least` of them, or none.
    """
    bound = [held_by_devices(clustered), *([] if visits is None else [held_by_whom_they_serve(clustered, visits)])]
    loose = clustered.join(pl.concat(bound), on="cluster", how="anti")
    if loose["cluster"].n_unique() < 2:
        return clustered
    items = loose.group_by(ITEM).agg(pl.col("unit").min()).sort("unit", "cluster").with_row_index("item")
    clusters, found = np.unique(items["cluster"].to_numpy(), return_inverse=True)
    told = mixture(habits(loose.join(items.select("item", *ITEM), on=ITEM), sessions), found, len(clusters))
    best = enough(told, items["account_key"].to_numpy(), least)
    moved = items.select(*ITEM, dealt=pl.Series(clusters[best]))
    return (
        clustered.join(moved, on=ITEM, how="left", maintain_order="left")
        .with_columns(cluster=pl.coalesce("dealt", "cluster"))
        .drop("dealt")
    )


def held_by_devices(clustered: pl.DataFrame) -> pl.DataFrame:
    """Clusters whose sessions come from devices that several of their accounts use."""
    shared = pl.col("account_key").n_unique().over("cluster", "device_key") > 1
    by_device = clustered.select("cluster", shared=shared & pl.col("device_key").is_not_null())
    shares = by_device.group_by("cluster").agg(pl.col("shared").mean())
    return shares.filter(pl.col("shared") >= LEAST_SHARED).select("cluster")


def held_by_whom_they_serve(clustered: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Clusters whose members buy from one another."""
    members = clustered.select("cluster", target_key=pl.col("account_key").cast(pl.Int64)).unique()
    made = visits.select("session_key", pl.col("target_key").cast(pl.Int64)).join(
        clustered.select("session_key", "cluster"), on="session_key"
    )
    served = made.join(members.with_columns(is_member=pl.lit(value=True)), on=["cluster", "target_key"], how="left")
    shares = served.group_by("cluster").agg(pl.col("is_member").fill_null(value=False).mean())
    return shares.filter(pl.col("is_member") >= LEAST_SERVED).select("cluster")


def habits(loose: pl.DataFrame, sessions: pl.DataFrame) -> list[Floats]:
    """For each kind of habit a table of items by bins: what was counted, times what it says."""
    told = owners_places(loose, sessions).with_columns(
        size=binned(pl.col("engagements"), SIZES),
        gap=binned(pl.when(pl.col("engagements") > 1).then(mean_gap(loose)), GAPS_S),
        hour=pl.col("started_at") // (24 // TWO_HOURS * HOUR_US) % TWO_HOURS,
        own=sum((pl.col(name).cast(pl.Int64) * bit for name, bit in OWN_BITS.items()), start=pl.lit(0)),
    )
    count = int(told["item"].to_numpy().max()) + 1
    bins = {"size": len(SIZES) + 1, "gap": len(GAPS_S) + 1, "hour": TWO_HOURS, "own": 2 ** len(OWN_BITS)}
    tables = [SAYS[name] * counted(told, name, count, width) for name, width in bins.items()]
    acts = told.group_by("item").agg(pl.col(name).sum() for name in ACTIONS).sort("item")
    return [*tables, SAYS["actions"] * acts.select(ACTIONS).to_numpy().astype(np.float64)]


def binned(value: pl.Expr, edges: tuple[float, ...]) -> pl.Expr:
    """The number of edges below a value; nothing for nothing."""
    return pl.when(value.is_not_null()).then(pl.sum_horizontal((value > edge).cast(pl.Int64) for edge in edges))


def counted(told: pl.DataFrame, name: str, count: int, width: int) -> Floats:
    """Sessions of each item in each bin."""
    seen = told.select("item", name).drop_nulls()
    table = np.zeros((count, width))
    np.add.at(table, (seen["item"].to_numpy(), seen[name].to_numpy()), 1.0)
    return table


def mixture(tables: list[Floats], found: Integers, clusters: int) -> Floats:
    """Log-probability of each item in each cluster, up to a constant for each item."""
    at_first = np.eye(clusters)[found]
    share = SURE * at_first + (1 - SURE) / clusters
    told = [*tables, FOUND_HERE * at_first]
    usual = [table.sum(axis=0) / max(table.sum(), 1.0) for table in told]
    for _ in range(ROUNDS):
        chance: Floats = np.log(share.mean(axis=0) + 1e-9) + sum(
            table @ log_habits(share, table, everybody).T for table, everybody in zip(told, usual, strict=True)
        )
        share = np.exp(chance - chance.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
    return chance


def log_habits(share: Floats, table: Floats, everybody: Floats) -> Floats:
    """The logarithm of each cluster's share of each bin."""
    counts = share.T @ table + PRIOR * everybody
    logs: Floats = np.log(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12) + 1e-12)
    return logs


def enough(chance: Floats, accounts: npt.NDArray[np.generic], least: int) -> Integers:
    """Each item's best cluster among those that keep at least so many accounts; the smallest goes first."""
    left = np.ones(chance.shape[1], dtype=bool)
    while True:
        best: Integers = np.where(left, chance, -np.inf).argmax(axis=1)
        people = np.array([len(np.unique(accounts[best == place])) for place in range(chance.shape[1])])
        few = left & (people > 0) & (people < least)
        if not few.any() or left.sum() == 1:
            return best
        left[np.where(few, people, people.max() + 1).argmin()] = False
