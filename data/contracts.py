"""Column names and types at every border: what a log may hold, what a snapshot and a run hold, what exports hold.

Warehouse times are BIGINT microseconds since 1970 in UTC, so that every engine does the same integer arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "integer", "number", "time", "boolean", "kind"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the input contract."""

    name: str
    type: Type
    required: bool = False


INPUT: dict[str, tuple[Column, ...]] = {
    "accounts": (
        Column("account_id", "text", True),
        Column("created_at", "time"),
        Column("handle", "text"),
        Column("followers", "integer"),
        Column("following", "integer"),
        Column("posts", "integer"),
        Column("country", "text"),
        Column("is_verified", "boolean"),
        Column("is_delegated", "boolean"),
    ),
    "engagements": (
        Column("engagement_id", "text", True),
        Column("kind", "kind", True),
        Column("actor_id", "text", True),
        Column("target_id", "text", True),
        Column("at", "time", True),
        Column("post_id", "text"),
        Column("client_id", "text"),
        Column("asn", "integer"),
        Column("ip_prefix", "text"),
        Column("device_id", "text"),
        Column("country", "text"),
        Column("text", "text"),
    ),
    "logins": (
        Column("account_id", "text", True),
        Column("at", "time", True),
        Column("client_id", "text"),
        Column("asn", "integer"),
        Column("device_id", "text"),
        Column("country", "text"),
        Column("succeeded", "boolean"),
    ),
    "labels": (
        Column("account_id", "text"),
        Column("engagement_id", "text"),
        Column("is_inauthentic", "boolean", True),
        Column("source", "text"),
        Column("labelled_at", "time"),
    ),
}

# A snapshot: one DuckDB file per ingest. Keys are dense from 0 in the sort order of the id, so they depend neither on
# row order nor on the slices in which a log arrived. A column that no source had is present and all NULL, and the
# manifest's `missing` names it as "table.column" (or "table" when the whole table is absent).
SNAPSHOT: dict[str, dict[str, str]] = {
    "manifest": {
        "snapshot_id": "VARCHAR",
        "parent_id": "VARCHAR",
        "created_at": "BIGINT",
        "accounts": "BIGINT",
        "engagements": "BIGINT",
        "logins": "BIGINT",
        "labels": "BIGINT",
        "first_at": "BIGINT",
        "last_at": "BIGINT",
        "missing": "VARCHAR[]",
        "source_hashes": "VARCHAR[]",
        "skipped_rows": "BIGINT",
    },
    # Every id seen as account, actor or target.
    "ids": {"account_key": "UINTEGER", "account_id": "VARCHAR"},
    # domain: client, prefix, device, post, country
    "names": {"domain": "VARCHAR", "key": "UINTEGER", "name": "VARCHAR"},
    "accounts": {
        "account_key": "UINTEGER",
        "created_at": "BIGINT",
        "handle": "VARCHAR",
        "followers": "BIGINT",
        "following": "BIGINT",
        "posts": "BIGINT",
        "country_key": "UINTEGER",
        "is_verified": "BOOLEAN",
        "is_delegated": "BOOLEAN",
    },
    # Sorted by actor_key, at, engagement_id; engagement_key is the row number in that order, from 0.
    "engagements": {
        "engagement_key": "UINTEGER",
        "engagement_id": "VARCHAR",
        "kind": "UTINYINT",
        "actor_key": "UINTEGER",
        "target_key": "UINTEGER",
        "at": "BIGINT",
        "post_key": "UINTEGER",
        "client_key": "UINTEGER",
        "asn": "UINTEGER",
        "prefix_key": "UINTEGER",
        "device_key": "UINTEGER",
        "country_key": "UINTEGER",
        "text": "VARCHAR",
    },
    "logins": {
        "account_key": "UINTEGER",
        "at": "BIGINT",
        "client_key": "UINTEGER",
        "asn": "UINTEGER",
        "device_key": "UINTEGER",
        "country_key": "UINTEGER",
        "succeeded": "BOOLEAN",
    },
    "labels": {
        "account_key": "UINTEGER",
        "engagement_id": "VARCHAR",
        "is_inauthentic": "BOOLEAN",
        "source": "VARCHAR",
        "labelled_at": "BIGINT",
    },
}

