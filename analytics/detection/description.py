"""The set-wise part of detection: from a log to one described row per engagement, session and account."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from analytics.detection.accounts import describe_accounts, password_entries
from analytics.detection.engagements import describe_engagements, pairs, targets
from analytics.detection.infrastructure import describe_keys, lives, present_keys, uses
from analytics.detection.log import Frame, Log, Settle, number
from analytics.detection.sessions import number_sessions, pace_sessions, summarise_sessions

MANY_COUNTRIES = 1_000_000


@dataclass(frozen=True, slots=True)
class Description:
    """Settled frames, joined only for the accounts that are scored."""

    numbered: Frame
    sessions: Frame
    engagements: Frame
    accounts: Frame


def describe(log: Log, settle: Settle, everyone: int) -> Description:
    """Sessions, keys, single engagements and accounts of one log."""
    numbered = settle("numbered", number_sessions(log.engagements))
    sessions = settle("paced", pace_sessions(settle("summarised", summarise_sessions(numbered))))
    life = settle("lives", lives(sessions, log.accounts))
    kinds = present_keys(log)
    used = {kind.name: settle(f"uses_{kind.name}", uses(sessions, life, kind)) for kind in kinds}
    placed = settle("placed", describe_keys(sessions, used, log, settle, float(max(everyone, 1))))
    all_pairs, all_targets = settle("pairs", pairs(numbered)), settle("targets", targets(numbered))
    engagements = describe_engagements(numbered, (all_pairs, all_targets, placed), log, settle, used)
    accounts = describe_accounts(sessions, all_pairs, all_targets, log, settle)
    described = sessions.join(placed, on="session_key", how="left").join(
        strangers(numbered, engagements), on="session_key", how="left"
    )
    if log.has("engagements.country"):
        described = described.join(countries(sessions), on="session_key", how="left")
    if log.has("logins"):
        described = described.join(password_entries(sessions, log.logins), on="session_key", how="left")
    return Description(numbered, settle("described_sessions", described), engagements, accounts)


def strangers(numbered: Frame, engagements: Frame) -> Frame:
    """One row per session: the share of its targets that the account never met before or since."""
    unknown = (nw.col("pair_days") <= 1) & (nw.col("back_engagements") <= 0)
    return (
        engagements.select("engagement_key", unknown=nw.when(unknown).then(nw.lit(1.0)).otherwise(nw.lit(0.0)))
        .join(numbered.select("engagement_key", "session_key"), on="engagement_key", how="inner")
        .group_by("session_key")
        .agg(nw.col("unknown").mean().alias("session_stranger_share"))
    )


def countries(sessions: Frame) -> Frame:
    """One row per session: whether it came from another country than most of the account's."""
    there = (
        sessions.filter(~nw.col("country_key").is_null())
        .group_by("account_key", "country_key")
        .agg(nw.len().alias("times"))
    )
    # The most used country, and of equals the last by name.
    code = nw.col("times") * MANY_COUNTRIES + nw.col("country_key")
    usual = there.group_by("account_key").agg((code.max() % MANY_COUNTRIES).alias("usual_country"))
    return sessions.join(usual, on="account_key", how="left").select(
        "session_key",
        session_country_differs=number(
            nw.when(nw.col("country_key") != nw.col("usual_country")).then(nw.lit(1)).otherwise(nw.lit(0))
        ),
    )


# Columns of a session that its engagements have of their own or that no one needs beside them.
_SESSION_ONLY = ("likes", "follows", "comments", "unfollows", "engagements", "ended_at", "latest_end", "next_start")
_OWN = ("account_key", "client_key", "asn", "prefix_key", "device_key", "country_key", "end_before", "quick_gaps")


def rows(description: Description) -> Frame:
    """One row per engagement with everything known of it, its session and its account."""
    session_columns = [
        name for name in description.sessions.collect_schema().names() if name not in _SESSION_ONLY + _OWN
    ]
    told = [name for name in description.engagements.collect_schema().names() if name != "kind"]
    return (
        description.numbered.drop("text", "post_key")
        .join(description.engagements.select(told), on="engagement_key", how="inner")
        .join(description.sessions.select(session_columns), on="session_key", how="inner")
        .join(description.accounts, on="account_key", how="left")
    )
