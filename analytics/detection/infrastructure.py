"""Infrastructure keys: which clients, networks, prefixes and devices accounts share, against what is usual.

A carrier, an office or a household is shared too. What tells a service's key apart is that it is nobody's home: its
accounts met it late, spend most of their days elsewhere, and do not know each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from analytics.detection.log import DAY, HOUR, Frame, Log, Settle, count_of, number, ratio

# A key met this long after the account's first act was not there from the start.
LATE = 2 * DAY


@dataclass(frozen=True, slots=True)
class KeyType:
    """One way to say from where an account acted."""

    name: str
    columns: tuple[str, ...]
    needs: tuple[str, ...]


KEY_TYPES = (
    KeyType("client", ("client_key",), ("engagements.client_id",)),
    KeyType("asn", ("asn",), ("engagements.asn",)),
    KeyType("route", ("client_key", "asn"), ("engagements.client_id", "engagements.asn")),
    KeyType("prefix", ("prefix_key",), ("engagements.ip_prefix",)),
    KeyType("device", ("device_key",), ("engagements.device_id",)),
)


def present_keys(log: Log) -> tuple[KeyType, ...]:
    return tuple(kind for kind in KEY_TYPES if all(log.has(column) for column in kind.needs))


def lives(sessions: Frame, accounts: Frame) -> Frame:
    """One row per account: first and last act, active days, sessions, engagements, and whether it declared helpers."""
    declared = nw.when(nw.col("is_delegated")).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    told = sessions.group_by("account_key").agg(
        nw.col("started_at").min().alias("life_first"),
        nw.col("ended_at").max().alias("life_last"),
        (nw.col("started_at") // DAY).n_unique().cast(nw.Float64).alias("life_days"),
        nw.len().cast(nw.Float64).alias("life_sessions"),
        nw.col("engagements").sum().cast(nw.Float64).alias("life_engagements"),
    )
    helped = accounts.select("account_key", life_declared=declared)
    return told.join(helped, on="account_key", how="left").with_columns(nw.col("life_declared").fill_null(0.0))


def uses(sessions: Frame, life: Frame, kind: KeyType) -> Frame:
    """One row per account and key: how much of the account's life went through the key, and since when."""
    used = (
        sessions.filter(*(~nw.col(column).is_null() for column in kind.columns))
        .group_by("account_key", *kind.columns)
        .agg(
            nw.col("started_at").min().alias("use_first"),
            nw.col("ended_at").max().alias("use_last"),
            (nw.col("started_at") // DAY).n_unique().cast(nw.Float64).alias("use_days"),
            (nw.col("started_at") // HOUR % 24).n_unique().cast(nw.Float64).alias("use_hours"),
            nw.len().cast(nw.Float64).alias("use_sessions"),
            nw.col("engagements").sum().cast(nw.Float64).alias("use_engagements"),
            nw.col("likes").sum().cast(nw.Float64).alias("use_likes"),
            nw.col("follows").sum().cast(nw.Float64).alias("use_follows"),
            nw.col("session_minutes").sum().cast(nw.Float64).alias("use_minutes"),
        )
    )
    return used.join(life, on="account_key", how="inner").with_columns(
        use_declared=nw.col("life_declared"),
        use_days_share=ratio(nw.col("use_days"), nw.col("life_days")),
        use_share=ratio(nw.col("use_engagements"), nw.col("life_engagements")),
        use_late_days=number(nw.col("use_first") - nw.col("life_first")) / DAY,
        use_per_day=ratio(nw.col("use_engagements"), nw.col("use_days")),
        use_per_hour=nw.col("use_engagements") * 60 / (nw.col("use_minutes") + nw.col("use_sessions")),
    )


def keys(used: Frame, kind: KeyType) -> Frame:
    """One row per key: how many accounts share it, and whether it is anybody's home."""
    guest = nw.col("use_days_share") < 0.5
    late = (nw.col("use_first") - nw.col("life_first")) > LATE
    table = used.group_by(*kind.columns).agg(
        nw.len().cast(nw.Float64).alias("key_accounts"),
        count_of(guest).alias("key_guests"),
        count_of(late).alias("key_late"),
        nw.col("use_per_hour").median().alias("key_per_hour"),
        nw.col("use_hours").mean().alias("key_hours"),
        nw.col("use_engagements").sum().cast(nw.Float64).alias("key_engagements"),
        nw.col("use_sessions").sum().cast(nw.Float64).alias("key_sessions"),
        nw.col("use_follows").sum().cast(nw.Float64).alias("key_follows"),
        nw.col("use_first").min().alias("key_first"),
        nw.col("use_declared").mean().alias("key_declared"),
    )
    return table.with_columns(
        key_guest_share=(nw.col("key_guests") + 0.5) / (nw.col("key_accounts") + 1),
        key_late_share=(nw.col("key_late") + 0.5) / (nw.col("key_accounts") + 1),
        key_session_size=ratio(nw.col("key_engagements"), nw.col("key_sessions")),
        key_follow_share=ratio(nw.col("key_follows"), nw.col("key_engagements")),
    )


def with_expectation(table: Frame, kind: KeyType, sessions: Frame, everyone: float) -> Frame:
    """Add how many times more accounts share the key than its class would make one expect."""
    if kind.name == "route":
        return (
            table.join(_accounts_by(sessions, "client_key"), on="client_key", how="left")
            .join(_accounts_by(sessions, "asn"), on="asn", how="left")
            .with_columns(
                key_crowding=nw.col("key_accounts")
                * everyone
                / (nw.col("accounts_client_key") * nw.col("accounts_asn"))
            )
        )
    if kind.name == "prefix":
        usual = (
            sessions.filter(~nw.col("prefix_key").is_null())
            .group_by("asn")
            .agg(
                nw.col("account_key").n_unique().cast(nw.Float64).alias("asn_accounts"),
                nw.col("prefix_key").n_unique().cast(nw.Float64).alias("asn_prefixes"),
            )
        )
        home = sessions.filter(~nw.col("prefix_key").is_null()).group_by("prefix_key").agg(nw.col("asn").min())
        return (
            table.join(home, on="prefix_key", how="left")
            .join(usual, on="asn", how="left")
            .with_columns(
                key_crowding=nw.col("key_accounts") * nw.col("asn_prefixes") / nw.col("asn_accounts"),
            )
        )
    return table.with_columns(key_crowding=nw.col("key_accounts") / everyone)


def _accounts_by(sessions: Frame, column: str) -> Frame:
    return (
        sessions.filter(~nw.col(column).is_null())
        .group_by(column)
        .agg(nw.col("account_key").n_unique().cast(nw.Float64).alias(f"accounts_{column}"))
    )


SESSION_COLUMNS = {
    "use_days_share": "days_share",
    "use_share": "share",
    "use_late_days": "late_days",
    "use_per_day": "per_day",
    "use_hours": "hours",
    "key_accounts": "accounts",
    "key_crowding": "crowding",
    "key_guest_share": "guest_share",
    "key_late_share": "late_share",
    "key_declared": "declared",
    "key_per_hour": "key_per_hour",
    "key_session_size": "key_session_size",
    "key_follow_share": "key_follow_share",
}


def describe_keys(
    sessions: Frame, used: dict[str, Frame], log: Log, settle: Settle, everyone: float
) -> dict[KeyType, Frame]:
    """For each type of key, one row per account and key: how the account and everybody else use it."""
    told = {}
    for kind in present_keys(log):
        use = used[kind.name]
        table = settle(f"keys_{kind.name}", with_expectation(keys(use, kind), kind, sessions, everyone))
        both = use.join(table, on=list(kind.columns), how="inner").select(
            "account_key",
            *kind.columns,
            *(nw.col(column).alias(f"{kind.name}_{name}") for column, name in SESSION_COLUMNS.items()),
        )
        told[kind] = settle(f"placed_{kind.name}", both)
    return told
