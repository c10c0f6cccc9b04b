"""All searches for coordination over one log, and their groups, members and engagements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics.detection.coordination.board import Board, dense, lay_out
from analytics.detection.coordination.burst import burst_seeds, find_bursts
from analytics.detection.coordination.campaigns import grow
from analytics.detection.coordination.chance import Array
from analytics.detection.coordination.density import dense_groups
from analytics.detection.coordination.findings import Findings, GroupKind, from_windows, nothing
from analytics.detection.coordination.infrastructure_groups import infrastructure_groups
from analytics.detection.coordination.lockstep import find_pairs, seeds
from analytics.detection.coordination.merging import merge_findings, stack_findings
from analytics.detection.coordination.settings import CoordinationSettings
from analytics.detection.coordination.verdict import judge

PLACES = ("client_key", "asn", "prefix_key", "device_key")
GROUP_SCHEMA: dict[str, Any] = {
    "group_id": pl.String,
    "kind": pl.String,
    "window_hours": pl.Float64,
    "accounts": pl.Int64,
    "targets": pl.Int64,
    "engagements": pl.Int64,
    "p_value": pl.Float64,
    "first_at": pl.Int64,
    "last_at": pl.Int64,
    "is_tested": pl.Boolean,
    "most_strength": pl.Float64,
    "repetition": pl.Float64,
    "excess": pl.Float64,
    "returning": pl.Float64,
}
MEMBER_SCHEMA: dict[str, Any] = {
    "group_id": pl.String,
    "account_key": pl.UInt32,
    "engagements": pl.Int64,
    "targets": pl.Int64,
    "p_value": pl.Float64,
}
MEMBERSHIP_SCHEMA: dict[str, Any] = {
    "engagement_key": pl.Int64,
    "account_key": pl.UInt32,
    "group_id": pl.String,
    "kind": pl.String,
    "p_value": pl.Float64,
    "strength": pl.Float64,
    "is_tested": pl.Boolean,
    "window_first": pl.Int64,
    "window_last": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class CoordinationResult:
    """`groups` and `members` as the run stores them (with more columns), `memberships`: one row per engagement and kind
    of evidence (in time or in density), `accounts`: one row per member account.
    """

    groups: pl.DataFrame
    members: pl.DataFrame
    memberships: pl.DataFrame
    accounts: pl.DataFrame


def coordinate(
    engagements: pl.DataFrame,
    places: dict[str, pl.Series] | None = None,
    *,
    settings: CoordinationSettings | None = None,
    seed: int = 0,
) -> CoordinationResult:
    """Find every group that passes its test.

    `engagements`: actor_key, target_key, at (microseconds) and kind; `engagement_key` is taken as given, or is the row
    number. `places`: client_key, asn, prefix_key and device_key where the log has them, row by row; each is taken out
    and let go once it has been numbered, for of a large log there is no room for both.
    """
    chosen = settings or CoordinationSettings(seed=seed)
    board = lay_out(engagements)
    from_place = infrastructure(places or {}, board, chosen)
    in_time = merge_findings([*lockstep(board, chosen), *burst(board, chosen)])
    dense = merge_findings(dense_groups(board, chosen))
    return result(engagements, board, stack_findings([in_time, from_place, dense]))


def infrastructure(places: dict[str, pl.Series], board: Board, settings: CoordinationSettings) -> Findings:
    """Groups by place, where the log knows places; these are numbered for this search alone, and given up after it."""
    placed = numbered(places, board)
    return infrastructure_groups(board, placed, settings) if placed and len(board) else nothing()


def numbered(places: dict[str, pl.Series], board: Board) -> dict[str, Array]:
    """From where the board's engagements came, for the columns that say so: numbers from 0, -1 for unknown."""
    told: dict[str, Array] = {}
    for name in PLACES:
        column = places.pop(name, None)
        if column is not None and column.null_count() < len(column):
            told[name] = coded(column, board.row)
    return told


def coded(column: pl.Series, rows: Array) -> Array:
    """Number the values in use; a network's own number may be too large to count by."""
    is_known = (column.is_not_null() & (column >= 0)).fill_null(value=False).to_numpy()[rows]
    told = np.full(len(rows), -1, dtype=np.int32)
    told[is_known] = dense(column.fill_null(0).to_numpy()[rows[is_known]])[1]
    return told


