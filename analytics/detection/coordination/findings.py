"""What every search hands over: which engagement lies in which group, and what is known about each group."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from analytics.detection.coordination.board import Board, stretches
from analytics.detection.coordination.campaigns import Grown
from analytics.detection.coordination.chance import LEAST_P, Floats, Integers, Truths
from analytics.detection.coordination.settings import CoordinationSettings
from analytics.detection.coordination.verdict import Verdict


class GroupKind(StrEnum):
    LOCKSTEP = "lockstep"
    BURST = "burst"
    DENSITY = "density"
    INFRASTRUCTURE = "infrastructure"


# One row per engagement and group that it lies in. `row`: the engagement's row in the input; window in milliseconds.
HIT_SCHEMA: dict[str, Any] = {
    "row": pl.UInt32,
    "actor": pl.UInt32,
    "target": pl.UInt32,
    "group": pl.Int64,
    "p": pl.Float64,
    "kind": pl.String,
    "is_tested": pl.Boolean,
    "most_strength": pl.Float64,
    "window_first": pl.Int64,
    "window_last": pl.Int64,
}
# One row per group of one search. `is_tested`: chance and shared interest are excluded, for a remove band to lean on.
FOUND_SCHEMA: dict[str, Any] = {
    "group": pl.Int64,
    "kind": pl.String,
    "window_hours": pl.Float64,
    "p_value": pl.Float64,
    "is_tested": pl.Boolean,
    "most_strength": pl.Float64,
    "repetition": pl.Float64,
    "excess": pl.Float64,
    "returning": pl.Float64,
}
# The most strength, in powers of ten: of a tested group, of bursts with recurring accounts, of a crowd that met on a
# few days, and of one evening's crowd.
TESTED, RECURRING, SELDOM, WEAK = 50.0, 20.0, 6.0, 3.0


@dataclass(frozen=True, slots=True)
class Findings:
    hits: pl.DataFrame
    found: pl.DataFrame


def nothing() -> Findings:
    return Findings(pl.DataFrame(schema=HIT_SCHEMA), pl.DataFrame(schema=FOUND_SCHEMA))


def from_windows(
    board: Board,
    grown: Grown,
    verdict: Verdict,
    kind: GroupKind,
    settings: CoordinationSettings,
    *,
    is_loose: bool = False,
) -> Findings:
    """Collect the engagements of members inside campaign windows of their own group, of groups worth publishing.

    `is_loose`: the search was; only groups that neither interest nor few occasions explain are worth it.
    """
    published = is_published(verdict, settings)
    shown = np.flatnonzero(published & ~verdict.is_explained & ~verdict.is_seldom if is_loose else published)
    if not len(shown):
        return nothing()
    told = describe(verdict, shown, kind)
    windows = grown.windows.only(np.isin(grown.windows.group, shown))
    low, high = board.rows_between(windows.target, windows.first, windows.last)
    window, position = stretches(low, high)
    actor = board.actor[position]
    mine = grown.group[actor] == windows.group[window]
    window, position, actor = window[mine], position[mine], actor[mine]
    placing = Placing(position, windows.group[window], grown.p[actor], (windows.first[window], windows.last[window]))
    return Findings(hits_of(board, placing, told), told)


@dataclass(frozen=True, slots=True)
class Placing:
    """Places on the board, the group and p-value of each, and the window around it, if any."""

    position: Integers
    group: Integers
    p: Floats
    reach: tuple[Integers, Integers] | None = None


def hits_of(board: Board, placing: Placing, found: pl.DataFrame) -> pl.DataFrame:
    """Lay down the engagements at these places; without a window they may lie anywhere in the log."""
    position, size = placing.position, len(placing.position)
    first, last = placing.reach or (np.full(size, board.at.min()), np.full(size, board.at.max()))
    rows = pl.DataFrame(
        {
            "row": board.row[position],
            "actor": board.actor[position],
            "target": board.target[position],
            "group": placing.group,
            "p": placing.p,
            "window_first": first,
            "window_last": last,
        }
    )
    told = rows.join(found.select("group", "kind", "is_tested", "most_strength"), on="group", how="left")
    return told.select(pl.col(name).cast(kind) for name, kind in HIT_SCHEMA.items())


def is_published(verdict: Verdict, settings: CoordinationSettings) -> Truths:
    """Keep groups that chance excludes; those that share an interest over many hours are a circle, left to density."""
    circle = (verdict.repetition > settings.most_repetition) | (
        (verdict.excess < settings.least_excess) & (verdict.moments >= settings.least_moments)
    )
    told = (verdict.accounts >= settings.least_group) & (verdict.log_p <= np.log(settings.group_p)) & ~circle
    return np.asarray(told, dtype=bool)


def describe(verdict: Verdict, shown: Integers, kind: GroupKind) -> pl.DataFrame:
    explained, seldom = verdict.is_explained[shown], verdict.is_seldom[shown]
    often = TESTED if kind is GroupKind.LOCKSTEP else RECURRING
    return pl.DataFrame(
        {
            "group": shown,
            "kind": np.where(explained | seldom, GroupKind.BURST.value, kind.value),
            "window_hours": np.full(len(shown), verdict.hours),
            "p_value": np.maximum(np.exp(verdict.log_p[shown]), LEAST_P),
            "is_tested": ~explained & ~seldom & (kind is GroupKind.LOCKSTEP),
            "most_strength": np.where(explained, WEAK, np.where(seldom, SELDOM, often)),
            "repetition": verdict.repetition[shown],
            "excess": verdict.excess[shown],
            "returning": verdict.returning[shown],
        },
        schema=FOUND_SCHEMA,
    )
