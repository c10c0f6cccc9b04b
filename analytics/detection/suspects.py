"""The account model's rows: an account's habits, and what its most suspect sessions are like."""

from __future__ import annotations

import polars as pl

from analytics.detection.features import (
    ACCOUNT_FEATURES,
    ENGAGEMENT_MODEL,
    GRAPH,
    RHYTHM,
    Feature,
)

EVEN = 0.5
_SUSPECT = (
    "client_days_share",
    "client_crowding",
    "client_guest_share",
    "route_days_share",
    "route_late_days",
    "route_accounts",
    "route_crowding",
    "route_guest_share",
    "route_late_share",
    "route_declared",
    "prefix_accounts",
    "prefix_guest_share",
    "device_accounts",
    "device_days_share",
    "device_late_days",
    "session_per_hour",
    "gap_mean_s",
    "session_gap_cv",
    "session_stranger_share",
    "session_follow_share",
    "session_engagements",
    "entry_here_age_h",
    "route_hours",
    "target_company",
    "account_company",
    "target_stranger_company",
    "account_stranger_company",
)
_BY_NAME = {feature.name: feature for feature in ENGAGEMENT_MODEL}


def _suspect(name: str) -> Feature:
    of = _BY_NAME[name]
    return Feature(f"suspect_{name}", of.family, of.reason, f"most suspect sessions: {of.label}", of.needs)


SUSPECT_FEATURES = (
    *(_suspect(name) for name in _SUSPECT),
    Feature("suspect_share", RHYTHM, "suspect", "share of engagements in sessions unlike the owner's"),
    Feature("suspect_engagements", RHYTHM, "suspect", "engagements in sessions unlike the owner's"),
    Feature("suspect_top", RHYTHM, "suspect", "how unlike the owner's the most suspect sessions are"),
    Feature("suspect_p", RHYTHM, "suspect", "mean probability that an engagement was bought"),
    Feature("suspect_proposed", RHYTHM, "suspect", "engagements more likely bought than not"),
    Feature("suspect_lockstep_share", GRAPH, "lockstep", "share of engagements in lockstep"),
    Feature("suspect_lockstep_strength", GRAPH, "lockstep", "strength of its lockstep"),
    Feature("suspect_taken_back", RHYTHM, "taken_back", "share of follows taken back within four days"),
)
ACCOUNT_MODEL: tuple[Feature, ...] = (*ACCOUNT_FEATURES, *SUSPECT_FEATURES)


def suspects(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per account: the means of session features, weighted by how little each session looks like the owner's.

    `rows`: one described engagement per row with its own probability `p`, its session's `p_session`, and, where only
    some of an account's engagements were drawn, the `weight` of each. Nothing here grows with the number of draws.
    """
    stands_for = pl.col("weight") if "weight" in rows.columns else pl.lit(1.0)
    lockstep = pl.col("lockstep_strength").fill_null(0.0)
    weight = pl.col("p_session") * pl.col("p_session") + 1e-9
    present = [name for name in _SUSPECT if name in rows.columns]
    told = rows.group_by("account_key").agg(
        *(
            ((pl.col(name) * weight).sum() / weight.filter(pl.col(name).is_not_null()).sum()).alias(f"suspect_{name}")
            for name in present
        ),
        pl.col("p_session").mean().alias("suspect_share"),
        (pl.col("p_session") * stands_for).sum().alias("suspect_engagements"),
        ((pl.col("p_session") * weight).sum() / weight.sum()).alias("suspect_top"),
        pl.col("p").mean().alias("suspect_p"),
        ((pl.col("p") >= EVEN) * stands_for).sum().alias("suspect_proposed"),
        (lockstep > 0).mean().alias("suspect_lockstep_share"),
        lockstep.filter(lockstep > 0).mean().fill_null(0.0).alias("suspect_lockstep_strength"),
        pl.col("is_taken_back").filter(pl.col("kind").is_in([1, 3])).mean().alias("suspect_taken_back"),
    )
    return told.sort("account_key")


def account_frame(rows: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """One row per account with every feature of the account model that the log can give."""
    return accounts.join(suspects(rows), on="account_key", how="left").sort("account_key")
