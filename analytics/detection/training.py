"""Learning from worlds with truth, so that a platform without a single label starts with a model that transfers.

Every world is described in several ways, each with columns taken away, as real logs have them taken away. Nothing is
calibrated on accounts or services that its model saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.bands import is_removable, smallest_safe
from analytics.detection.calibration import Calibrator, Floats, fit_calibrator, logit
from analytics.detection.evaluation import average_precision
from analytics.detection.features import ENGAGEMENT_MODEL, GRAPH, INFRASTRUCTURE, RHYTHM
from analytics.detection.hearing import Sizes, learn_hearsay
from analytics.detection.keeps import at_home
from analytics.detection.lessons import Lesson
from analytics.detection.mixture import Posterior, mix
from analytics.detection.models import ACCOUNT, ENGAGEMENT, Shape, fit
from analytics.detection.scoring import PLACES, Scored, calibrated, matrix_of, positions, settled, speaking
from analytics.detection.stacked import Rows, predict, stack
from analytics.detection.suspects import ACCOUNT_MODEL, account_frame

# The levels of data/reference/thresholds.toml, under which the thresholds of removal are found.
FAMILY_SPEAKS, WITHOUT_EVIDENCE, LOCKSTEP_P = 0.3, 0.3, 1e-4
FAMILIES = {"infrastructure": INFRASTRUCTURE, "graph": GRAPH, "rhythm": RHYTHM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """How large each kind of model is."""

    family: Shape
    engagement: Shape
    # The engagement model without two folds, by which nothing but hearsay is learned.
    blind: Shape
    hearsay: Shape
    account: Shape


USUAL_SHAPES = Shapes(
    family=Shape(trees=80, leaves=7, rate=0.1, least_rows=100),
    engagement=Shape(trees=720, leaves=12, rate=0.1, least_rows=200, columns=0.2),
    blind=Shape(trees=320, leaves=12, rate=0.14, least_rows=200, columns=0.2),
    hearsay=Shape(trees=80, leaves=4, rate=0.08, least_rows=2_000, rises=True),
    account=Shape(trees=150, leaves=7, rate=0.06, least_rows=20),
)


@dataclass(frozen=True, slots=True)
class Learned:
    """Models as texts, their curves, and what they did on rows their folds had not seen."""

    texts: Mapping[str, str]
    calibrators: Mapping[str, Calibrator]
    base: float
    # Band, for rich and for poor logs, and kind's code, to the smallest probability.
    thresholds: Mapping[str, Mapping[str, float]]
    measures: Mapping[str, float]


def learn(lessons: Sequence[Lesson], *, seed: int, shapes: Shapes = USUAL_SHAPES) -> Learned:
    """Fit the models, and calibrate and set thresholds on what each fold's model had not seen."""
    rows = stack(lessons, "rows", seed)
    texts: dict[str, str] = {}
    calibrators: dict[str, Calibrator] = {}
    base = float(logit(np.array([np.average(rows.truth, weights=rows.weight)]))[0])
    families: dict[str, Floats] = {}
    by_family: dict[str, Floats] = {}
    for family, bit in FAMILIES.items():
        names = [feature.name for feature in ENGAGEMENT_MODEL if feature.family == bit]
        texts[family], held_out = out_of_fold(rows, names, shapes.family, seed)
        calibrators |= curves(f"{family}.", held_out, rows)
        by_family[family] = held_out
        families[family] = through_curves(held_out, calibrators, rows, f"{family}.")
    names = [feature.name for feature in ENGAGEMENT_MODEL]
    texts[ENGAGEMENT], alone = out_of_fold(rows, names, shapes.engagement, seed)
    sizes = Sizes(shapes.blind, shapes.hearsay)
    heard, held_out = learn_hearsay(rows, alone, sizes, base, seed, places=by_family[PLACES])
    texts |= heard
    mixed = mix(held_out, positions(rows.frame), base)
    calibrators |= curves("", mixed.engagement, rows)
    calibrators["home"] = fit_calibrator(*rows.only(mixed.engagement, at_home(rows.frame) & ~rows.is_poor))
    scored = held_out_scores(rows, mixed, calibrators, families)
    texts[ACCOUNT], account_curves, measures = learn_accounts(lessons, scored, rows, shapes.account, seed)
    return Learned(
        texts, calibrators | account_curves, base, thresholds(rows, scored), measures | held_out_measures(rows, scored)
    )


def held_out_scores(
    rows: Rows, mixed: Posterior, calibrators: Mapping[str, Calibrator], families: Mapping[str, Floats]
) -> Scored:
    """What detection would have said of each row by models that had not seen its fold."""
    home, session = at_home(rows.frame), mixed.session[positions(rows.frame).session]
    scored = Scored(
        calibrated(mixed.engagement, calibrators, rows.is_poor, home),
        calibrated(session, calibrators, rows.is_poor, home),
        speaking(rows.frame, families, FAMILY_SPEAKS),
        np.zeros(len(home), dtype=bool),
    )
    return settled(rows.frame, scored, WITHOUT_EVIDENCE, is_poor=rows.is_poor, lockstep_p=LOCKSTEP_P)