# A run: one DuckDB file per detection over one snapshot.
RUN: dict[str, dict[str, str]] = {
    "manifest": {
        "run_id": "VARCHAR",
        "snapshot_id": "VARCHAR",
        "created_at": "BIGINT",
        "model_version": "VARCHAR",
        "model_hash": "VARCHAR",
        "policy_version": "VARCHAR",
        "missing": "VARCHAR[]",
        # p of every engagement without a row in engagement_scores; such engagements are in the keep band.
        "floor_p": "DOUBLE",
        "counts": "VARCHAR",
        "settings": "VARCHAR",
    },
    # One row per account that acted; the feature columns are DOUBLE and versioned by the model card.
    "features": {"account_key": "UINTEGER"},
    "sessions": {
        "session_key": "UINTEGER",
        "account_key": "UINTEGER",
        "started_at": "BIGINT",
        "ended_at": "BIGINT",
        "client_key": "UINTEGER",
        "asn": "UINTEGER",
        "prefix_key": "UINTEGER",
        "device_key": "UINTEGER",
        "engagements": "UINTEGER",
        "likes": "UINTEGER",
        "follows": "UINTEGER",
        "comments": "UINTEGER",
        "unfollows": "UINTEGER",
        "p_service": "FLOAT",
        # owner, service or unclear
        "source": "VARCHAR",
        "service_id": "VARCHAR",
    },
    # Only engagements with any evidence; the rest take manifest.floor_p and keep.
    "engagement_scores": {
        "engagement_key": "UINTEGER",
        "account_key": "UINTEGER",
        "p": "FLOAT",
        "band": "UTINYINT",
        "families": "UTINYINT",
        "session_key": "UINTEGER",
        "group_id": "VARCHAR",
        "service_id": "VARCHAR",
        # short machine reason of the band, see analytics/detection; shown in words
        "why": "VARCHAR",
    },
    # One row per account that acted. is_queued: shown to reviewers (explained in the batch).
    "flags": {
        "account_key": "UINTEGER",
        "account_id": "VARCHAR",
        "score": "DOUBLE",
        "rank": "BIGINT",
        "is_queued": "BOOLEAN",
        "remove_count": "BIGINT",
        "review_count": "BIGINT",
        "service_id": "VARCHAR",
        "group_id": "VARCHAR",
        "reasons": "VARCHAR[]",
    },
    "evidence": {
        "account_key": "UINTEGER",
        "position": "INTEGER",
        "direction": "VARCHAR",
        "strength": "VARCHAR",
        "reason": "VARCHAR",
        "sentence": "VARCHAR",
        "value": "DOUBLE",
        "usual": "DOUBLE",
        "contribution": "DOUBLE",
        # JSON object: column of a case's engagements → list of allowed values, and under "counted" how many rows the
        # sentence counts; empty where it speaks of the account as a whole
        "engagement_filter": "VARCHAR",
    },
    "explanations": {
        "account_key": "UINTEGER",
        "feature": "VARCHAR",
        "label": "VARCHAR",
        "value": "DOUBLE",
        "contribution": "DOUBLE",
        "base": "DOUBLE",
        "raw_score": "DOUBLE",
    },
    "groups": {
        "group_id": "VARCHAR",
        # lockstep, burst, density or infrastructure
        "kind": "VARCHAR",
        "window_hours": "DOUBLE",
        "accounts": "BIGINT",
        "targets": "BIGINT",
        "engagements": "BIGINT",
        "p_value": "DOUBLE",
        "first_at": "BIGINT",
        "last_at": "BIGINT",
    },
    "group_members": {
        "group_id": "VARCHAR",
        "account_key": "UINTEGER",
        "engagements": "BIGINT",
        "targets": "BIGINT",
        "p_value": "DOUBLE",
    },
    "services": {
        "service_id": "VARCHAR",
        "name": "VARCHAR",
        "is_provisional": "BOOLEAN",
        "customers": "BIGINT",
        "engagements": "BIGINT",
        "clients": "VARCHAR[]",
        "asns": "UINTEGER[]",
        # share of engagements per hour of the day, UTC, 24 numbers
        "rhythm": "DOUBLE[]",
        # share of like, follow, comment, unfollow
        "action_mix": "DOUBLE[]",
        "first_at": "BIGINT",
        "last_at": "BIGINT",
    },
    "service_members": {
        "service_id": "VARCHAR",
        "account_key": "UINTEGER",
        # share of the account's service engagements that this service made; several per account
        "share": "DOUBLE",
        "engagements": "BIGINT",
        "first_at": "BIGINT",
        "last_at": "BIGINT",
    },
}

# Truth tables beside a synthetic or labelled world, read by `evaluate --truth DIR` (Parquet files of these names).
TRUTH: dict[str, tuple[str, ...]] = {
    # one row per engagement; origin: owner, agency, service:<id>, farm:<id>, pod:<id>
    "truth_engagements": ("engagement_id", "actor_id", "is_inauthentic", "origin", "campaign_id"),
    # one row per account; role: genuine, customer, farm, pod, agency_client, heavy, fan, giveaway, community,
    # newcomer, traveller, celebrity, ...; services: list of service ids;
    # family: reciprocity, collusion, farm, pod, drip
    "truth_accounts": ("account_id", "is_inauthentic", "role", "services", "family", "started_at"),
}
