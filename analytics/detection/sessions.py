"""Sessions: an account's engagements from one client, network and device with gaps under 30 minutes."""

from __future__ import annotations

import narwhals as nw

from analytics.detection.log import HOUR, MINUTE, SECOND, Frame, count_of, number, ratio

SESSION_GAP = 30 * MINUTE
# Two taps of a thumb come closer than this; so do a script's, hence a share and never a rule.
QUICK_GAP = 3 * SECOND
PROFILE = ("client_key", "asn", "prefix_key", "device_key")
ORDER = ("at", "engagement_key")


def number_sessions(engagements: Frame) -> Frame:
    """Give each engagement its session (the key of the session's first engagement) and the gap before it."""
    profile = ("actor_key", *PROFILE)
    gap = nw.col("at") - nw.col("at").shift(1).over(*profile, order_by=ORDER)
    opens = nw.col("gap_us").is_null() | (nw.col("gap_us") > SESSION_GAP)
    key = nw.when(opens).then(nw.col("engagement_key")).otherwise(nw.lit(0)).cast(nw.Int64)
    return (
        engagements.with_columns(gap_us=gap)
        .with_columns(
            session_key=key.cum_max().over(*profile, order_by=ORDER),
            gap_us=nw.when(opens).then(None).otherwise(nw.col("gap_us")),
        )
        .rename({"actor_key": "account_key"})
    )


def summarise_sessions(numbered: Frame) -> Frame:
    """One row per session: what it did, how fast, from where."""
    gap = number(nw.col("gap_us")) / SECOND
    kinds = {"likes": 0, "follows": 1, "comments": 2, "unfollows": 3}
    return numbered.group_by("session_key", "account_key").agg(
        nw.col("at").min().alias("started_at"),
        nw.col("at").max().alias("ended_at"),
        *(nw.col(column).min() for column in (*PROFILE, "country_key")),
        nw.len().cast(nw.Float64).alias("engagements"),
        *(count_of(nw.col("kind") == code).alias(name) for name, code in kinds.items()),
        gap.mean().alias("gap_mean_s"),
        (gap * gap).mean().alias("gap_square_s"),
        gap.min().alias("gap_min_s"),
        count_of(nw.col("gap_us") <= QUICK_GAP).alias("quick_gaps"),
    )


def pace_sessions(sessions: Frame) -> Frame:
    """Add rates, shares and regularity, and whether another session of the account runs at the same time."""
    order = ("started_at", "session_key")
    spread = nw.col("gap_square_s") - nw.col("gap_mean_s") * nw.col("gap_mean_s")
    seconds = number(nw.col("ended_at") - nw.col("started_at")) / SECOND
    gaps = nw.col("engagements") - 1
    latest = nw.col("ended_at").cum_max().over("account_key", order_by=order)
    paced = sessions.with_columns(
        session_engagements=nw.col("engagements"),
        session_minutes=seconds / 60,
        session_per_hour=nw.col("engagements") * 3600 / (seconds + 60),
        session_gap_cv=nw.when(spread > 0).then(spread.sqrt() / nw.col("gap_mean_s")).otherwise(None),
        session_quick_share=ratio(nw.col("quick_gaps"), gaps),
        **{
            f"session_{name[:-1]}_share": ratio(nw.col(name), nw.col("engagements"))
            for name in ("likes", "follows", "comments", "unfollows")
        },
        latest_end=latest,
        next_start=nw.col("started_at").shift(-1).over("account_key", order_by=order),
    )
    before = nw.col("latest_end").shift(1).over("account_key", order_by=order)
    return paced.with_columns(end_before=before).with_columns(
        session_overlaps=nw.when(
            (nw.col("end_before") >= nw.col("started_at")) | (nw.col("next_start") <= nw.col("ended_at"))
        )
        .then(nw.lit(1.0))
        .otherwise(nw.lit(0.0)),
        session_pause_h=number(nw.col("started_at") - nw.col("end_before")) / HOUR,
    )