def out_of_fold(rows: Rows, names: list[str], shape: Shape, seed: int) -> tuple[str, Floats]:
    """Fit on all rows, and give each row the log-odds of a model that never saw its fold."""
    matrix = matrix_of(rows.frame, names)
    told = np.zeros(len(matrix))
    for fold in np.unique(rows.fold):
        held = rows.fold == fold
        text = fit(matrix[~held], rows.truth[~held], names, shape=shape, seed=seed, weights=rows.weight[~held])
        told[held] = predict(text, matrix[held])
    return fit(matrix, rows.truth, names, shape=shape, seed=seed, weights=rows.weight), told


def curves(prefix: str, scores: Floats, rows: Rows) -> dict[str, Calibrator]:
    """One curve for rich logs and one for poor ones."""
    return {
        prefix + name: fit_calibrator(scores[chosen], rows.truth[chosen], rows.weight[chosen])
        for name, chosen in rows.curve_names().items()
    }


def through_curves(scores: Floats, calibrators: Mapping[str, Calibrator], rows: Rows, prefix: str = "") -> Floats:
    rich, poor = calibrators[f"{prefix}rich"], calibrators[f"{prefix}poor"]
    told: Floats = np.where(rows.is_poor, poor(scores), rich(scores))
    return told


def thresholds(rows: Rows, scored: Scored) -> dict[str, dict[str, float]]:
    """Find, per kind, the smallest probability above which at most one in a hundred removed would be genuine.

    Only what has two families of evidence and is no hard keep counts, as in detection; accounts are the clusters.
    """
    kinds = rows.frame["kind"].cast(pl.Int64).to_numpy()
    accounts = rows.frame["account_key"].to_numpy()
    tested = rows.frame["is_tested"].fill_null(value=False).to_numpy()
    told: dict[str, dict[str, float]] = {}
    for name, poor in (("remove", False), ("remove_poor", True)):
        goes = is_removable(scored.families, tested, is_poor=poor) & ~scored.kept & (rows.is_poor == poor)
        told[name] = {}
        for kind in range(4):
            chosen = goes & (kinds == kind)
            genuine, said = rows.truth[chosen] < 0.5, scored.probability[chosen]
            told[name][str(kind)] = smallest_safe(said, genuine, accounts[chosen])
    return told


def held_out_measures(rows: Rows, scored: Scored) -> dict[str, float]:
    """Average precision of engagements in rich and poor logs, and for each trade against all genuine rows."""
    truth, said = rows.truth > 0.5, scored.probability
    told = {
        f"engagement AP, {name}": average_precision(truth[chosen], said[chosen], rows.weight[chosen])
        for name, chosen in rows.curve_names().items()
    }
    if "family" not in rows.frame.columns:
        return told
    family = rows.frame["family"].fill_null("").to_numpy()
    for name in sorted(set(family) - {""}):
        chosen = ~rows.is_poor & (~truth | (family == name))
        told[f"engagement AP, {name}"] = average_precision(truth[chosen], said[chosen], rows.weight[chosen])
    return told


def learn_accounts(
    lessons: Sequence[Lesson], scored: Scored, rows: Rows, shape: Shape, seed: int
) -> tuple[str, dict[str, Calibrator], dict[str, float]]:
    """Fit the account model on suspect sessions as the folds saw them."""
    held = account_rows(lessons, scored, rows, seed)
    text, scores = out_of_fold(held, [feature.name for feature in ACCOUNT_MODEL], shape, seed)
    told = {
        f"account AP, {name}": average_precision(held.truth[chosen] > 0.5, scores[chosen], held.weight[chosen])
        for name, chosen in held.curve_names().items()
    }
    return text, curves(f"{ACCOUNT}.", scores, held), told


def account_rows(lessons: Sequence[Lesson], scored: Scored, rows: Rows, seed: int) -> Rows:
    """The account model's rows: each account with what was said of its engagements."""
    accounts = stack(lessons, "accounts", seed)
    known = accounts.frame.select(pl.exclude("world", "made_by", "is_poor"))
    said = (pl.Series("p", scored.probability), pl.Series("p_session", scored.session_probability))
    frame = account_frame(rows.frame.with_columns(said), known)
    order = accounts.frame.select("account_key").with_row_index("place")
    place = frame.select("account_key").join(order, on="account_key", how="left")["place"].to_numpy()
    return Rows(frame, accounts.truth[place], accounts.weight[place], accounts.fold[place], accounts.is_poor[place])
