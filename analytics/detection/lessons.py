"""Lessons: worlds with truth, described as a real log would be, each with some columns taken away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.description import describe
from analytics.detection.description import rows as described_rows
from analytics.detection.groups import acts_of, find_groups, with_groups
from analytics.detection.keyed import Keyed, key_log
from analytics.detection.log import in_memory, is_poor

# What real logs lack, from nothing to all but actor, target and time.
NO_DEVICES = frozenset({"engagements.device_id"})
NO_ENTRIES = NO_DEVICES | {"logins", "engagements.country"}
NO_CLIENTS = frozenset({"engagements.client_id", "engagements.device_id"})
CLIENTS_ONLY = NO_ENTRIES | {"engagements.asn", "engagements.ip_prefix"}
NO_PROFILES = frozenset({"accounts", "engagements.text", "engagements.post_id"})
POOR = CLIENTS_ONLY | {"engagements.client_id", "engagements.text", "engagements.post_id"}
VARIANTS: dict[str, frozenset[str]] = {
    "whole": frozenset(),
    "no devices": NO_DEVICES,
    "no password entries": NO_ENTRIES,
    "no clients": NO_CLIENTS,
    "clients only": CLIENTS_ONLY,
    "no profiles": NO_PROFILES,
    "poor": POOR,
    "bare": POOR | {"accounts"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One described world.

    `rows`: engagements with `is_inauthentic`, `weight` and `service_group` (who made them, unique over all worlds;
    empty for owners). `accounts`: `is_inauthentic` and `service_group`. `made_by`: whose rules the world follows.
    """

    name: str
    rows: pl.DataFrame
    accounts: pl.DataFrame
    is_poor: bool
    made_by: str = ""


def build_lesson(
    name: str, frames: dict[str, pl.DataFrame], *, without: frozenset[str], most_rows: int, seed: int, made_by: str = ""
) -> Lesson:
    """Describe a world without some of its columns and keep at most so many engagements of each account."""
    keyed = key_log({table: frames[table] for table in ("accounts", "engagements", "logins")}, without)
    told = describe(keyed.log, in_memory, len(keyed.ids))
    rows = with_groups(
        described_rows(told, in_memory, "rows").of().collect().to_native(), find_groups(acts_of(keyed.log), seed=seed)
    )
    accounts = told.accounts.collect().to_native()
    who, what = _truth(name, keyed, frames)
    rows = rows.join(what, on="engagement_key", how="left").join(
        who.drop("is_inauthentic"), on="account_key", how="left"
    )
    return Lesson(
        name=name,
        rows=thin(rows.sort("engagement_key"), most_rows, seed),
        accounts=accounts.join(who, on="account_key", how="left").sort("account_key"),
        is_poor=is_poor(keyed.log),
        made_by=made_by,
    )


def _truth(name: str, keyed: Keyed, frames: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    service = pl.col("services").list.first()
    group = pl.when(service.is_not_null()).then(pl.format("{}:{}", pl.lit(name.split("/", maxsplit=1)[0]), service))
    who = (
        frames["truth_accounts"]
        .join(keyed.ids, on="account_id")
        .select("account_key", "is_inauthentic", "role", service_group=group.otherwise(pl.lit("")), family="family")
    )
    what = (
        frames["truth_engagements"]
        .join(keyed.engagement_ids, on="engagement_id")
        .select("engagement_key", "is_inauthentic", "origin")
    )
    return who, what


def thin(rows: pl.DataFrame, most: int, seed: int) -> pl.DataFrame:
    """Draw at most so many engagements of each account and give each the weight of those it stands for."""
    rng = np.random.default_rng(seed)
    kept = pl.min_horizontal(pl.lit(1.0), pl.lit(float(most)) / pl.len().over("account_key"))
    drawn = rows.with_columns(draw=pl.Series(rng.random(len(rows))), kept=kept).filter(pl.col("draw") < pl.col("kept"))
    return drawn.with_columns(weight=1 / pl.col("kept")).drop("draw", "kept")
