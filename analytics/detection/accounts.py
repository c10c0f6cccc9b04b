"""What an account tells: its habits, its circle, its profile and its password entries."""

from __future__ import annotations

import narwhals as nw

from analytics.detection.log import DAY, HOUR, Frame, Log, Settle, count_of, number, ratio


def habits(sessions: Frame) -> Frame:
    """One row per account: how much, when and from how many places it acts."""
    day = nw.col("started_at") // DAY
    table = sessions.group_by("account_key").agg(
        nw.col("engagements").sum().cast(nw.Float64).alias("account_engagements"),
        *(
            nw.col(name).sum().cast(nw.Float64).alias(f"account_{name}")
            for name in ("likes", "follows", "comments", "unfollows")
        ),
        nw.len().cast(nw.Float64).alias("account_sessions"),
        day.n_unique().cast(nw.Float64).alias("account_days"),
        (nw.col("started_at") // HOUR % 24).n_unique().cast(nw.Float64).alias("account_hours"),
        nw.col("session_overlaps").mean().alias("account_overlap_share"),
        nw.col("session_per_hour").max().alias("account_top_pace"),
        nw.col("engagements").max().cast(nw.Float64).alias("account_top_session"),
        nw.col("started_at").min().alias("account_first"),
        nw.col("ended_at").max().alias("account_last"),
        *(
            nw.col(column).n_unique().cast(nw.Float64).alias(f"account_{name}")
            for column, name in (
                ("client_key", "clients"),
                ("asn", "asns"),
                ("prefix_key", "prefixes"),
                ("device_key", "devices"),
                ("country_key", "countries"),
            )
        ),
    )
    return table.with_columns(
        account_per_day=ratio(nw.col("account_engagements"), nw.col("account_days")),
        account_days_share=nw.col("account_days")
        / (number(nw.col("account_last") - nw.col("account_first")) / DAY + 1),
        account_like_share=ratio(nw.col("account_likes"), nw.col("account_engagements")),
        account_follow_share=ratio(nw.col("account_follows"), nw.col("account_engagements")),
        account_comment_share=ratio(nw.col("account_comments"), nw.col("account_engagements")),
        account_unfollow_share=ratio(nw.col("account_unfollows"), nw.col("account_engagements")),
    )


def circle(all_pairs: Frame) -> Frame:
    """One row per account that acted: how often it comes back to the same people, and whether they answer."""
    return (
        all_pairs.group_by("account_key")
        .agg(
            nw.len().cast(nw.Float64).alias("account_targets"),
            nw.when(nw.col("back_first").is_null())
            .then(nw.lit(0.0))
            .otherwise(nw.lit(1.0))
            .mean()
            .alias("account_answered_share"),
            count_of(nw.col("pair_days") > 1).alias("targets_revisited"),
        )
        .with_columns(account_revisited_share=ratio(nw.col("targets_revisited"), nw.col("account_targets")))
        .drop("targets_revisited")
    )


def popularity(all_targets: Frame) -> Frame:
    """One row per target: what it receives, as the account's own standing."""
    return all_targets.select(
        nw.col("target_key").alias("account_key"),
        account_received=nw.col("target_engagements"),
        account_admirers=nw.col("target_actors"),
    )


def profile(accounts: Frame, last_at: int) -> Frame:
    """One row per account of the accounts table: age and the shape of its profile."""
    return accounts.select(
        "account_key",
        account_age_days=number(nw.lit(last_at) - nw.col("created_at")) / DAY,
        account_followers=number(nw.col("followers")),
        account_following=number(nw.col("following")),
        account_posts=number(nw.col("posts")),
        account_following_ratio=(number(nw.col("following")) + 1) / (number(nw.col("followers")) + 1),
        account_is_verified=number(nw.col("is_verified")),
        account_is_delegated=number(nw.col("is_delegated")),
        account_country_key=nw.col("country_key"),
    )


def entries(logins: Frame) -> Frame:
    """One row per account with password entries: how many, from how many networks."""
    return logins.group_by("account_key").agg(
        nw.len().cast(nw.Float64).alias("account_logins"),
        nw.col("asn").n_unique().cast(nw.Float64).alias("account_login_asns"),
        nw.col("country_key").n_unique().cast(nw.Float64).alias("account_login_countries"),
    )


def describe_accounts(sessions: Frame, all_pairs: Frame, all_targets: Frame, log: Log, settle: Settle) -> Frame:
    """One row per account that acted."""
    told = settle("habits", habits(sessions))
    parts = [settle("circle", circle(all_pairs)), popularity(all_targets)]
    if log.has("accounts"):
        parts.append(profile(log.accounts, log.last_at))
    if log.has("logins"):
        parts.append(entries(log.logins))
    for part in parts:
        told = told.join(part, on="account_key", how="left")
    return settle("described_accounts", against_usual(settle("joined_accounts", told)))


# Volumes differ from platform to platform: the model sees them as multiples of this log's median.
_SCALED = ("account_per_day", "account_received", "account_admirers", "account_followers", "account_posts")


def against_usual(told: Frame) -> Frame:
    """Add each volume as a multiple of the log's median account."""
    present = [name for name in _SCALED if name in told.collect_schema().names()]
    middles = told.select(*(nw.col(name).median() for name in present)).collect()
    scales = {name: float(middles[name].item() or 0.0) + 1.0 for name in present}
    return told.with_columns(**{f"{name}_times": (nw.col(name) + 1) / scale for name, scale in scales.items()})


def password_entries(sessions: Frame, logins: Frame) -> Frame:
    """One row per session: hours since the password was last entered, anywhere and from the session's network."""
    entered = logins.select("account_key", "asn", "at", session_key=nw.lit(-1).cast(nw.Int64), entry=nw.col("at"))
    began = sessions.select(
        "account_key",
        "asn",
        at=nw.col("started_at"),
        session_key=nw.col("session_key").cast(nw.Int64),
        entry=nw.lit(None).cast(nw.Int64),
    )
    order = ("at", "session_key")
    together = nw.concat([entered, began], how="vertical").with_columns(entry=nw.col("entry").fill_null(-1))
    told = together.with_columns(
        last_entry=nw.col("entry").cum_max().over("account_key", order_by=order),
        last_entry_here=nw.col("entry").cum_max().over("account_key", "asn", order_by=order),
    ).filter(nw.col("session_key") >= 0)
    return told.select(
        "session_key",
        entry_age_h=_age(nw.col("last_entry")),
        entry_here_age_h=_age(nw.col("last_entry_here")),
    )


def _age(entry: nw.Expr) -> nw.Expr:
    return nw.when(entry >= 0).then(number(nw.col("at") - entry) / HOUR).otherwise(None)
