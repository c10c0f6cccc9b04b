"""Raw scores to probabilities: isotonic regression on predictions for accounts and services the model never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# No amount of data makes a machine certain.
LEAST, MOST = 1e-4, 0.9995
MAX_POINTS = 200
# How far a curve between two lies towards the second: with half of the way in probability, bought engagements of new
# worlds were told too timidly, by a model that knew their maker and by one that did not.
TOWARDS = 2 / 3


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A rising curve from log-odds to probability, by straight lines between its points."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, scores: Floats) -> Floats:
        if not self.scores:
            return sigmoid(scores)
        told: Floats = np.interp(scores, self.scores, self.probabilities)
        return told


def fit_calibrator(scores: Floats, truths: Floats, weights: Floats | None = None) -> Calibrator:
    """Fit the curve; one class only leaves the scores' own logistic."""
    if len(scores) == 0 or truths.min() == truths.max():
        return Calibrator((), ())
    fitted = IsotonicRegression(y_min=LEAST, y_max=MOST, out_of_bounds="clip").fit(
        scores, truths, sample_weight=weights
    )
    xs, ys = _thinned(fitted.X_thresholds_, fitted.y_thresholds_)
    return Calibrator(tuple(float(x) for x in xs), tuple(float(y) for y in ys))


def between(one: Calibrator, other: Calibrator) -> Calibrator:
    """A curve from one towards another, in log-odds, by `TOWARDS`; where one of them has no points, the other."""
    if not one.scores or not other.scores:
        return one if one.scores else other
    xs = np.unique(np.concatenate([one.scores, other.scores]))
    xs, ys = _thinned(xs, sigmoid((1 - TOWARDS) * logit(one(xs)) + TOWARDS * logit(other(xs))))
    return Calibrator(tuple(float(x) for x in xs), tuple(float(y) for y in ys))


def _thinned(xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    if len(xs) <= MAX_POINTS:
        return xs, ys
    chosen = np.unique(np.linspace(0, len(xs) - 1, MAX_POINTS).astype(int))
    return xs[chosen], ys[chosen]


def sigmoid(scores: Floats) -> Floats:
    told: Floats = 1 / (1 + np.exp(-np.clip(scores, -40, 40)))
    return told


def logit(probabilities: Floats) -> Floats:
    bounded = np.clip(probabilities, 1e-9, 1 - 1e-9)
    told: Floats = np.log(bounded / (1 - bounded))
    return told


def group_folds(services: npt.NDArray[np.object_], accounts: Integers, folds: int, seed: int) -> Integers:
    """A fold for each row such that no account and no service lies in two folds.

    A row without a service (an account that is its owner's alone) is dealt by its account.
    """
    rng = np.random.default_rng(seed)
    named = np.array([str(service or "") for service in services], dtype=object)
    _, positions = np.unique(np.where(named == "", "", named), return_inverse=True)
    names = sorted(set(named) - {""})
    dealt = {name: fold % folds for fold, name in enumerate(rng.permutation(np.array(names, dtype=object)))}
    _, account_positions = np.unique(accounts, return_inverse=True)
    by_account = rng.integers(0, folds, size=int(account_positions.max(initial=0)) + 1)
    del positions
    return np.array(
        [dealt[name] if name else by_account[place] for name, place in zip(named, account_positions, strict=True)],
        dtype=np.int64,
    )


def expected_calibration_error(probabilities: Floats, truths: Floats, bins: int = 15) -> float:
    """The mean gap between what was said and what was so, over bins of equal mass."""
    if len(probabilities) == 0:
        return 0.0
    order = np.argsort(probabilities, kind="stable")
    gaps = [
        len(part) * abs(float(probabilities[part].mean()) - float(truths[part].mean()))
        for part in np.array_split(order, min(bins, len(order)))
    ]
    return sum(gaps) / len(probabilities)


def reliability(probabilities: Floats, truths: Floats, bins: int = 15) -> list[tuple[float, float, int]]:
    """Mean said, mean so, and rows, for each bin of equal mass."""
    order = np.argsort(probabilities, kind="stable")
    return [
        (float(probabilities[part].mean()), float(truths[part].mean()), len(part))
        for part in np.array_split(order, min(bins, max(len(order), 1)))
        if len(part)
    ]
