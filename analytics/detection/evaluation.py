"""How good a run was, against truth: averages with intervals from resampling accounts, none hidden in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.detection.calibration import Floats, Integers, expected_calibration_error

RESAMPLES = 100
KIND_NAMES = ("like", "follow", "comment", "unfollow")
REMOVE_PRECISION, FLAG_PRECISION = 0.99, 0.95
# Roles of the truth tables whose genuine engagements must stay, as they are named in the table.
KEPT_ROLES = {
    "customer": "customers",
    "agency_client": "agencies",
    "heavy": "heavy users",
    "fan": "fans",
    "giveaway": "giveaway entrants",
    "community": "communities",
    "newcomer": "newcomers",
    "traveller": "travellers",
}

Truths = npt.NDArray[np.bool_]
Statistic = Callable[[Truths, Floats, Floats], float]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure; `low` and `high` bound it at 95 %."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    rows: int = 0

    def cells(self) -> tuple[str, str, str]:
        return self.name, shown(self.value), self.interval()

    def interval(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.rows:,} rows" if self.rows else ""
        return f"{shown(self.low)} to {shown(self.high)}"


def shown(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows by falling score, equal rows of one account counted together; `times`: how many each stands for."""

    truth: Truths
    said: Floats
    account: Integers
    times: Floats


def columns(rows: pl.DataFrame, said: str) -> Columns:
    """`rows`: account_id, is_inauthentic and the score."""
    account = pl.col("account_id").rank("dense").cast(pl.Int64) - 1
    told = (
        rows.select(account, pl.col("is_inauthentic"), said=pl.col(said).cast(pl.Float64))
        .group_by("account_id", "is_inauthentic", "said")
        .len("times")
        .sort(["said", "account_id", "is_inauthentic"], descending=[True, False, False])
    )
    truth, times = told["is_inauthentic"].to_numpy(), told["times"].cast(pl.Float64).to_numpy()
    return Columns(truth, told["said"].to_numpy(), told["account_id"].to_numpy(), times)


def average_precision(truth: Truths, said: Floats, weight: Floats) -> float:
    """Mean precision over everything to be found, equal scores taken together."""
    if not (weight * truth).sum():
        return float("nan")
    order = np.argsort(-said, kind="stable")
    right, chosen = np.cumsum((truth * weight)[order]), np.cumsum(weight[order])
    ends = np.append(np.diff(said[order]) != 0, True)
    found = np.diff(np.append(0.0, right[ends]))
    return float((found * right[ends] / np.maximum(chosen[ends], 1e-12)).sum() / right[-1])


def recall_at_precision(level: float) -> Statistic:
    """The largest share found while the share right stays at the level."""

    def statistic(truth: Truths, said: Floats, weight: Floats) -> float:
        whole = float((truth * weight).sum())
        if not whole:
            return float("nan")
        order = np.argsort(-said, kind="stable")
        right, chosen = np.cumsum((truth * weight)[order]), np.cumsum(weight[order])
        ends = np.append(np.diff(said[order]) != 0, True)
        good = ends & (right >= level * chosen)
        return float(right[good].max() / whole) if good.any() else 0.0

    return statistic


def removed_per_thousand(truth: Truths, removed: Floats, weight: Floats) -> float:
    """Of a thousand genuine rows, how many were removed."""
    genuine = (~truth) * weight
    return float(1000 * (genuine * removed).sum() / genuine.sum()) if genuine.sum() else float("nan")


def share_right(truth: Truths, removed: Floats, weight: Floats) -> float:
    gone = weight * removed
    return float((truth * gone).sum() / gone.sum()) if gone.sum() else float("nan")


def share_found(truth: Truths, removed: Floats, weight: Floats) -> float:
    bought = truth * weight
    return float((bought * removed).sum() / bought.sum()) if bought.sum() else float("nan")


