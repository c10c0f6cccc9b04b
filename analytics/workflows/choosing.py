"""Whom to score engagement by engagement in a large log: who looks suspicious at first sight, and groups' members."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from analytics.detection.description import Description, described_sessions
from analytics.detection.first_look import a_few, suspicion, worth_a_look
from analytics.detection.groups import Groups
from analytics.detection.log import Frame
from analytics.detection.models import Bundle
from analytics.workflows.batch import Batch, Range, spans, within
from analytics.workflows.thresholds import Settings

# Sessions that are looked at at a time; bounds memory, not quality.
LOOK = 1_000_000


def worth_scoring(batch: Batch, settings: Settings, bundle: Bundle, told: Description, groups: Groups) -> Frame | None:
    """The `account_key` of whom to score; None where everybody is."""
    size = batch.collect(told.numbered.select(nw.len())).item()
    most = settings.scored_of(size)
    if size <= most:
        return None
    found = worth_a_look(suspected(batch, bundle, told), most)["account_key"]
    members = groups.members["account_key"].cast(pl.Int64)
    chosen = pl.concat([found.cast(pl.Int64), members]).unique().sort()
    return batch.settle_rows("worth_scoring", chosen.to_frame("account_key"))


def suspected(batch: Batch, bundle: Bundle, told: Description) -> pl.DataFrame:
    """Every account with its suspicion and its engagements, looked at range by range."""
    few = batch.settle("a_few", a_few(told.sessions))
    sizes = batch.collect(few.group_by("account_key").agg(nw.len().alias("rows"))).sort("account_key")
    parts = [suspicion(glimpse(batch, told, few, part), bundle) for part in spans(sizes, LOOK)]
    known = batch.collect(told.accounts.select("account_key", "account_engagements"))
    return known.join(pl.concat(parts), on="account_key")


def glimpse(batch: Batch, told: Description, few: Frame, part: Range) -> pl.DataFrame:
    """The sessions of a range of accounts that are looked at, with what is known of them and of the account."""
    sessions = batch.settle("first_look", few.filter(within(*part)))
    seen = described_sessions(told, sessions, batch.settle, "first_look")
    return batch.collect(seen.join(told.accounts.filter(within(*part)), on="account_key", how="left"))
