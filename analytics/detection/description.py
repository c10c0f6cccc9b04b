"""The set-wise part of detection: from a log to one described row per engagement, session and account."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from analytics.detection.accounts import describe_accounts, password_entries
from analytics.detection.engagements import (
    Surroundings,
    both_ways,
    describe_engagements,
    pairs,
    strangers,
    surroundings,
    targets,
)
from analytics.detection.infrastructure import describe_keys, lives, present_keys, uses
from analytics.detection.log import Frame, Log, Settle, number
from analytics.detection.sessions import number_sessions, pace_sessions, summarise_sessions

MANY_COUNTRIES = 1_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """One row per engagement, per session and per account, to be joined for the accounts that are looked at."""

    engagements: Frame
    sessions: Frame
    accounts: Frame

    def of(self, accounts: nw.Expr | None = None) -> Frame:
        """One row per engagement with everything known of it, its session and its account.

        `accounts`: a condition on `account_key`. Asked of each table, so that none is read whole for a few accounts.
        """
        frames = (self.engagements, self.sessions, self.accounts)
        told, sessions, described = frames if accounts is None else (one.filter(accounts) for one in frames)
        return told.join(sessions.drop("account_key"), on="session_key", how="inner").join(
            described, on="account_key", how="left"
        )


@dataclass(frozen=True, slots=True)
class Description:
    """Settled frames: what is known of sessions and accounts, and what single engagements are looked up in."""

    numbered: Frame
    sessions: Frame
    accounts: Frame
    around: Surroundings


def describe(log: Log, settle: Settle, everyone: int) -> Description:
    """Sessions, keys, accounts and surroundings of one log."""
    numbered = settle("numbered", number_sessions(log.engagements.drop("engagement_id")))
    sessions = settle("paced", pace_sessions(settle("summarised", summarise_sessions(numbered))))
    life = settle("lives", lives(sessions, log.accounts))
    kinds = present_keys(log)
    used = {kind.name: settle(f"uses_{kind.name}", uses(sessions, life, kind)) for kind in kinds}
    placed = settle("placed", describe_keys(sessions, used, log, settle, float(max(everyone, 1))))
    all_pairs = settle("pairs", both_ways(settle("pairs", pairs(numbered))))
    all_targets = settle("targets", targets(numbered))
    around = surroundings(numbered, (all_pairs, all_targets, placed), used, log, settle)
    accounts = describe_accounts(sessions, all_pairs, all_targets, log, settle)
    described = sessions.join(placed, on="session_key", how="left").join(
        strangers(numbered, all_pairs), on="session_key", how="left"
    )
    if log.has("engagements.country"):
        described = described.join(countries(sessions), on="session_key", how="left")
    if log.has("logins"):
        described = described.join(password_entries(sessions, log.logins), on="session_key", how="left")
    return Description(numbered, settle("described_sessions", described), accounts, around)


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
_OWN = ("client_key", "asn", "prefix_key", "device_key", "country_key", "end_before", "quick_gaps")


def rows(description: Description, settle: Settle, name: str, chosen: Frame | None = None) -> Rows:
    """What is known of every engagement of some accounts, or of all.

    `chosen`: their `account_key`; `name`: under which their engagements are settled.
    """
    numbered = description.numbered
    if chosen is not None:
        numbered = settle(f"{name}_chosen", numbered.join(chosen, on="account_key", how="semi"))
    names = description.sessions.collect_schema().names()
    sessions = description.sessions.select([one for one in names if one not in _SESSION_ONLY + _OWN])
    return Rows(describe_engagements(numbered, description.around, settle, name), sessions, description.accounts)
