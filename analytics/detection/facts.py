"""The facts behind a flag, per queued account: what is proposed, how fast, from where, with whom; and what stays."""

from __future__ import annotations

import polars as pl

from analytics.detection.log import DAY, SECOND

LIKE, FOLLOW, COMMENT, UNFOLLOW = range(4)
KINDS = {"likes": LIKE, "follows": FOLLOW, "comments": COMMENT, "unfollows": UNFOLLOW}


def proposed_facts(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per account with proposed engagements (band review or remove)."""
    proposed = rows.filter(pl.col("band") > 0)
    known = [column for column in PLACE_COLUMNS if column in rows.columns]
    return proposed.group_by("account_key").agg(
        pl.len().alias("proposed"),
        *((pl.col("kind") == code).sum().alias(f"proposed_{name}") for name, code in KINDS.items()),
        (pl.col("at") // DAY).n_unique().alias("proposed_days"),
        pl.col("at").min().alias("proposed_first"),
        pl.col("at").max().alias("proposed_last"),
        (pl.col("gap_us").median() / SECOND).alias("proposed_gap_s"),
        ((pl.col("at") // (DAY // 24) % 24) < 6).mean().alias("proposed_night_share"),
        pl.col("session_key").n_unique().alias("proposed_sessions"),
        ((pl.col("pair_days") <= 1) & (pl.col("back_engagements") <= 0)).mean().alias("proposed_strangers"),
        *(
            (pl.col("is_taken_back").cast(pl.Boolean) & (pl.col("kind") == KINDS[name])).sum().alias(f"{name}_back")
            for name in ("follows", "unfollows")
        ),
        *(pl.col(column).median().alias(f"proposed_{column}") for column in known),
    )


PLACE_COLUMNS = (
    "route_accounts",
    "route_guest_share",
    "route_late_days",
    "client_accounts",
    "prefix_accounts",
    "prefix_guest_share",
    "device_accounts",
    "device_late_days",
    "entry_here_age_h",
    "session_overlaps",
    "text_accounts",
)


def kept_facts(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per account: what stays, how the account acts there, and what looks like the owner's own.

    `source`: whose session each engagement belongs to, in the word by which the activity chart counts it.
    """
    is_kept, is_owner = pl.col("band") == 0, pl.col("source") == "owner"
    kept = rows.filter(is_kept | is_owner)
    day = pl.col("at") // DAY
    return kept.group_by("account_key").agg(
        is_kept.sum().alias("kept"),
        day.filter(is_kept).n_unique().alias("kept_days"),
        is_owner.sum().alias("owner"),
        day.filter(is_owner).n_unique().alias("owner_days"),
        (is_kept & is_owner).sum().alias("owner_kept"),
    )


def usual_facts(sessions: pl.DataFrame) -> dict[str, float]:
    """How sessions usually go in this log: medians over sessions nobody proposes anything from."""
    owner = sessions.filter((pl.col("source") == "owner") & (pl.col("engagements") > 1))
    if owner.is_empty():
        return {"per_hour": float("nan"), "gap_s": float("nan"), "strangers": float("nan")}
    middle = owner.select(
        per_hour=pl.col("session_per_hour").median(),
        gap_s=pl.col("gap_mean_s").median(),
        strangers=pl.col("session_stranger_share").mean(),
    ).row(0, named=True)
    return {name: float("nan") if value is None else float(value) for name, value in middle.items()}


def usual_accounts(flags: pl.DataFrame) -> dict[str, float]:
    """How accounts usually are in this log: medians over those that nobody is asked to look at."""
    names = [
        name
        for name, kind in flags.schema.items()
        if name.startswith(("account_", "suspect_")) and name != "account_key" and kind.is_numeric()
    ]
    others = flags.filter(~pl.col("is_queued"))
    if others.is_empty() or not names:
        return {}
    middle = others.select(pl.col(names).fill_nan(None).median()).row(0, named=True)
    return {name: float(value) for name, value in middle.items() if value is not None}
