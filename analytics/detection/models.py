"""Models as texts: gradient-boosted trees in their native format, checked by hash before use, never unpickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from analytics.detection.calibration import Calibrator, Floats
from analytics.detection.forest import log_odds
from data.errors import ModelError

Matrix = npt.NDArray[np.float32]

# The models of a bundle: the engagement model, what hearsay adds to its log-odds, what each family of evidence says by
# itself, and the account model.
ENGAGEMENT, HEARSAY, ACCOUNT = "engagement", "hearsay", "account"
FAMILY_MODELS = ("infrastructure", "graph", "rhythm")
MODEL_NAMES = (ENGAGEMENT, HEARSAY, *FAMILY_MODELS, ACCOUNT)
CARD = "card.json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that turns features into probabilities, and the card that says where it comes from."""

    boosters: Mapping[str, lgb.Booster]
    calibrators: Mapping[str, Calibrator]
    card: Mapping[str, Any]  # Any: what a JSON object may hold
    model_hash: str

    @property
    def version(self) -> str:
        return str(self.card["model_version"])

    @property
    def base(self) -> float:
        """Log-odds of the engagement model's training share, the level at which evidence is neutral."""
        return float(self.card["base_log_odds"])

    @property
    def hears(self) -> bool:
        """Whether what is heard of others counts; up to shipped-9 it did not."""
        return HEARSAY in self.boosters

    def features(self, name: str) -> list[str]:
        return list(self.boosters[name].feature_name())

    def log_odds(self, name: str, matrix: Matrix) -> Floats:
        return log_odds(self.boosters[name], matrix)

    def contributions(self, name: str, matrix: Matrix) -> Floats:
        """SHAP values per row and feature; the last column is the base value."""
        if len(matrix) == 0:
            return np.zeros((0, matrix.shape[1] + 1))
        # Threads that wait for each other cost more than a single row does.
        alone: dict[str, Any] = {"num_threads": 1} if len(matrix) == 1 else {}  # Any: as the engine takes it
        told: Floats = np.asarray(self.boosters[name].predict(matrix, pred_contrib=True, **alone), dtype=np.float64)
        return told


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write_bundle(
    boosters: Mapping[str, str], calibrators: Mapping[str, Calibrator], card: dict[str, Any]
) -> dict[str, str]:
    """The files of a bundle: one text per model and the card, which holds their hashes."""
    card = {
        **card,
        "files": {f"{name}.txt": sha256(text) for name, text in sorted(boosters.items())},
        "calibrators": {
            name: {"scores": list(curve.scores), "probabilities": list(curve.probabilities)}
            for name, curve in sorted(calibrators.items())
        },
    }
    told = json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return {**{f"{name}.txt": text for name, text in boosters.items()}, CARD: told}


def bundle_hash(files: Mapping[str, str]) -> str:
    """One hash for a bundle: of its card, which in turn holds the hash of every model file."""
    return sha256(files[CARD])


def read_bundle(files: Mapping[str, str], known_hash: str) -> Bundle:
    """Check every hash, then load; a file that is not the recorded one is refused unread."""
    if CARD not in files:
        raise ModelError("The model has no card.", "Restore the model folder, or train anew with `make model`.")
    found = bundle_hash(files)
    if found != known_hash:
        raise ModelError(
            f"The model's hash {found[:12]} is not the recorded {known_hash[:12]}.",
            "Restore the model folder, or train anew with `make model`.",
        )
    card = json.loads(files[CARD])
    for name, recorded in card["files"].items():
        if sha256(files.get(name, "")) != recorded:
            raise ModelError(f"The model file {name} is not the recorded one.", "Restore the model folder.")
    boosters = {name.removesuffix(".txt"): lgb.Booster(model_str=files[name]) for name in card["files"]}
    calibrators = {
        name: Calibrator(tuple(points["scores"]), tuple(points["probabilities"]))
        for name, points in card["calibrators"].items()
    }
    return Bundle(boosters, calibrators, card, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of one model; more leaves cost explanation time and bought no quality."""

    trees: int = 300
    leaves: int = 15
    rate: float = 0.06
    least_rows: int = 60
    # Share of the features that each tree may see: few, so that no habit of one maker of worlds carries the model.
    columns: float = 0.5
    # Whether the log-odds may only rise with every feature.
    rises: bool = False


def parameters(shape: Shape, seed: int, features: int = 0) -> dict[str, Any]:  # Any: numbers, words and switches
    """What LightGBM is told; the same seed gives the same trees."""
    told = {
        "objective": "binary",
        "num_leaves": shape.leaves,
        "learning_rate": shape.rate,
        "min_data_in_leaf": shape.least_rows,
        "feature_fraction": shape.columns,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "max_bin": 127,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
        "verbosity": -1,
    }
    return {**told, "monotone_constraints": [1] * features} if shape.rises else told


def fit(
    matrix: Matrix,
    truths: Floats,
    names: Sequence[str],
    *,
    shape: Shape,
    seed: int,
    weights: Floats | None = None,
    start: Floats | None = None,
) -> str:
    """Train one model and return it as text; with log-odds to start from, a model of what is to be added to them."""
    data = lgb.Dataset(
        matrix, label=truths, weight=weights, init_score=start, feature_name=list(names), free_raw_data=True
    )
    told = lgb.train(parameters(shape, seed, len(names)), data, num_boost_round=shape.trees)
    return str(told.model_to_string())
