"""Probabilities between two expectations: of a platform like none that was learned from, and of one more like those.

Curves fitted on makers of worlds that a model has not met hold for the strangest platform and are too timid for every
other; curves fitted on new worlds of makers that it knows are too bold for a stranger. A platform is somewhere between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from analytics.detection.calibration import Calibrator, Floats, between, fit_calibrator
from analytics.detection.features import ENGAGEMENT_MODEL
from analytics.detection.hearing import odds_of
from analytics.detection.keeps import at_home
from analytics.detection.lessons import Lesson
from analytics.detection.mixture import mix
from analytics.detection.models import ACCOUNT
from analytics.detection.scoring import matrix_of, positions
from analytics.detection.stacked import Rows, predict, stack
from analytics.detection.suspects import ACCOUNT_MODEL
from analytics.detection.training import (
    FAMILIES,
    Learned,
    account_rows,
    curves,
    held_out_scores,
    through_curves,
)

NEVER = 1.1


def tempered(learned: Learned, fresh: Sequence[Lesson], *, seed: int) -> Learned:
    """The same models with curves most of the way to those of fresh worlds, which no model learned from.

    Each level of removal moves along with its curve, so that no lower score reaches it. The curves of the owner's own
    place and of single families move as well, so more engagements can have two families: what that removes is measured
    by `make quality`, also for a model that has met no world of the maker.
    """
    rows = stack(fresh, "rows", seed)
    mixed = mix(odds_of(learned.texts, rows, learned.base), positions(rows.frame), learned.base)
    home = {"home": fit_calibrator(*rows.only(mixed.engagement, at_home(rows.frame) & ~rows.is_poor))}
    families, known = family_scores(learned, rows)
    calibrators = moderate(learned.calibrators, curves("", mixed.engagement, rows) | home | known)
    said = {name: through_curves(scores, calibrators, rows, f"{name}.") for name, scores in families.items()}
    scored = held_out_scores(rows, mixed, calibrators, said)
    accounts = account_rows(fresh, scored, rows, seed)
    names = [feature.name for feature in ACCOUNT_MODEL]
    known = curves(f"{ACCOUNT}.", predict(learned.texts[ACCOUNT], matrix_of(accounts.frame, names)), accounts)
    return replace(
        learned,
        calibrators=moderate(calibrators, known),
        thresholds={
            "remove": moved(learned.thresholds["remove"], learned.calibrators["rich"], calibrators["rich"]),
            "remove_poor": moved(learned.thresholds["remove_poor"], learned.calibrators["poor"], calibrators["poor"]),
        },
    )


def family_scores(learned: Learned, rows: Rows) -> tuple[dict[str, Floats], dict[str, Calibrator]]:
    """What each family's model says of the rows by itself, in log-odds, and the curves of that."""
    told: dict[str, Floats] = {}
    known: dict[str, Calibrator] = {}
    for family, bit in FAMILIES.items():
        names = [feature.name for feature in ENGAGEMENT_MODEL if feature.family == bit]
        told[family] = predict(learned.texts[family], matrix_of(rows.frame, names))
        known |= curves(f"{family}.", told[family], rows)
    return told, known


def moderate(curves_: Mapping[str, Calibrator], known: Mapping[str, Calibrator]) -> dict[str, Calibrator]:
    return {name: between(curve, known[name]) if name in known else curve for name, curve in curves_.items()}


def moved(levels: Mapping[str, float], old: Calibrator, new: Calibrator) -> dict[str, float]:
    """Levels of probability at the scores at which they were, never lower than they were."""
    return {kind: level if level >= NEVER else max(level, _at(level, old, new)) for kind, level in levels.items()}


def _at(level: float, old: Calibrator, new: Calibrator) -> float:
    if not old.scores:
        return level
    reached = np.flatnonzero(np.asarray(old.probabilities) >= level)
    if not len(reached):
        return NEVER
    last = int(reached[0])
    low, high = old.probabilities[max(last - 1, 0)], old.probabilities[last]
    share = 1.0 if high <= low else (level - low) / (high - low)
    start = old.scores[max(last - 1, 0)]
    return float(new(np.array([start + share * (old.scores[last] - start)]))[0])
