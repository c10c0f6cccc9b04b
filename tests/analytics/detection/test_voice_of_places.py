"""Places have a voice of their own beside the model that sees everything: whatever is sold comes from somewhere."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.features import ENGAGEMENT_MODEL, INFRASTRUCTURE
from analytics.detection.models import ENGAGEMENT, Bundle
from analytics.detection.scoring import PLACES, by_itself, with_places
from tests.analytics.detection.small_model import small_bundle

NAMES = [feature.name for feature in ENGAGEMENT_MODEL]
OF_PLACES = [feature.name for feature in ENGAGEMENT_MODEL if feature.family == INFRASTRUCTURE]


def drawn(rows: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    return pl.DataFrame({name: rng.exponential(2.0, rows) for name in NAMES})


def spoken(bundle: Bundle, frame: pl.DataFrame, model: str) -> np.ndarray:
    """Log-odds by LightGBM itself."""
    booster = bundle.boosters[model]
    return np.asarray(booster.predict(frame.select(booster.feature_name()).to_numpy(), raw_score=True))


def test_places_speak_where_they_are_twenty_times_as_sure() -> None:
    """e^3 is 20.1: below that the model of everything has the word alone."""
    told = with_places(np.array([-4.0, -4.0, 2.0, 2.0]), np.array([0.5, -1.5, 4.0, 6.0]))

    assert told.tolist() == [-2.5, -4.0, 2.0, 3.0]


def test_engagements_are_judged_with_the_voice_of_their_places() -> None:
    bundle, frame = small_bundle(), drawn()

    everything, places = spoken(bundle, frame, ENGAGEMENT), spoken(bundle, frame, PLACES)

    assert np.allclose(by_itself(frame, bundle), np.maximum(everything, places - 3.0), atol=1e-6)


def test_a_log_that_knows_no_places_is_judged_without() -> None:
    """What is not known speaks for nothing."""
    bundle = small_bundle()
    blind = drawn().with_columns(pl.lit(None, pl.Float64).alias(name) for name in OF_PLACES)

    assert np.allclose(by_itself(blind, bundle), spoken(bundle, blind, ENGAGEMENT), atol=1e-6)