def lockstep(board: Board, settings: CoordinationSettings) -> list[Findings]:
    """Seed and grow at every width."""
    told = []
    for hours in settings.lockstep_hours:
        group = seeds(find_pairs(board, hours, settings), board, settings)
        grown = grow(board, group, hours, settings)
        verdict = judge(board, grown, hours, settings)
        told.append(from_windows(board, grown, verdict, GroupKind.LOCKSTEP, settings))
    return told


def burst(board: Board, settings: CoordinationSettings) -> list[Findings]:
    """Bursts that share accounts, grown as lockstep is: from few sure links, then from many under a stricter test."""
    hours, bursts = settings.burst_hours, find_bursts(board, settings)
    told = []
    for share, is_loose in ((settings.burst_discovery, False), (settings.loose_discovery, True)):
        group = burst_seeds(board, bursts, share, settings)
        grown = grow(board, group, hours, settings)
        verdict = judge(board, grown, hours, settings)
        told.append(from_windows(board, grown, verdict, GroupKind.BURST, settings, is_loose=is_loose))
    return told


def result(engagements: pl.DataFrame, board: Board, found: Findings) -> CoordinationResult:
    """Name the groups and give back the caller's keys and times."""
    hits = keyed(engagements, board, found)
    groups = group_rows(hits, found.found)
    names = groups.select("group", "group_id")
    hits = hits.join(names, on="group", how="inner")
    members = hits.group_by("group_id", "account_key").agg(
        engagements=pl.len().cast(pl.Int64),
        targets=pl.col("target").n_unique().cast(pl.Int64),
        p_value=pl.col("p").min(),
    )
    hits = hits.rename({"p": "p_value"}).sort("engagement_key", "kind")
    return CoordinationResult(
        shaped(groups, GROUP_SCHEMA),
        shaped(members, MEMBER_SCHEMA).sort("group_id", "account_key"),
        shaped(hits, MEMBERSHIP_SCHEMA),
        account_rows(hits),
    )


def keyed(engagements: pl.DataFrame, board: Board, found: Findings) -> pl.DataFrame:
    """Give the hits their engagement keys, account keys and times in microseconds."""
    row = found.hits["row"].to_numpy()
    given = "engagement_key" in engagements.columns
    keys = engagements["engagement_key"].cast(pl.Int64).to_numpy() if given else np.arange(len(engagements))
    moments = engagements["at"].cast(pl.Int64).to_numpy()
    at = pl.Series("at", moments[row], dtype=pl.Int64)
    chosen = found.hits.with_columns(
        at,
        pl.Series("engagement_key", keys[row], dtype=pl.Int64),
        pl.Series("account_key", board.actors[found.hits["actor"].to_numpy()], dtype=pl.UInt32),
        window_first=(pl.col("window_first") + board.first_ms) * 1000,
        window_last=(pl.col("window_last") + board.first_ms) * 1000 + 999,
    )
    return chosen.with_columns(
        strength=pl.min_horizontal(-pl.col("p").clip(lower_bound=1e-300).log10(), pl.col("most_strength"))
    )


def group_rows(hits: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """One row per group, named by kind and by age; groups of equal age by their size."""
    counts = hits.group_by("group").agg(
        accounts=pl.col("account_key").n_unique().cast(pl.Int64),
        targets=pl.col("target").n_unique().cast(pl.Int64),
        engagements=pl.len().cast(pl.Int64),
        first_at=pl.col("at").min(),
        last_at=pl.col("at").max(),
    )
    rows = found.join(counts, on="group", how="inner").sort("first_at", "last_at", "engagements", "accounts", "kind")
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(3)
    return rows.with_columns(group_id=pl.format("G-{}", number))


def account_rows(hits: pl.DataFrame) -> pl.DataFrame:
    """One row per member account: how many engagements lie in groups, how strongly, and the targets of those."""
    return (
        hits.group_by("account_key")
        .agg(
            grouped_engagements=pl.len().cast(pl.Int64),
            tested_engagements=pl.col("is_tested").sum().cast(pl.Int64),
            grouped_targets=pl.col("target").n_unique().cast(pl.Int64),
            strongest=pl.col("strength").max(),
            groups=pl.col("group_id").n_unique().cast(pl.Int64),
        )
        .sort("account_key")
    )


def shaped(rows: pl.DataFrame, schema: dict[str, Any]) -> pl.DataFrame:
    """Put the columns in the contract's order and types."""
    return rows.select(pl.col(name).cast(kind) for name, kind in schema.items())
