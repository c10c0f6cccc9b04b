"""What is heard of a place: how far the engagements of others who act from there look bought.

Heard after every engagement has been judged by itself. A service works for many accounts from few places, and
of some of them it is easier to tell. Nobody's own engagements speak for or against them, and every account speaks once
for each place, however much it does there. Where a log says nothing of places there is nothing to hear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.calibration import Floats, sigmoid
from analytics.detection.features import HEARSAY_MODEL
from analytics.detection.infrastructure import KEY_TYPES, KeyType
from analytics.detection.mixture import Rows, mix

# Accounts' worth of the log's own mean from which every place starts: what one neighbour is found to be is little.
PRIOR_ACCOUNTS = 3.0
# What an account is taken for that shows no sign of a service and was therefore not scored.
QUIET = 0.02
# Means are kept this far from certainty, so that their log-odds stay finite.
LEAST = 1e-4
# Decimals that are kept of what is heard. Sums differ in their last bits from run to run, and trees part at nothing:
# a place where nobody else acts must be told as exactly that.
DECIMALS = 6
HEARD = tuple(feature.name for feature in HEARSAY_MODEL)


@dataclass(frozen=True, slots=True)
class Talk:
    """What is said of each place.

    `places`: by type of key, one row per key with `believed` (the sum of its accounts' means), `accounts` (how many
    spoke) and `present` (how many act from there, where that was counted). `believed`, `engagements`: the sum
    over all engagements, and how many those are.
    """

    places: Mapping[str, pl.DataFrame]
    believed: float
    engagements: int

    @property
    def mean(self) -> float:
        return self.believed / self.engagements if self.engagements else 0.5


def belief(log_odds: Floats, rows: Rows, base: float) -> Floats:
    """How far each engagement looks bought by itself and by its session, between 0 and 1."""
    told: Floats = sigmoid(mix(log_odds, rows, base).engagement)
    return told


def said(frame: pl.DataFrame, believed: Floats) -> Talk:
    """What the accounts of these rows say; every account's rows must be among them."""
    told = frame.with_columns(believed=pl.Series(believed, dtype=pl.Float64))
    places = {kind.name: _of_places(told, kind) for kind in KEY_TYPES}
    return Talk(places, float(told["believed"].sum()), len(told))


def _of_places(told: pl.DataFrame, kind: KeyType) -> pl.DataFrame:
    counted = f"{kind.name}_accounts"
    present = pl.col(counted).max().cast(pl.Float64) if counted in told.columns else pl.lit(None, pl.Float64)
    columns = list(kind.columns)
    voices = _known(told, kind).group_by(*columns, "account_key").agg(pl.col("believed").mean(), present=present)
    return _summed(voices.sort(*columns, "account_key").with_columns(accounts=pl.lit(1.0)), columns)


def _known(told: pl.DataFrame, kind: KeyType) -> pl.DataFrame:
    return told.filter(*(pl.col(column).is_not_null() for column in kind.columns))


def _summed(rows: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """One row per key; sums in the order of the rows, so that the same log gives the same numbers."""
    return rows.group_by(columns, maintain_order=True).agg(
        pl.col("believed", "accounts").sum(), pl.col("present").max()
    )


def together(parts: Sequence[Talk], *, unscored: int = 0) -> Talk:
    """Join what disjoint accounts say; `unscored`: engagements of accounts that were not asked."""
    places = {
        kind.name: _summed(pl.concat(part.places[kind.name] for part in parts), list(kind.columns))
        for kind in KEY_TYPES
    }
    believed, engagements = sum(part.believed for part in parts), sum(part.engagements for part in parts)
    if not unscored:
        return Talk(places, believed, engagements)
    silent = (pl.col("present").fill_null(0.0) - pl.col("accounts")).clip(lower_bound=0.0)
    heard = {
        name: table.with_columns(believed=pl.col("believed") + QUIET * silent, accounts=pl.col("accounts") + silent)
        for name, table in places.items()
    }
    return Talk(heard, believed + QUIET * unscored, engagements + unscored)


def hear(frame: pl.DataFrame, believed: Floats, talk: Talk) -> pl.DataFrame:
    """Add what others say of each row's places, in log-odds against the log's mean; unknown where the place is."""
    told = frame.with_columns(believed=pl.Series(believed, dtype=pl.Float64))
    heard = [_heard(told, kind, talk) for kind in KEY_TYPES]
    return frame.with_columns(heard)


def _heard(told: pl.DataFrame, kind: KeyType, talk: Talk) -> pl.Series:
    columns = list(kind.columns)
    own = _known(told, kind).group_by(*columns, "account_key").agg(pl.col("believed").mean().alias("own"))
    joined = (
        told.select(*columns, "account_key")
        .join(own, on=[*columns, "account_key"], how="left", maintain_order="left")
        .join(talk.places[kind.name], on=columns, how="left", maintain_order="left")
        .select(
            others=(pl.col("believed") - pl.col("own")).clip(lower_bound=0.0),
            voices=(pl.col("accounts") - 1).clip(lower_bound=0.0),
        )
    )
    others, voices = (joined[name].fill_null(float("nan")).to_numpy() for name in ("others", "voices"))
    mean = (others + PRIOR_ACCOUNTS * talk.mean) / (voices + PRIOR_ACCOUNTS)
    above = np.round(_log_odds(mean) - _log_odds(np.array(talk.mean)), DECIMALS)
    return pl.Series(f"heard_{kind.name}", above, dtype=pl.Float64)


def _log_odds(share: Floats) -> Floats:
    held = np.clip(share, LEAST, 1 - LEAST)
    told: Floats = np.log(held / (1 - held))
    return told


def is_heard(frame: pl.DataFrame) -> bool:
    """Whether the rows have anything that was heard."""
    return any(name in frame.columns for name in HEARD)
