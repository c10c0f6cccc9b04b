"""One chunk of accounts from described rows to scored engagements, sessions, account rows and facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.bands import Thresholds
from analytics.detection.calibration import Floats
from analytics.detection.facts import kept_facts, proposed_facts
from analytics.detection.models import Bundle
from analytics.detection.scoring import band_engagements, score_engagements
from analytics.detection.suspects import account_frame
from data.records import Band, Family

# A session this likely is called a service's; this unlikely, the owner's.
SERVICE_SESSION, OWNER_SESSION = 0.5, 0.1
# Below this, and without any evidence, an engagement needs no row of its own.
LEAST_P = 0.02
PLACES = ("client_key", "asn", "prefix_key", "device_key", "country_key")
SESSION_FACTS = ("session_per_hour", "gap_mean_s", "session_stranger_share")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one chunk of accounts yields."""

    engagements: pl.DataFrame
    sessions: pl.DataFrame
    accounts: pl.DataFrame
    facts: pl.DataFrame
    floor_sum: float
    floor_rows: int


def score_chunk(
    rows: pl.DataFrame, bundle: Bundle, thresholds: Thresholds, *, is_poor: bool, alone: Floats | None = None
) -> Chunk:
    """Score every engagement of these accounts and gather what the account model and the reasons need."""
    scored = score_engagements(rows, bundle, thresholds, is_poor=is_poor, alone=alone)
    bands = band_engagements(rows, scored, thresholds, is_poor=is_poor)
    told = rows.with_columns(
        pl.Series("p", scored.probability),
        pl.Series("p_session", scored.session_probability),
        pl.Series("families", scored.families, dtype=pl.UInt8),
        pl.Series("band", bands, dtype=pl.UInt8),
        pl.Series("is_kept", scored.kept),
    )
    quiet = (told["p"] < LEAST_P) & (told["families"] == 0)
    kept = kept_facts(told.with_columns(session_source("p_session")))
    facts = proposed_facts(told).join(kept, on="account_key", how="left")
    return Chunk(
        _engagement_rows(told.filter(~quiet)),
        _session_rows(told),
        account_frame(told, told.select(_account_columns(told)).unique("account_key")),
        facts,
        float(told.filter(quiet)["p"].sum()),
        int(quiet.sum()),
    )


def _account_columns(rows: pl.DataFrame) -> list[str]:
    return ["account_key", *(name for name in rows.columns if name.startswith("account_") and name != "account_key")]


def _engagement_rows(rows: pl.DataFrame) -> pl.DataFrame:
    group = pl.col("group_id") if "group_id" in rows.columns else pl.lit(None, pl.String).alias("group_id")
    return rows.select(
        "engagement_key",
        "account_key",
        "target_key",
        pl.col("p").cast(pl.Float32),
        "band",
        "families",
        "session_key",
        group,
        why=_why(),
    ).sort("engagement_key")


def _why() -> pl.Expr:
    """The evidence of the band in one machine word each, joined by plus signs."""
    words = [
        pl.when(pl.col("families") & int(family) > 0).then(pl.lit(str(family.name).lower()))
        for family in (Family.INFRASTRUCTURE, Family.GRAPH, Family.RHYTHM)
    ]
    said = pl.concat_str(words, separator="+", ignore_nulls=True)
    return pl.when(pl.col("band") > int(Band.KEEP)).then(said).otherwise(pl.lit("kept"))


def _session_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per session as the run stores it, with what attribution and the usual figures need beside it."""
    kinds = {"likes": 0, "follows": 1, "comments": 2, "unfollows": 3}
    same = (*PLACES, "p_session", *SESSION_FACTS)
    told = rows.group_by("session_key").agg(
        pl.col("account_key").first(),
        pl.col("at").min().alias("started_at"),
        pl.col("at").max().alias("ended_at"),
        pl.len().alias("engagements"),
        *((pl.col("kind") == code).sum().alias(name) for name, code in kinds.items()),
        *(pl.col(name).first() for name in same if name in rows.columns),
    )
    return told.rename({"p_session": "p_service"}).sort("session_key")


def session_source(probability: str = "p_service") -> pl.Expr:
    """Whose session it looks like, in the word that the run stores."""
    return (
        pl.when(pl.col(probability) >= SERVICE_SESSION)
        .then(pl.lit("service"))
        .when(pl.col(probability) <= OWNER_SESSION)
        .then(pl.lit("owner"))
        .otherwise(pl.lit("unclear"))
        .alias("source")
    )


def floor_probability(chunks_sum: float, chunks_rows: int) -> float:
    """The mean probability of engagements that got no row of their own."""
    return float(np.clip(chunks_sum / chunks_rows, 0.0, LEAST_P)) if chunks_rows else 0.0
