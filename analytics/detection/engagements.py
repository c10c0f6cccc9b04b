"""What a single engagement tells: does the actor know the target, who else came from the place, how it is timed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from analytics.detection.infrastructure import KeyType, present_keys
from analytics.detection.log import DAY, HOUR, Frame, Log, Settle, number, ratio

FOLLOW, COMMENT, UNFOLLOW = 1, 2, 3
# A follow taken back this soon was never meant.
CHURN = 96 * HOUR
# Keys wide enough to hold strangers and narrow enough to mean one machine room.
COMPANION_KEYS = ("route", "prefix", "device")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all engagements of a log together say, settled, to be looked up for single ones.

    `crowds` and `homes` by type of key; what a log does not know is not there.
    """

    pairs: Frame
    targets: Frame
    hours: Frame
    days: Frame
    mean_target: float
    crowds: Mapping[KeyType, Frame]
    homes: Mapping[KeyType, Frame]
    posts: Frame | None
    visitors: tuple[Frame, Frame] | None
    words: Frame | None


def pairs(numbered: Frame) -> Frame:
    """One row per actor and target: how often, over which time, and follows taken back."""
    followed = nw.when(nw.col("kind") == FOLLOW).then(nw.col("at")).otherwise(None)
    undone = nw.when(nw.col("kind") == UNFOLLOW).then(nw.col("at")).otherwise(None)
    # Day by day first: grouping twice is much cheaper than telling the distinct days of each group apart.
    days = (
        numbered.select("account_key", "target_key", "at", followed=followed, undone=undone, day=nw.col("at") // DAY)
        .group_by("account_key", "target_key", "day")
        .agg(
            nw.len().alias("times"),
            nw.col("at").min().alias("first"),
            nw.col("at").max().alias("last"),
            nw.col("followed").min(),
            nw.col("undone").max(),
        )
    )
    return days.group_by("account_key", "target_key").agg(
        nw.col("times").sum().cast(nw.Float64).alias("pair_engagements"),
        nw.col("first").min().alias("pair_first"),
        nw.col("last").max().alias("pair_last"),
        nw.len().cast(nw.Float64).alias("pair_days"),
        nw.col("followed").min().alias("pair_followed"),
        nw.col("undone").max().alias("pair_unfollowed"),
    )


def both_ways(one_way: Frame) -> Frame:
    """One row per actor and target, with what passed the other way."""
    back = one_way.select(
        nw.col("target_key").alias("account_key"),
        nw.col("account_key").alias("target_key"),
        nw.col("pair_engagements").alias("back_engagements"),
        nw.col("pair_first").alias("back_first"),
        nw.col("pair_last").alias("back_last"),
    )
    return one_way.join(back, on=["account_key", "target_key"], how="left")


def strangers(numbered: Frame, all_pairs: Frame) -> Frame:
    """One row per session: the share of its targets that the account never met before or since."""
    unknown = (nw.col("pair_days") <= 1) & nw.col("back_first").is_null()
    told = all_pairs.select("account_key", "target_key", unknown=flag(unknown))
    return (
        numbered.select("account_key", "target_key", "session_key")
        .join(told, on=["account_key", "target_key"], how="inner")
        .group_by("session_key")
        .agg(nw.col("unknown").mean().alias("session_stranger_share"))
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


def mean_of(frame: Frame, column: str) -> float:
    """One mean over all rows; 1 where there are none, so that it can divide."""
    told = frame.select(nw.col(column).mean()).collect().item()
    return float(told) if told else 1.0


def hits(numbered: Frame, name: str, length_us: int) -> Frame:
    """One row per target and stretch of time: how much it got."""
    stretch = numbered.select("target_key", (nw.col("at") // length_us).alias(name))
    return stretch.group_by("target_key", name).agg(nw.len().cast(nw.Float64).alias(f"{name}_hits"))


def posts(numbered: Frame) -> Frame:
    """One row per post: its first engagement and its crowd."""
    posted = numbered.filter(~nw.col("post_key").is_null())
    return posted.group_by("post_key").agg(
        nw.col("at").min().alias("post_first"), nw.len().cast(nw.Float64).alias("post_engagements")
    )


def crowds(numbered: Frame, kind: KeyType) -> Frame:
    """One row per key, target and day: how many accounts came from the key to the target on that day."""
    there = numbered.filter(*(~nw.col(column).is_null() for column in kind.columns))
    place = ("target_key", *kind.columns, "day")
    each = there.with_columns(day=nw.col("at") // DAY).group_by(*place, "account_key").agg(nw.len().alias("times"))
    return each.group_by(*place).agg(nw.len().cast(nw.Float64).alias("crowd"))


def homes(used: Frame, kind: KeyType) -> Frame:
    """One row per key and account that acts from it, as the target of others.

    A target that acts from the same prefix or device is what a household or a class does. A whole client and network
    is too wide to mean that; there only targets count that are guests on it themselves, as the members of a collusion
    network are.
    """
    there = used.filter(nw.col("use_days_share") < 0.5) if kind.name == "route" else used
    return there.select(nw.col("account_key").alias("target_key"), *kind.columns, is_neighbour=nw.lit(1.0))


def guests(sessions: Frame, route: Frame) -> Frame:
    """One row per session: whether its account is a guest where it came from."""
    guest = (nw.col("route_days_share") < 0.5) & (nw.col("route_late_days") > 1)
    there = ["account_key", "client_key", "asn"]
    told = route.select(*there, is_guest=flag(guest))
    joined = sessions.select("session_key", *there).join(told, on=there, how="left")
    return joined.select("session_key", nw.col("is_guest").fill_null(0.0))


def visitors(numbered: Frame, guest: Frame) -> Frame:
    """One row per target: how many engagements it got, and from guests of the place they came from."""
    return (
        numbered.select("session_key", "target_key")
        .join(guest, on="session_key", how="inner")
        .group_by("target_key")
        .agg(nw.col("is_guest").sum().cast(nw.Float64).alias("guests"), nw.len().cast(nw.Float64).alias("visits"))
    )


def written(numbered: Frame) -> Frame:
    """The engagements, with the bare words of a comment; none of anything else."""
    words = nw.col("text").str.to_lowercase().str.replace_all(r"[^\p{L}]+", " ").str.strip_chars()
    is_comment = (nw.col("kind") == COMMENT) & ~nw.col("text").is_null()
    return numbered.with_columns(
        words=nw.when(is_comment).then(words).otherwise(None),
        text_length=nw.when(is_comment).then(nw.col("text").str.len_chars().cast(nw.Float64)).otherwise(None),
    )


def phrases(numbered: Frame) -> Frame:
    """One row per comment's words: how many accounts write them, how often."""
    told = written(numbered).filter(~nw.col("words").is_null())
    return told.group_by("words").agg(
        nw.col("account_key").n_unique().cast(nw.Float64).alias("text_accounts"),
        nw.len().cast(nw.Float64).alias("text_uses"),
    )


def surroundings(
    numbered: Frame, settled: tuple[Frame, Frame, Frame | None], used: Mapping[str, Frame], log: Log, settle: Settle
) -> Surroundings:
    """Everything that single engagements are looked up in. `settled`: pairs, targets, and sessions as guests."""
    all_pairs, all_targets, guest = settled
    kinds = [kind for kind in present_keys(log) if kind.name in COMPANION_KEYS]
    return Surroundings(
        pairs=all_pairs,
        targets=all_targets,
        hours=settle("hours", hits(numbered, "hour", HOUR)),
        days=settle("days", hits(numbered, "day", DAY)),
        mean_target=mean_of(all_targets, "target_engagements"),
        crowds={kind: settle(f"crowds_{kind.name}", crowds(numbered, kind)) for kind in kinds},
        homes={kind: settle(f"homes_{kind.name}", homes(used[kind.name], kind)) for kind in kinds},
        posts=settle("posts", posts(numbered)) if log.has("engagements.post_id") else None,
        visitors=None if guest is None else (guest, settle("visitors", visitors(numbered, guest))),
        words=settle("phrases", phrases(numbered)) if log.has("engagements.text") else None,
    )


def describe_engagements(numbered: Frame, around: Surroundings, settle: Settle, name: str) -> Frame:
    """One row for each of some engagements with everything the log allows to say about it alone.

    In steps, each in place of the one before. A step looks rows up in one table that is as large as the log, for two
    of these do not fit into the engine's memory beside each other.
    """
    told = settle(name, acquaintance(numbered, around.pairs))
    told = settle(name, when(told, around.hours, "hour", HOUR))
    told = settle(name, when(told, around.days, "day", DAY))
    told = settle(name, audience(told, around))
    if around.visitors is not None:
        told = settle(name, among_guests(told, *around.visitors))
    for kind in around.crowds:
        told = settle(name, beside(told, around, kind))
    if around.words is not None:
        told = settle(name, written(told).join(around.words, on="words", how="left").drop("words"))
    return told.drop("post_key", "text")


def acquaintance(numbered: Frame, all_pairs: Frame) -> Frame:
    """Add what passed between actor and target before and since, both ways."""
    churned = (nw.col("pair_unfollowed") - nw.col("pair_followed")).fill_null(-1)
    follows = (nw.col("kind") == FOLLOW) | (nw.col("kind") == UNFOLLOW)
    return (
        numbered.join(all_pairs, on=["account_key", "target_key"], how="left")
        .with_columns(
            pair_age_h=number(nw.col("at") - nw.col("pair_first")) / HOUR,
            back_engagements=nw.col("back_engagements").fill_null(0.0),
            was_approached=flag(nw.col("back_first").fill_null(nw.col("at")) < nw.col("at")),
            was_answered=flag(nw.col("back_last").fill_null(nw.col("at")) > nw.col("at")),
            approach_age_h=number(nw.col("at") - nw.col("back_first")) / HOUR,
            is_taken_back=flag(follows & (churned >= 0) & (churned <= CHURN)),
        )
        .drop("pair_first", "pair_last", "pair_followed", "pair_unfollowed", "back_first", "back_last")
    )


def when(numbered: Frame, table: Frame, name: str, length_us: int) -> Frame:
    """Add how much the target got in the same stretch of time."""
    stretch = numbered.with_columns((nw.col("at") // length_us).alias(name))
    return stretch.join(table, on=["target_key", name], how="left").drop(name)


def audience(numbered: Frame, around: Surroundings) -> Frame:
    """Add how popular the target is, how crowded its hour and its day were, and how old the post was."""
    days = number(nw.col("target_last") - nw.col("target_first")) / DAY + 1
    usual_day = nw.col("target_engagements") / days
    told = (
        numbered.join(around.targets, on="target_key", how="left")
        .with_columns(
            target_popularity=nw.col("target_engagements") / around.mean_target,
            target_repeat=ratio(nw.col("target_engagements"), nw.col("target_actors")),
            target_hour_share=ratio(nw.col("hour_hits"), nw.col("target_engagements")),
            target_hour_burst=nw.col("hour_hits") / (usual_day / 24 + 1),
            target_day_burst=nw.col("day_hits") / (usual_day + 1),
        )
        .drop("hour_hits", "day_hits", "target_engagements", "target_actors", "target_first", "target_last")
    )
    if around.posts is None:
        return told
    aged = told.join(around.posts, on="post_key", how="left").with_columns(
        post_age_h=number(nw.col("at") - nw.col("post_first")) / HOUR
    )
    return aged.drop("post_first")


def among_guests(numbered: Frame, guest: Frame, per_target: Frame) -> Frame:
    """Add how many of the target's other engagements come from where their actors are guests."""
    share = (nw.col("guests") - nw.col("is_guest") + 0.1) / nw.col("visits")
    told = numbered.join(guest, on="session_key", how="left").join(per_target, on="target_key", how="left")
    return told.with_columns(target_guest_share=share).drop("is_guest", "guests", "visits")


def beside(numbered: Frame, around: Surroundings, kind: KeyType) -> Frame:
    """Add how many other accounts came from the same key to the target that day, and whether it acts from there."""
    known = nw.lit(value=True)
    for column in kind.columns:
        known = known & ~nw.col(column).is_null()
    there = nw.when(known).then(nw.col("is_neighbour").fill_null(0.0)).otherwise(None)
    return (
        numbered.with_columns(day=nw.col("at") // DAY)
        .join(around.crowds[kind], on=["target_key", *kind.columns, "day"], how="left")
        .join(around.homes[kind], on=["target_key", *kind.columns], how="left")
        .with_columns(**{f"{kind.name}_companions": nw.col("crowd") - 1, f"{kind.name}_neighbour": there})
        .drop("day", "crowd", "is_neighbour")
    )
