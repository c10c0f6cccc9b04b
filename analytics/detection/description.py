"""The set-wise part of detection: from a log to one described row per engagement, session and account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import narwhals as nw

from analytics.detection.accounts import describe_accounts, password_entries
from analytics.detection.engagements import (
    Surroundings,
    both_ways,
    describe_engagements,
    guests,
    pairs,
    strangers,
    surroundings,
    targets,
)
from analytics.detection.infrastructure import KeyType, describe_keys, lives, present_keys, uses
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
    """Settled frames: what is known of accounts, and what single sessions and engagements are looked up in.

    `placed`: by type of key, one row per account and key; `of_sessions`: tables with one row per session.
    """

    numbered: Frame
    sessions: Frame
    accounts: Frame
    placed: Mapping[KeyType, Frame]
    of_sessions: tuple[Frame, ...]
    around: Surroundings

    def placed_in(self, sessions: Frame, kinds: Collection[str]) -> Frame:
        """These sessions with what is known of their keys of these types."""
        for kind, table in self.placed.items():
            if kind.name in kinds:
                sessions = sessions.join(table, on=["account_key", *kind.columns], how="left")
        return sessions

    def told_of(self, sessions: Frame) -> Frame:
        """These sessions with what is known of each alone."""
        for table in self.of_sessions:
            sessions = sessions.join(table, on="session_key", how="left")
        return sessions


def describe(log: Log, settle: Settle, everyone: int) -> Description:
    """Sessions, keys, accounts and surroundings of one log."""
    numbered = settle("numbered", number_sessions(log.engagements.drop("engagement_id")))
    sessions = settle("sessions", pace_sessions(settle("sessions", summarise_sessions(numbered))))
    life = settle("lives", lives(sessions, log.accounts))
    used = {kind.name: settle(f"uses_{kind.name}", uses(sessions, life, kind)) for kind in present_keys(log)}
    placed = describe_keys(sessions, used, log, settle, float(max(everyone, 1)))
    route = next((table for kind, table in placed.items() if kind.name == "route"), None)
    guest = None if route is None else settle("guests", guests(sessions, route))
    all_pairs = settle("pairs", both_ways(settle("pairs", pairs(numbered))))
    all_targets = settle("targets", targets(numbered))
    of_sessions = [settle("strangers", strangers(numbered, all_pairs))]
    if log.has("engagements.country"):
        of_sessions.append(settle("countries", countries(sessions)))
    if log.has("logins"):
        of_sessions.append(settle("entries", password_entries(sessions, log.logins)))
    return Description(
        numbered=numbered,
        sessions=sessions,
        accounts=describe_accounts(sessions, all_pairs, all_targets, log, settle),
        placed=placed,
        of_sessions=tuple(of_sessions),
        around=surroundings(numbered, (all_pairs, all_targets, guest), used, log, settle),
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
_OWN = ("client_key", "asn", "prefix_key", "device_key", "country_key", "end_before", "quick_gaps")


def rows(description: Description, settle: Settle, name: str, chosen: Frame | None = None) -> Rows:
    """What is known of every engagement of some accounts, or of all.

    `chosen`: their `account_key`; `name`: under which their engagements and sessions are settled.
    """
    numbered, sessions = description.numbered, description.sessions
    if chosen is not None:
        numbered = settle(f"{name}_acts", numbered.join(chosen, on="account_key", how="semi"))
        sessions = sessions.join(chosen, on="account_key", how="semi")
    return Rows(
        describe_engagements(numbered, description.around, settle, f"{name}_engagements"),
        described_sessions(description, sessions, settle, f"{name}_sessions"),
        description.accounts,
    )


def described_sessions(description: Description, sessions: Frame, settle: Settle, name: str) -> Frame:
    """These sessions with everything known of them, settled under this name."""
    # Step by step, for not all tables that these are looked up in fit into memory beside each other.
    for kinds in (("client", "asn", "route"), ("prefix", "device")):
        sessions = settle(name, description.placed_in(sessions, kinds))
    told = description.told_of(sessions)
    names = [column for column in told.collect_schema().names() if column not in _SESSION_ONLY + _OWN]
    return settle(name, told.select(names))
