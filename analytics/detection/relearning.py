"""Learning from this platform's own labels and decisions: more trees on the same model, kept only if no worse.

Old and new model are compared on the same held-out accounts, which neither the trees nor the curve of the new one saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from analytics.detection.bands import Thresholds, Truths
from analytics.detection.calibration import Calibrator, Floats, group_folds, logit, sigmoid
from analytics.detection.evaluation import average_precision
from analytics.detection.models import ENGAGEMENT, Bundle, Shape, parameters, write_bundle
from analytics.detection.scoring import matrix_of, score_engagements

FOLDS = 3
# Fewer accounts or rows of either kind teach nothing that a held-out third could confirm.
LEAST_ACCOUNTS, LEAST_ROWS = 30, 60
MORE = Shape(trees=40, leaves=7, rate=0.05, least_rows=20)
# The new model may be this much worse in average precision by the luck of the draw, and no worse in calibration.
SLACK = 0.002
CURVES = ("rich", "home", "poor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How one model does on the held-out decisions."""

    average_precision: float
    brier: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Old and new on the same held-out rows; `reason` says why the new one is used or is not."""

    is_used: bool
    reason: str
    accounts: int = 0
    rows: int = 0
    held_out_rows: int = 0
    old: Figures | None = None
    new: Figures | None = None


@dataclass(frozen=True, slots=True)
class Relearned:
    """The comparison, and the new bundle's files where it is used."""

    compared: Compared
    files: Mapping[str, str] | None = None


def relearn(
    bundle: Bundle, rows: pl.DataFrame, thresholds: Thresholds, *, version: str, is_poor: bool, seed: int
) -> Relearned:
    """Train on, recalibrate, compare. `rows`: described engagements with `is_inauthentic` and `weight`."""
    lacking = too_little(rows)
    if lacking:
        return Relearned(Compared(is_used=False, reason=lacking, rows=len(rows)))
    rows = rows.sort("engagement_key")
    accounts = rows["account_key"].to_numpy()
    fold = group_folds(np.full(len(rows), "", dtype=object), accounts, FOLDS, seed)
    learnt, held = fold > 0, fold == 0
    text = more_trees(bundle, rows.filter(learnt), seed)
    grown = with_model(bundle, text)
    curves = recalibrated(bundle, rows.filter(learnt), fold[learnt], thresholds, is_poor=is_poor, seed=seed)
    grown = replace(grown, calibrators=curves)
    old, new = (figures(one, rows.filter(held), thresholds, is_poor=is_poor) for one in (bundle, grown))
    compared = verdict(old, new, rows, int(held.sum()))
    if not compared.is_used:
        return Relearned(compared)
    texts = {name: booster.model_to_string() for name, booster in bundle.boosters.items()} | {ENGAGEMENT: text}
    return Relearned(compared, write_bundle(texts, curves, new_card(bundle, compared, version)))


def too_little(rows: pl.DataFrame) -> str:
    """Say what is lacking, or nothing."""
    for said, word in ((True, "inauthentic"), (False, "genuine")):
        part = rows.filter(pl.col("is_inauthentic") == said)
        if len(part) < LEAST_ROWS or part["account_key"].n_unique() < LEAST_ACCOUNTS:
            return (
                f"Too few engagements are known to be {word} to learn from: {len(part):,} of "
                f"{part['account_key'].n_unique():,} accounts; {LEAST_ROWS} of {LEAST_ACCOUNTS} are needed."
            )
    return ""


def more_trees(bundle: Bundle, rows: pl.DataFrame, seed: int) -> str:
    """The old engagement model with trees added for what it gets wrong here."""
    names = bundle.features(ENGAGEMENT)
    truth, weight = rows["is_inauthentic"].cast(pl.Float64).to_numpy(), rows["weight"].cast(pl.Float64).to_numpy()
    data = lgb.Dataset(matrix_of(rows, names), label=truth, weight=weight, feature_name=names, free_raw_data=False)
    told = lgb.train(parameters(MORE, seed), data, num_boost_round=MORE.trees, init_model=bundle.boosters[ENGAGEMENT])
    return str(told.model_to_string())


