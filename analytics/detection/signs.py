"""Signs of a service, cheap enough to look for in every account of a large log; the rest is not scored one by one."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from analytics.detection.log import Frame, number

# A place is suspicious from so many accounts and so many times the expected on; a device from more than a household.
CROWDED, SHARED, HOUSEHOLD = 3.0, 8.0, 5.0
# A session is long enough to have a rhythm, even, and among strangers.
LONG, EVEN, STRANGERS = 4.0, 0.8, 0.5
# A place met some days after the first act.
LATE_DAYS = 2.0
# Hours after a password entry in which its place is new.
FRESH = 72.0


# The types of keys that are asked for signs.
KEYS = ("route", "device")


def signs_of(sessions: Frame) -> Frame:
    """One row per account: the most signs that one of its sessions shows, and its engagements."""
    names = set(sessions.collect_schema().names())
    long = nw.col("session_engagements") >= LONG
    told = [
        long & (nw.col("session_gap_cv") <= EVEN),
        nw.col("session_stranger_share") >= STRANGERS,
        nw.col("session_overlaps") > 0,
        nw.col("session_unfollow_share") > 0,
    ]
    if {"route_crowding", "route_accounts"} <= names:
        told.append((nw.col("route_crowding") >= CROWDED) & (nw.col("route_accounts") >= SHARED))
    if {"route_late_days", "device_late_days"} <= names:
        told.append((nw.col("route_late_days") > LATE_DAYS) & (nw.col("device_late_days") > LATE_DAYS))
    if "device_accounts" in names:
        told.append(nw.col("device_accounts") > HOUSEHOLD)
    if "entry_here_age_h" in names:
        told.append(nw.col("entry_here_age_h") <= FRESH)
    count = _one(told[0])
    for condition in told[1:]:
        count = count + _one(condition)
    return (
        sessions.select("account_key", "session_engagements", signs=count)
        .group_by("account_key")
        .agg(nw.col("signs").max(), nw.col("session_engagements").sum().alias("engagements"))
    )


def _one(condition: nw.Expr) -> nw.Expr:
    return number(nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)))


def least_signs(counts: pl.DataFrame, most: int) -> float:
    """The fewest signs, at least one, with which all accounts together stay within so many engagements.

    `counts`: signs and engagements, one row per number of signs.
    """
    told = counts.filter(pl.col("signs") >= 1).sort("signs", descending=True)
    within = told.filter(pl.col("engagements").cum_sum() <= most)
    fewest = within["signs"].min()
    return float(fewest) if isinstance(fewest, int | float) else float("inf")
