"""Training: worlds in, a bundle of texts with its card out, which scores a log it has not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analytics.detection.calibration import Calibrator, between, group_folds
from analytics.detection.card import write_card
from analytics.detection.keyed import key_log
from analytics.detection.lessons import VARIANTS, build_lesson, thin
from analytics.detection.models import MODEL_NAMES
from analytics.detection.stacked import evenly, folds
from analytics.detection.tempering import NEVER, moved, tempered
from analytics.detection.training import Learned, learn
from analytics.workflows.rehearsal import rehearse
from tests.analytics.detection.small_model import SHAPES, settings, small_bundle, small_files, tiny_world


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


def test_a_maker_of_worlds_lies_in_one_fold() -> None:
    """What a model says of worlds whose maker it knows is no promise for others."""
    frame = pl.DataFrame({"made_by": ["a", "b", "a", "c"], "world": ["a 1", "b 1", "a 2", "c 1"]})
    fold = folds(frame, seed=0)
    assert fold[0] == fold[2]
    assert len(set(fold)) == 3


def test_every_maker_speaks_as_loudly() -> None:
    """One with many worlds is not heard more, and within a maker the proportions stay."""
    told = evenly(pl.DataFrame({"made_by": ["a"] * 4 + ["b"] * 2, "weight": [1.0, 1.0, 1.0, 5.0, 2.0, 2.0]}))
    assert told[:4].sum() == told[4:].sum() == 3.0
    assert told[3] == 5 * told[0]


def test_drawn_engagements_stand_for_all() -> None:
    rows = pl.DataFrame({"account_key": [1] * 1000 + [2] * 5})
    told = thin(rows, 10, seed=0)
    by_account = dict(told.group_by("account_key").agg(pl.col("weight").sum()).rows())
    assert by_account[2] == 5.0
    assert abs(by_account[1] - 1000) < 600


def test_a_tempered_curve_lies_two_thirds_of_the_way_in_log_odds_and_removal_stays_where_it_was() -> None:
    """Odds of 1/8, 1, 8 and of 1, 8, 64 make 1/2, 4, 32; a level of removal is reached by the same scores as before."""
    timid = Calibrator((-2.0, 0.0, 2.0), (1 / 9, 1 / 2, 8 / 9))
    bold = Calibrator((-2.0, 0.0, 2.0), (1 / 2, 8 / 9, 64 / 65))
    told = between(timid, bold)
    assert told(np.array([-2.0, 0.0, 2.0])) == pytest.approx([1 / 3, 4 / 5, 32 / 33])
    assert timid(np.array([1.0])) == pytest.approx([25 / 36])
    assert told(np.array([1.0])) == pytest.approx([146 / 165])
    levels = moved({"0": 25 / 36, "1": NEVER}, timid, told)
    assert levels == {"0": pytest.approx(146 / 165), "1": NEVER}


def test_a_tempered_model_still_scores_and_never_removes_at_a_lower_level() -> None:
    lessons = [
        build_lesson(f"{seed}/whole", tiny_world(seed), without=VARIANTS["whole"], most_rows=8, seed=seed)
        for seed in (1, 2, 6)
    ]
    learned = learn(lessons[:2], seed=0, shapes=SHAPES)
    told = tempered(learned, lessons[2:], seed=0)
    assert told.texts == learned.texts
    assert set(told.calibrators) == set(learned.calibrators)
    for band, levels in learned.thresholds.items():
        assert all(told.thresholds[band][kind] >= level for kind, level in levels.items())


def test_a_card_counts_the_worlds_of_each_maker_whatever_columns_were_taken_away() -> None:
    lessons = [
        replace(
            build_lesson(f"{seed}/{variant}", tiny_world(seed), without=VARIANTS[variant], most_rows=4, seed=seed),
            made_by=maker,
        )
        for maker, seed, variant in (("a", 1, "whole"), ("a", 1, "bare"), ("a", 2, "whole"), ("b", 4, "whole"))
    ]
    learned = Learned({}, {}, 0.0, {}, {})
    assert write_card(learned, lessons, version="v")["learned_from"]["worlds"] == {"a": 2, "b": 1}
