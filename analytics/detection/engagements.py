"""What a single engagement tells: does the actor know the target, who else came from the place, how it is timed."""

from __future__ import annotations

import narwhals as nw

from analytics.detection.infrastructure import KeyType, present_keys
from analytics.detection.log import DAY, HOUR, Frame, Log, Settle, number, ratio

FOLLOW, COMMENT, UNFOLLOW = 1, 2, 3
# A follow taken back this soon was never meant.
CHURN = 96 * HOUR
# Keys wide enough to hold strangers and narrow enough to mean one machine room.
COMPANION_KEYS = ("route", "prefix", "device")


def pairs(numbered: Frame) -> Frame:
    """One row per actor and target: how often, over which time, and follows taken back."""
    followed = nw.when(nw.col("kind") == FOLLOW).then(nw.col("at")).otherwise(None)
    undone = nw.when(nw.col("kind") == UNFOLLOW).then(nw.col("at")).otherwise(None)
    return numbered.group_by("account_key", "target_key").agg(
        nw.len().cast(nw.Float64).alias("pair_engagements"),
        nw.col("at").min().alias("pair_first"),
        nw.col("at").max().alias("pair_last"),
        (nw.col("at") // DAY).n_unique().cast(nw.Float64).alias("pair_days"),
        followed.min().alias("pair_followed"),
        undone.max().alias("pair_unfollowed"),
    )


def acquaintance(numbered: Frame, all_pairs: Frame) -> Frame:
    """One row per engagement: what passed between actor and target before and since, both ways."""
    back = all_pairs.select(
        nw.col("target_key").alias("account_key"),
        nw.col("account_key").alias("target_key"),
        nw.col("pair_engagements").alias("back_engagements"),
        nw.col("pair_first").alias("back_first"),
        nw.col("pair_last").alias("back_last"),
    )
    churned = (nw.col("pair_unfollowed") - nw.col("pair_followed")).fill_null(-1)
    joined = (
        numbered.select("engagement_key", "account_key", "target_key", "kind", "at")
        .join(all_pairs, on=["account_key", "target_key"], how="left")
        .join(back, on=["account_key", "target_key"], how="left")
    )
    return joined.select(
        "engagement_key",
        pair_engagements=nw.col("pair_engagements"),
        pair_days=nw.col("pair_days"),
        pair_age_h=number(nw.col("at") - nw.col("pair_first")) / HOUR,
        back_engagements=nw.col("back_engagements").fill_null(0.0),
        was_approached=flag(nw.col("back_first").fill_null(nw.col("at")) < nw.col("at")),
        was_answered=flag(nw.col("back_last").fill_null(nw.col("at")) > nw.col("at")),
        approach_age_h=number(nw.col("at") - nw.col("back_first")) / HOUR,
        is_taken_back=flag(
            ((nw.col("kind") == FOLLOW) | (nw.col("kind") == UNFOLLOW)) & (churned >= 0) & (churned <= CHURN)
        ),
    )


def flag(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def targets(numbered: Frame) -> Frame:
    """One row per target: how much it gets, from how many, since when."""
    return numbered.group_by("target_key").agg(
        nw.len().cast(nw.Float64).alias("target_engagements"),
        nw.col("account_key").n_unique().cast(nw.Float64).alias("target_actors"),
        nw.col("at").min().alias("target_first"),
        nw.col("at").max().alias("target_last"),
    )


def guests(numbered: Frame, placed: Frame) -> Frame:
    """One row per engagement: how many of the target's other engagements come from where their actors are guests."""
    guest = (nw.col("route_days_share") < 0.5) & (nw.col("route_late_days") > 1)
    here = numbered.select("engagement_key", "session_key", "target_key").join(
        placed.select("session_key", is_guest=flag(guest)), on="session_key", how="inner"
    )
    per_target = here.group_by("target_key").agg(
        nw.col("is_guest").sum().cast(nw.Float64).alias("guests"), nw.len().cast(nw.Float64).alias("visits")
    )
    return here.join(per_target, on="target_key", how="inner").select(
        "engagement_key", target_guest_share=(nw.col("guests") - nw.col("is_guest") + 0.1) / nw.col("visits")
    )


def audience(numbered: Frame, all_targets: Frame) -> Frame:
    """One row per engagement: how popular the target is and how crowded its hour and its day were."""
    hour, day = nw.col("at") // HOUR, nw.col("at") // DAY
    here = numbered.select("engagement_key", "target_key", "at", hour=hour, day=day)
    per_hour = here.group_by("target_key", "hour").agg(nw.len().cast(nw.Float64).alias("hour_hits"))
    per_day = here.group_by("target_key", "day").agg(nw.len().cast(nw.Float64).alias("day_hits"))
    days = number(nw.col("target_last") - nw.col("target_first")) / DAY + 1
    usual_day = nw.col("target_engagements") / days
    mean = mean_of(all_targets, "target_engagements")
    return (
        here.join(all_targets, on="target_key", how="left")
        .join(per_hour, on=["target_key", "hour"], how="left")
        .join(per_day, on=["target_key", "day"], how="left")
        .select(
            "engagement_key",
            target_popularity=nw.col("target_engagements") / mean,
            target_repeat=ratio(nw.col("target_engagements"), nw.col("target_actors")),
            target_hour_share=ratio(nw.col("hour_hits"), nw.col("target_engagements")),
            target_hour_burst=nw.col("hour_hits") / (usual_day / 24 + 1),
            target_day_burst=nw.col("day_hits") / (usual_day + 1),
        )
    )


def mean_of(frame: Frame, column: str) -> float:
    """One mean over all rows; 1 where there are none, so that it can divide."""
    told = frame.select(nw.col(column).mean()).collect().item()
    return float(told) if told else 1.0


def post_ages(numbered: Frame) -> Frame:
    """One row per engagement on a post: how long after the post's first engagement it came, and the post's crowd."""
    posted = numbered.filter(~nw.col("post_key").is_null())
    first = posted.group_by("post_key").agg(
        nw.col("at").min().alias("post_first"), nw.len().cast(nw.Float64).alias("post_engagements")
    )
    return posted.join(first, on="post_key", how="inner").select(
        "engagement_key",
        "post_engagements",
        post_age_h=number(nw.col("at") - nw.col("post_first")) / HOUR,
    )


def companions(numbered: Frame, kind: KeyType) -> Frame:
    """One row per engagement with the key: how many other accounts came from it to the same target within the day."""
    columns = ["target_key", *kind.columns]
    there = numbered.filter(*(~nw.col(column).is_null() for column in kind.columns)).with_columns(
        day=nw.col("at") // DAY
    )
    crowd = there.group_by(*columns, "day").agg(nw.col("account_key").n_unique().cast(nw.Float64).alias("crowd"))
    return there.join(crowd, on=[*columns, "day"], how="inner").select(
        "engagement_key", (nw.col("crowd") - 1).alias(f"{kind.name}_companions")
    )


def neighbours(numbered: Frame, used: Frame, kind: KeyType) -> Frame:
    """One row per engagement with the key: whether the target acts from the same key.

    From a prefix or a device that is what a household or a class does. A whole client and network is too wide to mean
    that; there only targets count that are guests on it themselves, as the members of a collusion network are.
    """
    there = used.filter(nw.col("use_days_share") < 0.5) if kind.name == "route" else used
    home = there.select(nw.col("account_key").alias("target_key"), *kind.columns, is_neighbour=nw.lit(1.0))
    return (
        numbered.filter(*(~nw.col(column).is_null() for column in kind.columns))
        .join(home, on=["target_key", *kind.columns], how="left")
        .select("engagement_key", nw.col("is_neighbour").fill_null(0.0).alias(f"{kind.name}_neighbour"))
    )


def comments(numbered: Frame) -> Frame:
    """One row per comment: its length and how many accounts write the same words."""
    words = nw.col("text").str.to_lowercase().str.replace_all(r"[^\p{L}]+", " ").str.strip_chars()
    written = numbered.filter((nw.col("kind") == COMMENT) & ~nw.col("text").is_null()).select(
        "engagement_key", "account_key", words=words, text_length=nw.col("text").str.len_chars().cast(nw.Float64)
    )
    same = written.group_by("words").agg(
        nw.col("account_key").n_unique().cast(nw.Float64).alias("text_accounts"),
        nw.len().cast(nw.Float64).alias("text_uses"),
    )
    return written.join(same, on="words", how="inner").select(
        "engagement_key", "text_length", "text_accounts", "text_uses"
    )


def describe_engagements(
    numbered: Frame,
    settled: tuple[Frame, Frame, Frame],
    log: Log,
    settle: Settle,
    used: dict[str, Frame],
) -> Frame:
    """One row per engagement with everything the log allows to say about it alone.

    `settled`: pairs, targets and described keys.
    """
    all_pairs, all_targets, placed = settled
    told = settle("acquaintance", acquaintance(numbered, all_pairs))
    parts = [settle("audience", audience(numbered, all_targets))]
    if log.has("engagements.post_id"):
        parts.append(settle("post_ages", post_ages(numbered)))
    for kind in present_keys(log):
        if kind.name in COMPANION_KEYS:
            parts.append(settle(f"companions_{kind.name}", companions(numbered, kind)))
            parts.append(settle(f"neighbours_{kind.name}", neighbours(numbered, used[kind.name], kind)))
    if "route" in used:
        parts.append(settle("guests", guests(numbered, placed)))
    if log.has("engagements.text"):
        parts.append(settle("comments", comments(numbered)))
    for part in parts:
        told = told.join(part, on="engagement_key", how="left")
    return settle("described_engagements", told)