def with_model(bundle: Bundle, text: str) -> Bundle:
    return replace(bundle, boosters={**bundle.boosters, ENGAGEMENT: lgb.Booster(model_str=text)})


def recalibrated(
    bundle: Bundle, rows: pl.DataFrame, fold: np.ndarray[Any, Any], thresholds: Thresholds, *, is_poor: bool, seed: int
) -> dict[str, Calibrator]:
    """Bend the old curves by a slope and a shift, found on accounts that the trees of their fold had not seen."""
    said = np.zeros(len(rows))
    for held in np.unique(fold):
        inside: Truths = fold == held
        grown = with_model(bundle, more_trees(bundle, rows.filter(~inside), seed))
        said[inside] = score_engagements(rows.filter(inside), grown, thresholds, is_poor=is_poor).probability
    truth, weight = rows["is_inauthentic"].to_numpy(), rows["weight"].cast(pl.Float64).to_numpy()
    slope, shift = bend(said, truth, weight)
    return {name: bent(curve, slope, shift) if name in CURVES else curve for name, curve in bundle.calibrators.items()}


def bend(said: Floats, truth: Truths, weight: Floats) -> tuple[float, float]:
    """Slope and shift of log-odds by logistic regression, held near one and nought."""
    odds = logit(np.clip(said, 1e-4, 1 - 1e-4))
    fitted = LogisticRegression(C=10.0).fit((odds)[:, None], truth, sample_weight=weight)
    return max(float(fitted.coef_[0, 0]), 0.2), float(fitted.intercept_[0])


def bent(curve: Calibrator, slope: float, shift: float) -> Calibrator:
    if not curve.scores:
        return curve
    moved = sigmoid(slope * logit(np.array(curve.probabilities)) + shift)
    return Calibrator(curve.scores, tuple(float(p) for p in np.clip(moved, 1e-4, 0.9995)))


def figures(bundle: Bundle, rows: pl.DataFrame, thresholds: Thresholds, *, is_poor: bool) -> Figures:
    said = score_engagements(rows, bundle, thresholds, is_poor=is_poor).probability
    truth, weight = rows["is_inauthentic"].to_numpy(), rows["weight"].cast(pl.Float64).to_numpy()
    return Figures(
        average_precision=average_precision(truth, said, weight),
        brier=float(np.average((said - truth) ** 2, weights=weight)),
    )


def verdict(old: Figures, new: Figures, rows: pl.DataFrame, held_out: int) -> Compared:
    """The new model is used when it is not worse, in order and in calibration."""
    worse_order = not new.average_precision >= old.average_precision - SLACK
    worse_odds = new.brier > old.brier
    reason = (
        "The new model orders the held-out decisions worse than the old one, which stays in use."
        if worse_order
        else "The new model's probabilities are further off on the held-out decisions, so the old one stays in use."
        if worse_odds
        else "The new model is no worse than the old one on the held-out decisions and is used."
    )
    return Compared(
        is_used=not (worse_order or worse_odds),
        reason=reason,
        accounts=rows["account_key"].n_unique(),
        rows=len(rows),
        held_out_rows=held_out,
        old=old,
        new=new,
    )


def new_card(bundle: Bundle, compared: Compared, version: str) -> dict[str, Any]:  # Any: what a JSON card holds
    """The old card with what changed: where the new model comes from and how it was compared."""
    told = {
        name: {"average_precision": one.average_precision, "brier": one.brier}
        for name, one in (("old", compared.old), ("new", compared.new))
        if one is not None
    }
    return {
        **bundle.card,
        "model_version": version,
        "retrained": {
            "from_version": bundle.version,
            "from_hash": bundle.model_hash,
            "engagements": compared.rows,
            "accounts": compared.accounts,
            "held_out_engagements": compared.held_out_rows,
            "held_out": told,
        },
    }
