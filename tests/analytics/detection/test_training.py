"""Training: worlds in, a bundle of texts with its card out, which scores a log it has not seen."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.calibration import group_folds
from analytics.detection.keyed import key_log
from analytics.detection.lessons import thin
from analytics.detection.models import MODEL_NAMES
from analytics.workflows.rehearsal import rehearse
from tests.analytics.detection.small_model import settings, small_bundle, small_files, tiny_world


def test_a_trained_bundle_scores_a_log_it_has_not_seen() -> None:
    """D-01: train, bundle and score fit each other."""
    bundle = small_bundle()
    assert set(bundle.boosters) == set(MODEL_NAMES)
    assert {"rich", "poor", "home", "account.rich", "account.poor"} <= set(bundle.calibrators)
    world = tiny_world(3)
    run = rehearse(key_log({name: world[name] for name in ("accounts", "engagements", "logins")}), bundle, settings())
    flags = run.tables["flags"].join(world["truth_accounts"].select("account_id", "is_inauthentic"), on="account_id")
    bought, genuine = (flags.filter(pl.col("is_inauthentic") == said)["score"].mean() for said in (True, False))
    assert bought > genuine


def test_a_bundle_is_text_alone() -> None:
    assert all(isinstance(text, str) for text in small_files().values())
    assert set(small_files()) == {*(f"{name}.txt" for name in MODEL_NAMES), "card.json"}


def test_no_account_and_no_seller_lies_in_two_folds() -> None:
    services = np.array(["s1", "s1", "", "", "s2", "", None], dtype=object)
    accounts = np.array([1, 2, 3, 3, 4, 5, 5])
    fold = group_folds(services, accounts, 3, seed=1)
    assert fold[0] == fold[1]
    assert fold[2] == fold[3]
    assert fold[5] == fold[6]


def test_drawn_engagements_stand_for_all() -> None:
    rows = pl.DataFrame({"account_key": [1] * 1000 + [2] * 5})
    told = thin(rows, 10, seed=0)
    by_account = dict(told.group_by("account_key").agg(pl.col("weight").sum()).rows())
    assert by_account[2] == 5.0
    assert abs(by_account[1] - 1000) < 600
