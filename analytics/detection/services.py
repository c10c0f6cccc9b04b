"""Which service made which sessions: clusters of keys and sessions, not of accounts.

Sessions that look like a service's are joined where they share what an owner's do not: devices, addresses, clients on
networks, targets. What a careful seller cannot hide behind borrowed homes and copied clients is how it works: its pace,
its hours, its mix of actions, how often it changes its address. Clusters of like manner are therefore joined in a
second step. An account may have several services; the list is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.detection.service_habits import dealt_anew
from analytics.detection.service_links import link_clusters, one_of_each_group
from analytics.detection.service_naming import (
    SERVICE_MEMBER_SCHEMA,
    SERVICE_SCHEMA,
    member_rows,
    name_clusters,
    service_rows,
)

SERVICE_P = 0.5
PLACES = ("client_key", "asn", "prefix_key", "device_key")
SESSIONS = {"session_key": pl.Int64, "service_id": pl.String}
LEAST_CUSTOMERS = 3
LEAST_RETURNING = 0.3


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """`services` and `members` as the run stores them; `sessions`: session_key and service_id of service sessions."""

    services: pl.DataFrame
    members: pl.DataFrame
    sessions: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What else may be known, each with the columns it needs.

    `visits`: session_key, target_key of what was likely bought. `groups`: session_key, group_id. `names`: domain, key,
    name, as the snapshot has them. `known`: service_id, name, account_key of the last run's members.
    """

    visits: pl.DataFrame | None = None
    groups: pl.DataFrame | None = None
    names: pl.DataFrame | None = None
    known: pl.DataFrame | None = None


def attribute_sessions(
    sessions: pl.DataFrame, hints: Hints | None = None, *, seed: int = 0, service_p: float = SERVICE_P
) -> ServiceResult:
    """Cluster the sessions with at least this probability of being a service's.

    `sessions`: as the run stores them, with p_service; gap_mean_s where it is known.
    """
    told = hints or Hints()
    sessions = with_places(sessions)
    chosen = sessions.filter(pl.col("p_service") >= service_p).sort("session_key")
    if chosen.is_empty():
        return no_services()
    clustered = with_customers(link_clusters(chosen, sessions, told, seed))
    if clustered.is_empty():
        return no_services()
    clustered = one_of_each_group(clustered, told.groups)
    clustered = dealt_anew(clustered, sessions, told.visits, LEAST_CUSTOMERS)
    names = name_clusters(clustered, told.known)
    return ServiceResult(
        service_rows(clustered, names, told.names),
        member_rows(clustered, names),
        clustered.join(names, on="cluster").select(pl.col("session_key").cast(pl.Int64), "service_id"),
    )


def with_places(sessions: pl.DataFrame) -> pl.DataFrame:
    """Add the columns that a poor log lacks, all unknown."""
    lacking = [pl.lit(None, pl.UInt32).alias(name) for name in PLACES if name not in sessions.columns]
    return sessions.with_columns(lacking)


def with_customers(linked: pl.DataFrame) -> pl.DataFrame:
    """Keep clusters with enough accounts that come back; single sessions here and there are mistakes, not customers."""
    by_account = linked.group_by("cluster", "account_key").len("sessions")
    counts = by_account.group_by("cluster").agg(
        customers=(pl.col("sessions") >= 2).sum(), share=(pl.col("sessions") >= 2).mean()
    )
    kept = counts.filter((pl.col("customers") >= LEAST_CUSTOMERS) & (pl.col("share") >= LEAST_RETURNING))
    return linked.join(kept.select("cluster"), on="cluster", how="semi")


def no_services() -> ServiceResult:
    return ServiceResult(
        pl.DataFrame(schema=SERVICE_SCHEMA), pl.DataFrame(schema=SERVICE_MEMBER_SCHEMA), pl.DataFrame(schema=SESSIONS)
    )
