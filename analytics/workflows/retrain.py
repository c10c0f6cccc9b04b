"""What this platform has decided and labelled so far, and a model that learns from it when it is no worse."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from analytics.detection.bands import Thresholds
from analytics.detection.models import Bundle, bundle_hash, read_bundle
from analytics.detection.relearning import Compared, relearn
from analytics.statistics.verdict_shift import one_sided
from analytics.workflows.ledger_frames import RANDOM_AUDIT, LedgerFrames, read_engagements, read_frames
from analytics.workflows.models import store_bundle
from data.home import Home
from data.ledger import Ledger
from data.moments import micros

# A case of the random audit lane stands for many that nobody chose.
AUDIT_WEIGHT = 3.0
# What is compared with everything before, as the quality page does.
LATELY = timedelta(days=28)
VERDICTS = ("confirm", "reject")
KNOWN = {"engagement_id": pl.String, "is_inauthentic": pl.Boolean, "weight": pl.Float64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is known: `engagements` (engagement_id, is_inauthentic, weight), and accounts known to be their owner's.

    `reviewed_accounts`: whom the decisions were about. `contradictions`: engagements that were labelled both ways and
    therefore teach nothing. `set_aside`: verdicts that teach nothing, for one person alone moved a service with them.
    """

    engagements: pl.DataFrame
    own_accounts: pl.DataFrame
    reviewed_accounts: tuple[str, ...] = ()
    contradictions: int = 0
    set_aside: int = 0


@dataclass(frozen=True, slots=True)
class Retrained:
    """The model to use, and how old and new compared."""

    bundle: Bundle
    compared: Compared

    def told(self) -> dict[str, Any]:  # Any: what a JSON object may hold
        return asdict(self.compared)


def read_decided(home: Home, labels: pl.DataFrame, *, now: datetime) -> Decided:
    """Gather the snapshot's labels and the ledger's decisions; a decision outweighs a label.

    What one person alone judges otherwise than the desk did before is set aside until others have judged so too.
    """
    if not home.ledger_file.exists():
        return gather(labels, pl.DataFrame(schema=KNOWN))
    ledger = Ledger.open(home)
    try:
        with ledger.read() as connection:
            frames = read_frames(connection)
            aside = one_sided(frames.decisions, since=micros(now - LATELY), until=micros(now))
            verdicts = standing(frames).join(aside, on="decision_id", how="anti")
            reviewed = read_engagements(connection, verdicts["decision_id"].to_list())
    finally:
        ledger.close()
    people = tuple(reviewed["account_id"].unique().sort().to_list())
    known = gather(labels, known_of(reviewed, verdicts))
    return replace(known, reviewed_accounts=people, set_aside=aside.height)


def standing(frames: LedgerFrames) -> pl.DataFrame:
    """The last verdict on each case that nobody undid or overturned."""
    told = frames.decisions.filter(pl.col("outcome").is_in(VERDICTS) & pl.col("overturned_at").is_null())
    return told.sort("decided_at", "decision_id").unique("case_id", keep="last", maintain_order=True)


def known_of(reviewed: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """One row per reviewed engagement: what a reviewer took was inauthentic, what was left was the owner's."""
    lanes = verdicts.select("decision_id", "lane", "decided_at")
    weight = pl.when(pl.col("lane") == RANDOM_AUDIT).then(AUDIT_WEIGHT).otherwise(1.0)
    told = reviewed.join(lanes, on="decision_id", how="inner").sort("decided_at", "decision_id")
    told = told.unique("engagement_id", keep="last", maintain_order=True)
    return told.select("engagement_id", is_inauthentic=pl.col("is_removed"), weight=weight)


def gather(labels: pl.DataFrame, reviewed: pl.DataFrame) -> Decided:
    """`labels`: account_key, engagement_id, is_inauthentic, as the snapshot has them."""
    of_engagements = (
        labels.drop_nulls("engagement_id")
        .group_by("engagement_id")
        .agg(pl.col("is_inauthentic").first(), clear=pl.col("is_inauthentic").n_unique() == 1)
    )
    clear = of_engagements.filter("clear").select("engagement_id", "is_inauthentic", weight=pl.lit(1.0))
    known = pl.concat([reviewed.select(list(KNOWN)), clear.join(reviewed, on="engagement_id", how="anti")])
    accounts = labels.filter(pl.col("engagement_id").is_null()).drop_nulls("account_key").group_by("account_key")
    own = accounts.agg(never=~pl.col("is_inauthentic").any()).filter("never").select("account_key")
    return Decided(
        engagements=known.sort("engagement_id"),
        own_accounts=own.sort("account_key"),
        contradictions=len(of_engagements) - len(clear),
    )


def known_rows(rows: pl.DataFrame, decided: Decided) -> pl.DataFrame:
    """The described rows of which it is known whether they were bought."""
    own = decided.own_accounts.with_columns(
        pl.col("account_key").cast(rows.schema["account_key"]), is_own=pl.lit(value=True)
    )
    told = rows.join(decided.engagements, on="engagement_id", how="left").join(own, on="account_key", how="left")
    known = told.with_columns(
        pl.when(pl.col("is_inauthentic").is_null() & pl.col("is_own"))
        .then(pl.lit(value=False))
        .otherwise(pl.col("is_inauthentic"))
        .alias("is_inauthentic"),
        pl.col("weight").fill_null(1.0),
    )
    return known.drop_nulls("is_inauthentic").drop("is_own")


def retrain(
    bundle: Bundle, rows: pl.DataFrame, thresholds: Thresholds, *, home: Home, now: datetime, is_poor: bool, seed: int
) -> Retrained:
    """Learn from known rows; the new model is stored and returned only when it is not worse."""
    version = f"retrained-{now.astimezone(UTC):%Y%m%dT%H%M%S}"
    told = relearn(bundle, rows, thresholds, version=version, is_poor=is_poor, seed=seed)
    if told.files is None:
        return Retrained(bundle, told.compared)
    store_bundle(home.models, version, told.files)
    return Retrained(read_bundle(told.files, bundle_hash(told.files)), told.compared)
