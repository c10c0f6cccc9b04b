"""The set-wise part of detection: from a log to one described row per engagement, session and account."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from analytics.detection.accounts import describe_accounts, password_entries
from analytics.detection.engagements import describe_engagements, pairs, targets
from analytics.detection.infrastructure import describe_keys, lives, present_keys, uses
from analytics.detection.log import Log, Settle, number
from analytics.detection.sessions import number_sessions, pace_sessions, summarise_sessions


@dataclass(frozen=True, slots=True)
class Description:
    """Settled frames, joined only for the accounts that are scored."""

    numbered: nw.LazyFrame
    sessions: nw.LazyFrame
    engagements: nw.LazyFrame
    accounts: nw.LazyFrame


def describe(log: Log, settle: Settle, everyone: int) -> Description:
    """Sessions, keys, single engagements and accounts of one log."""
    numbered = settle("numbered", number_sessions(log.engagements))
    sessions = settle("paced", pace_sessions(settle("summarised", summarise_sessions(numbered))))
    life = settle("lives", lives(sessions))
    kinds = present_keys(log)
    used = {kind.name: settle(f"uses_{kind.name}", uses(sessions, life, kind)) for kind in kinds}
    placed = describe_keys(sessions, used, log, settle, float(max(everyone, 1)))
    all_pairs, all_targets = settle("pairs", pairs(numbered)), settle("targets", targets(numbered))
    engagements = describe_engagements(numbered, (all_pairs, all_targets), log, settle, used)
    accounts = describe_accounts(sessions, all_pairs, all_targets, log, settle)
    described = sessions.join(placed, on="session_key", how="left").join(
        strangers(numbered, engagements), on="session_key", how="left"
    )
    if log.has("engagements.country"):
        described = described.join(countries(sessions), on="session_key", how="left")
    if log.has("logins"):
        described = described.join(password_entries(sessions, log.logins), on="session_key", how="left")
    return Description(numbered, settle("described_sessions", described), engagements, accounts)


def strangers(numbered: nw.LazyFrame, engagements: nw.LazyFrame) -> nw.LazyFrame:
    """One row per session: the share of its targets that the account never met before or since."""
    unknown = (nw.col("pair_days") <= 1) & (nw.col("back_engagements") <= 0)
    return (
        engagements.select("engagement_key", unknown=nw.when(unknown).then(nw.lit(1.0)).otherwise(nw.lit(0.0)))
        .join(numbered.select("engagement_key", "session_key"), on="engagement_key", how="inner")
        .group_by("session_key")
        .agg(nw.col("unknown").mean().alias("session_stranger_share"))
    )


def countries(sessions: nw.LazyFrame) -> nw.LazyFrame:
    """One row per session: whether it came from another country than most of the account's."""
    there = (
        sessions.filter(~nw.col("country_key").is_null())
        .group_by("account_key", "country_key")
        .agg(nw.len().alias("times"))
    )
    usual = (
        there.with_columns(
            place=nw.col("times").rank("ordinal", descending=True).over("account_key", order_by=["times", "country_key"])
        )
        .filter(nw.col("place") == 1)
        .select("account_key", usual_country=nw.col("country_key"))
    )
    return sessions.join(usual, on="account_key", how="left").select(
        "session_key",
        session_country_differs=number(
            nw.when(nw.col("country_key") != nw.col("usual_country")).then(nw.lit(1)).otherwise(nw.lit(0))
        ),
    )