def with_interval(name: str, told: Columns, statistic: Statistic, seed: int) -> Measure:
    """The statistic with a 95 % interval from resampling accounts, engagements of one account together."""
    size, rows = int(told.account.max(initial=-1)) + 1, int(told.times.sum())
    value = statistic(told.truth, told.said, told.times) if size else float("nan")
    if np.isnan(value) or size < 2:
        return Measure(name, value, rows=rows)
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(told.truth, told.said, counts[told.account] * told.times)
        for counts in (np.bincount(rng.integers(0, size, size), minlength=size) for _ in range(RESAMPLES))
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Measure(name, value, float(low), float(high), rows)


def engagement_measures(rows: pl.DataFrame, seed: int) -> list[Measure]:
    """`rows`: account_id, kind, is_inauthentic, p_inauthentic, band, and the actor's role."""
    whole = columns(rows, "p_inauthentic")
    recall = recall_at_precision(REMOVE_PRECISION)
    told = [
        with_interval("engagement AP", whole, average_precision, seed),
        with_interval("recall at 99 % precision", whole, recall, seed),
    ]
    for kind in KIND_NAMES:
        part = rows.filter(pl.col("kind") == kind)
        if part["is_inauthentic"].any():
            told.append(
                with_interval(f"recall at 99 % precision, {kind}", columns(part, "p_inauthentic"), recall, seed)
            )
    told += removal_measures(rows.with_columns(removed=(pl.col("band") == "remove").cast(pl.Float64)), seed)
    said, truth = rows["p_inauthentic"].to_numpy(), rows["is_inauthentic"].cast(pl.Float64).to_numpy()
    return [*told, Measure("calibration error", expected_calibration_error(said, truth), rows=len(rows))]


def removal_measures(rows: pl.DataFrame, seed: int) -> list[Measure]:
    """What the remove band takes rightly and wrongly, overall and from each kind of genuine crowd."""
    whole, name = columns(rows, "removed"), "genuine removed per 1,000"
    told = [with_interval(name, whole, removed_per_thousand, seed)]
    for role, words in KEPT_ROLES.items():
        part = rows.filter(pl.col("role") == role)
        if len(part):
            told.append(with_interval(f"{name}, {words}", columns(part, "removed"), removed_per_thousand, seed))
    told.append(with_interval("share right of the removed", whole, share_right, seed))
    told.append(with_interval("share removed of the bought", whole, share_found, seed))
    proposed = columns(rows.with_columns(proposed=(pl.col("band") != "keep").cast(pl.Float64)), "proposed")
    told.append(with_interval("share proposed of the bought", proposed, share_found, seed))
    return told


def family_measures(rows: pl.DataFrame, seed: int) -> list[Measure]:
    """For each family of services: how well its engagements stand out from all genuine ones."""
    told = []
    for family in sorted(rows["family"].drop_nulls().unique()):
        part = rows.filter(~pl.col("is_inauthentic") | (pl.col("family") == family))
        if not part["is_inauthentic"].any():
            continue
        mine = columns(part, "p_inauthentic")
        told.append(with_interval(f"engagement AP, {family}", mine, average_precision, seed))
        recall = recall_at_precision(REMOVE_PRECISION)
        told.append(with_interval(f"recall at 99 % precision, {family}", mine, recall, seed))
    return told


def account_measures(rows: pl.DataFrame, seed: int) -> list[Measure]:
    """`rows`: account_id, is_inauthentic, score, and the account's family."""
    whole = columns(rows, "score")
    truth = rows["is_inauthentic"].cast(pl.Float64).to_numpy()
    recall = recall_at_precision(FLAG_PRECISION)
    told = [
        with_interval("account AP", whole, average_precision, seed),
        with_interval("account recall at 95 % precision", whole, recall, seed),
        Measure("account calibration error", expected_calibration_error(rows["score"].to_numpy(), truth)),
    ]
    for family in sorted(rows["family"].drop_nulls().unique()):
        part = rows.filter(~pl.col("is_inauthentic") | (pl.col("family") == family))
        if part["is_inauthentic"].any():
            name = f"account recall at 95 % precision, {family}"
            told.append(with_interval(name, columns(part, "score"), recall, seed))
    return told
