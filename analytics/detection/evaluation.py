"""How good a run was, against truth: averages with intervals from resampling accounts, none hidden in another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.metrics import average_precision_score, f1_score, v_measure_score

from analytics.detection.calibration import Floats, Integers, expected_calibration_error
from analytics.detection.log import HOUR

RESAMPLES = 100
KIND_NAMES = ("like", "follow", "comment", "unfollow")
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


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    value: float
    low: float | None = None
    high: float | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True)
class QualityTable:
    measures: tuple[Measure, ...]

    def value(self, name: str) -> float:
        return next(measure.value for measure in self.measures if measure.name == name)

    def rows(self) -> list[tuple[str, str, str]]:
        return [(m.name, _shown(m.value), _interval(m)) for m in self.measures]


def _shown(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def _interval(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return f"{measure.rows:,} rows" if measure.rows else ""
    return f"{_shown(measure.low)} to {_shown(measure.high)}"


@dataclass(frozen=True, slots=True)
class Columns:
    """What resampling needs of one row set, as arrays."""

    truth: npt.NDArray[np.bool_]
    said: Floats
    account: Integers


Statistic = Callable[[npt.NDArray[np.bool_], Floats, Floats], float]


def average_precision(truth: npt.NDArray[np.bool_], said: Floats, weight: Floats) -> float:
    if not truth.any():
        return float("nan")
    return float(average_precision_score(truth, said, sample_weight=weight))


def recall_at_precision(level: float) -> Statistic:
    """The largest share found while the share right stays at the level."""

    def statistic(truth: npt.NDArray[np.bool_], said: Floats, weight: Floats) -> float:
        if not truth.any():
            return float("nan")
        order = np.argsort(-said, kind="stable")
        right, chosen = np.cumsum(truth[order] * weight[order]), np.cumsum(weight[order])
        ends = np.append(np.diff(said[order]) != 0, True)
        good = ends & (right >= level * chosen)
        return float(right[good].max() / (truth * weight).sum()) if good.any() else 0.0

    return statistic


def with_interval(name: str, columns: Columns, statistic: Statistic, seed: int) -> Measure:
    """The statistic with a 95 % interval from resampling accounts, engagements of one account together."""
    places = np.unique(columns.account, return_inverse=True)[1]
    rng, size = np.random.default_rng(seed), int(places.max(initial=-1)) + 1
    ones = np.ones(len(columns.truth))
    value = statistic(columns.truth, columns.said, ones)
    if np.isnan(value) or size < 2:
        return Measure(name, value, rows=len(ones))
    drawn = [
        statistic(columns.truth, columns.said, np.bincount(rng.integers(0, size, size), minlength=size)[places] * ones)
        for _ in range(RESAMPLES)
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Measure(name, value, float(low), float(high), len(ones))


def removed_per_thousand(truth: npt.NDArray[np.bool_], removed: Floats, weight: Floats) -> float:
    genuine = (~truth) * weight
    return float(1000 * (genuine * removed).sum() / genuine.sum()) if genuine.sum() else float("nan")


def engagement_measures(rows: pl.DataFrame, seed: int) -> list[Measure]:
    """`rows`: account_id, kind, is_inauthentic, p_inauthentic, band, role (of the actor)."""
    all_rows = _columns(rows, "p_inauthentic")
    told = [with_interval("engagement AP", all_rows, average_precision, seed)]
    told.append(with_interval("recall at 99 % precision", all_rows, recall_at_precision(0.99), seed))
    for code, kind in enumerate(KIND_NAMES):
        part = rows.filter(pl.col("kind") == code)
        if part["is_inauthentic"].any():
            name = f"recall at 99 % precision, {kind}"
            told.append(with_interval(name, _columns(part, "p_inauthentic"), recall_at_precision(0.99), seed))
    removed = rows.with_columns(removed=(pl.col("band") == "remove").cast(pl.Float64))
    name = "genuine removed per 1,000"
    told.append(with_interval(name, _columns(removed, "removed"), removed_per_thousand, seed))
    for role, words in KEPT_ROLES.items():
        part = removed.filter(pl.col("role") == role)
        if len(part):
            told.append(with_interval(f"{name}, {words}", _columns(part, "removed"), removed_per_thousand, seed))
    told.append(_removed_precision(removed))
    told.append(_removed_recall(removed))
    said, truth = rows["p_inauthentic"].to_numpy(), rows["is_inauthentic"].cast(pl.Float64).to_numpy()
    told.append(Measure("calibration error", expected_calibration_error(said, truth), rows=len(rows)))
    return told


def _removed_precision(rows: pl.DataFrame) -> Measure:
    gone = rows.filter(pl.col("removed") > 0)
    value = gone["is_inauthentic"].mean() if len(gone) else None
    return Measure("share right of the removed", float("nan") if value is None else float(str(value)), rows=len(gone))


def _removed_recall(rows: pl.DataFrame) -> Measure:
    bought = rows.filter("is_inauthentic")
    value = bought["removed"].mean() if len(bought) else None
    return Measure(
        "share removed of the bought", float("nan") if value is None else float(str(value)), rows=len(bought)
    )


def _columns(rows: pl.DataFrame, said: str) -> Columns:
    accounts = np.unique(rows["account_id"].to_numpy(), return_inverse=True)[1]
    return Columns(rows["is_inauthentic"].to_numpy(), rows[said].cast(pl.Float64).to_numpy(), accounts.astype(np.int64))


def account_measures(rows: pl.DataFrame, seed: int) -> list[Measure]:
    """`rows`: account_id, is_inauthentic, score."""
    columns = _columns(rows, "score")
    said, truth = columns.said, columns.truth.astype(float)
    return [
        with_interval("account AP", columns, average_precision, seed),
        with_interval("account recall at 95 % precision", columns, recall_at_precision(0.95), seed),
        Measure("account calibration error", expected_calibration_error(said, truth), rows=len(rows)),
    ]


def attribution_measures(rows: pl.DataFrame) -> list[Measure]:
    """`rows`: one per inauthentic account attributed or not: truth service, said service (null: none)."""
    if rows.is_empty():
        return [Measure("attribution macro-F1", float("nan")), Measure("attribution V-measure", float("nan"))]
    truth, said = rows["truth"].to_list(), ["" if name is None else str(name) for name in rows["said"].to_list()]
    named = name_by_majority(truth, said)
    services = sorted(set(truth))
    return [
        Measure(
            "attribution macro-F1", float(f1_score(truth, named, labels=services, average="macro")), rows=len(rows)
        ),
        Measure("attribution V-measure", float(v_measure_score(truth, said)), rows=len(rows)),
    ]


def name_by_majority(truth: Sequence[str], said: Sequence[str]) -> list[str]:
    """Give each found cluster the name of the true service that holds most of it; each true name is used once."""
    counts: dict[tuple[str, str], int] = {}
    for true_name, found in zip(truth, said, strict=True):
        if found:
            counts[(found, true_name)] = counts.get((found, true_name), 0) + 1
    names: dict[str, str] = {}
    for (found, true_name), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if found not in names and true_name not in names.values():
            names[found] = true_name
    return [names.get(found, f"?{found}") for found in said]


def delay_measure(rows: pl.DataFrame) -> Measure:
    """`rows`: inauthentic accounts with started_at and found_at (microseconds; null: not found)."""
    found = rows.filter(pl.col("found_at").is_not_null() & pl.col("started_at").is_not_null())
    if found.is_empty():
        return Measure("hours to the first proposed engagement", float("nan"))
    hours = ((found["found_at"] - found["started_at"]) / HOUR).median()
    return Measure("hours to the first proposed engagement", float(str(hours)), rows=len(found))
