"""Names, figures and members of services: known ones keep theirs, new ones get a number."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import polars as pl

HOUR_US = 3_600_000_000
# A client or network with this share of a service's engagements is one of its own.
LEAST_SHARE = 0.05
# Of a cluster's accounts, so many must have been the known service's before.
LEAST_KNOWN = 0.2

SERVICE_SCHEMA: dict[str, Any] = {
    "service_id": pl.String,
    "name": pl.String,
    "is_provisional": pl.Boolean,
    "customers": pl.Int64,
    "engagements": pl.Int64,
    "clients": pl.List(pl.String),
    "asns": pl.List(pl.UInt32),
    "rhythm": pl.List(pl.Float64),
    "action_mix": pl.List(pl.Float64),
    "first_at": pl.Int64,
    "last_at": pl.Int64,
}
SERVICE_MEMBER_SCHEMA: dict[str, Any] = {
    "service_id": pl.String,
    "account_key": pl.UInt32,
    "share": pl.Float64,
    "engagements": pl.Int64,
    "first_at": pl.Int64,
    "last_at": pl.Int64,
}
NAME_SCHEMA: dict[str, Any] = {
    "cluster": pl.Int64,
    "service_id": pl.String,
    "name": pl.String,
    "is_provisional": pl.Boolean,
}


def service_rows(clustered: pl.DataFrame, names: pl.DataFrame, clients: pl.DataFrame | None) -> pl.DataFrame:
    """One row per service as the run stores it."""
    acts = pl.col("engagements")
    rows = clustered.group_by("cluster").agg(
        customers=pl.col("account_key").n_unique(),
        mix=pl.concat_list([pl.col(kind).sum() for kind in ("likes", "follows", "comments", "unfollows")]),
        engagements=acts.sum(),
        first_at=pl.col("started_at").min(),
        last_at=pl.col("ended_at").max(),
    )
    told = (
        rows.join(names, on="cluster")
        .join(rhythms(clustered), on="cluster")
        .join(main_values(clustered, "asn", "asns"), on="cluster", how="left")
        .join(main_values(with_client_names(clustered, clients), "client", "clients"), on="cluster", how="left")
        .with_columns(
            pl.col("clients", "asns").fill_null([]),
            action_mix=pl.col("mix").cast(pl.List(pl.Float64)) / pl.col("engagements"),
        )
        .sort("name")
    )
    return told.select(pl.col(name).cast(kind) for name, kind in SERVICE_SCHEMA.items())


def rhythms(clustered: pl.DataFrame) -> pl.DataFrame:
    """One row per cluster: the share of its engagements that each hour of the day begins."""
    hours = clustered.with_columns(hour=pl.col("started_at") // HOUR_US % 24)
    total = pl.col("engagements").sum()
    shares = [
        (pl.col("engagements").filter(pl.col("hour") == hour).sum() / total).alias(f"h{hour}") for hour in range(24)
    ]
    return (
        hours.group_by("cluster")
        .agg(shares)
        .select("cluster", rhythm=pl.concat_list([f"h{hour}" for hour in range(24)]))
    )


def with_client_names(clustered: pl.DataFrame, clients: pl.DataFrame | None) -> pl.DataFrame:
    if clients is None:
        return clustered.with_columns(client=pl.col("client_key").cast(pl.String))
    named = clients.filter(pl.col("domain") == "client").select(
        client_key=pl.col("key").cast(clustered["client_key"].dtype), client="name"
    )
    return clustered.join(named, on="client_key", how="left")


def main_values(clustered: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """One row per cluster: the values behind a good part of its engagements, the commonest first."""
    counts = clustered.drop_nulls(column).group_by("cluster", column).agg(pl.col("engagements").sum())
    share = pl.col("engagements") / pl.col("engagements").sum().over("cluster")
    kept = counts.filter(share >= LEAST_SHARE).sort(["engagements", column], descending=[True, False])
    return kept.group_by("cluster", maintain_order=True).agg(pl.col(column).alias(name))


def member_rows(clustered: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """One row per service and account, with the part of the account's service engagements that it made."""
    rows = clustered.group_by("cluster", "account_key").agg(
        engagements=pl.col("engagements").sum(),
        first_at=pl.col("started_at").min(),
        last_at=pl.col("ended_at").max(),
    )
    share = pl.col("engagements") / pl.col("engagements").sum().over("account_key")
    told = rows.with_columns(share=share).join(names, on="cluster").sort("service_id", "account_key")
    return told.select(pl.col(name).cast(kind) for name, kind in SERVICE_MEMBER_SCHEMA.items())


def name_clusters(clustered: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
    """Name each cluster: by its known accounts, else the next free number by age."""
    ages = clustered.group_by("cluster").agg(
        pl.col("started_at").min().alias("first_at"),
        pl.col("engagements").sum(),
        asn=pl.col("asn").drop_nulls().mode().min(),
    )
    members = clustered.select("cluster", "account_key").unique()
    old = matched(members, known)
    taken = {int(found[1]) for name in _names(known) if (found := re.fullmatch(r"S-(\d+)", name))}
    rows, number, used = [], 0, {service_id for service_id, _ in old.values()}
    for row in ages.sort("first_at", "engagements", "asn").iter_rows(named=True):
        cluster = row["cluster"]
        if cluster in old:
            service_id, name = old[cluster]
        else:
            number = next(free for free in range(number + 1, number + 2 + len(taken)) if free not in taken)
            service_id, name = unused(fingerprint(row), used), f"S-{number:02d}"
            used.add(service_id)
        provisional = name.startswith("S-")
        rows.append({"cluster": cluster, "service_id": service_id, "name": name, "is_provisional": provisional})
    return pl.DataFrame(rows, schema=NAME_SCHEMA, orient="row")


def fingerprint(row: dict[str, Any]) -> str:
    """Make an id that follows from the service's first act and network, not from its number in this run."""
    return "v-" + hashlib.sha256(f"{row['first_at']}:{row['asn']}".encode()).hexdigest()[:8]


def unused(service_id: str, used: set[str]) -> str:
    told, number = service_id, 2
    while told in used:
        told, number = f"{service_id}-{number}", number + 1
    return told


def _names(known: pl.DataFrame | None) -> list[str]:
    return [] if known is None else known["name"].unique().sort().to_list()


def matched(members: pl.DataFrame, known: pl.DataFrame | None) -> dict[int, tuple[str, str]]:
    """Give clusters the known service that most of their accounts had; each known service goes to one cluster."""
    if known is None or known.is_empty():
        return {}
    keyed = known.select("service_id", "name", pl.col("account_key").cast(members["account_key"].dtype)).unique()
    sizes = members.group_by("cluster").len("size")
    shared = members.join(keyed, on="account_key").group_by("cluster", "service_id", "name").len("shared")
    ranked = shared.join(sizes, on="cluster").filter(pl.col("shared") >= LEAST_KNOWN * pl.col("size"))
    told: dict[int, tuple[str, str]] = {}
    given: set[str] = set()
    for row in ranked.sort(["shared", "service_id", "size"], descending=[True, False, True]).iter_rows(named=True):
        if row["cluster"] not in told and row["service_id"] not in given:
            told[row["cluster"]] = (row["service_id"], row["name"])
            given.add(row["service_id"])
    return told
