"""How a cluster of sessions works, and which clusters work alike: pace, hours, actions, changes of place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
HOUR_US = 3_600_000_000
# What accounts of one service differ by, and what few sessions add to that.
SPREAD = {
    "pace": 0.3,
    "pace_spread": 0.2,
    "size": 0.15,
    "likes": 0.06,
    "follows": 0.06,
    "comments": 0.04,
    "unfollows": 0.05,
    "hour_x": 0.15,
    "hour_y": 0.15,
    "prefixes": 0.1,
    "networks": 0.12,
    "devices": 0.1,
    "own_client": 0.15,
    "own_network": 0.1,
    "own_device": 0.1,
}
NOISE = 0.4
FEW = 8.0
NEIGHBOURS = 10
# How much working alike says beside shared keys.
WEIGHT = 5.0
BLOCK = 500
# Units that others are compared with, at most.
MOST_COMPARED = 8_000


def likeness(units: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """One row per unit and one of the units that work most like it: unit, other, weight."""
    told = manners(units, sessions)
    if len(told) < 3:
        return pl.DataFrame(schema={"unit": pl.Int64, "other": pl.Int64, "weight": pl.Float64})
    matrix = np.column_stack([told[name].to_numpy() for name in SPREAD])
    base = np.array(list(SPREAD.values()))
    noise = NOISE / np.sqrt(told["sessions"].to_numpy())
    one, other, distance = nearest(matrix / base, noise)
    names = told["unit"].to_numpy()
    weight = WEIGHT / NEIGHBOURS * np.exp(-distance / len(SPREAD))
    return pl.DataFrame({"unit": names[one], "other": names[other], "weight": weight})


def nearest(matrix: Floats, noise: Floats) -> tuple[Integers, Integers, Floats]:
    """Each row's nearest rows and their squared distances, in blocks; few sessions make a distance count for less."""
    compared = np.arange(0, len(matrix), 1 + len(matrix) // MOST_COMPARED)
    count = min(NEIGHBOURS, len(compared) - 1)
    square = (matrix**2).sum(axis=1)
    ones, others, distances = [], [], []
    for low in range(0, len(matrix), BLOCK):
        rows = np.arange(low, min(low + BLOCK, len(matrix)))
        far = square[rows, None] + square[None, compared] - 2 * matrix[rows] @ matrix[compared].T
        far = np.maximum(far, 0.0) / (1 + FEW * (noise[rows, None] ** 2 + noise[None, compared] ** 2))
        far[rows[:, None] == compared[None, :]] = np.inf
        near = np.argpartition(far, count - 1, axis=1)[:, :count]
        ones.append(np.repeat(rows, count))
        others.append(compared[near].ravel())
        distances.append(np.take_along_axis(far, near, axis=1).ravel())
    return np.concatenate(ones), np.concatenate(others), np.concatenate(distances)


def manners(units: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """One row per unit: how it works."""
    own = owners_places(units, sessions)
    hour = (pl.col("started_at") % (24 * HOUR_US)) / (24 * HOUR_US) * 2 * np.pi
    pace = (mean_gap(units).clip(lower_bound=0.3) + 1).log()
    acts = pl.col("engagements").sum()
    by_unit = own.group_by("unit").agg(
        sessions=pl.len(),
        pace=pace.filter(pl.col("engagements") > 1).mean(),
        pace_spread=pace.filter(pl.col("engagements") > 1).std(),
        size=pl.col("engagements").mean().log(),
        **{name: pl.col(name).sum() / acts for name in ("likes", "follows", "comments", "unfollows")},
        hour_x=hour.cos().mean(),
        hour_y=hour.sin().mean(),
        prefixes=variety("prefix_key"),
        networks=variety("asn"),
        devices=variety("device_key"),
        own_client=pl.col("is_own_client").cast(pl.Float64).mean(),
        own_network=pl.col("is_own_network").cast(pl.Float64).mean(),
        own_device=pl.col("is_own_device").cast(pl.Float64).mean(),
    )
    usual = by_unit.select(pl.col(list(SPREAD)).fill_nan(None).mean())
    filled = [pl.col(name).fill_nan(None).fill_null(usual[name][0] or 0.0) for name in SPREAD]
    return by_unit.with_columns(filled).sort("unit")


def mean_gap(sessions: pl.DataFrame) -> pl.Expr:
    """Seconds between two engagements of a session, on the average."""
    if "gap_mean_s" in sessions.columns:
        return pl.col("gap_mean_s")
    return (pl.col("ended_at") - pl.col("started_at")) / 1e6 / (pl.col("engagements") - 1).clip(lower_bound=1)


def variety(name: str) -> pl.Expr:
    """How often a new place turns up: 0 for always the same, 1 for a new one every session."""
    return (pl.col(name).n_unique() - 1).cast(pl.Float64) / (pl.len() - 1).clip(lower_bound=1)


def owners_places(units: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Say of each session whether its client, network and device are those of the account's other sessions."""
    own = sessions.join(units.select("session_key"), on="session_key", how="anti")
    told = units
    for name, column in (("is_own_client", "client_key"), ("is_own_network", "asn"), ("is_own_device", "device_key")):
        places = own.select("account_key", column).drop_nulls().unique().with_columns(pl.lit(value=True).alias(name))
        told = told.join(places, on=["account_key", column], how="left").with_columns(
            pl.col(name).fill_null(value=False)
        )
    return told
