"""A model that learns from decisions is used only when it is no worse on decisions it has not seen."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.description import describe
from analytics.detection.description import rows as described_rows
from analytics.detection.groups import acts_of, find_groups, with_groups
from analytics.detection.keyed import key_log
from analytics.detection.log import in_memory
from analytics.detection.models import bundle_hash, read_bundle
from analytics.detection.relearning import Figures, relearn, verdict
from analytics.workflows.retrain import gather, known_rows
from tests.analytics.detection.small_model import settings, shipped, small_world


def decided_rows() -> pl.DataFrame:
    """A world whose every engagement was reviewed, rightly."""
    world = small_world(7)
    keyed = key_log({name: world[name] for name in ("accounts", "engagements", "logins")})
    told = describe(keyed.log, in_memory, len(keyed.ids))
    rows = with_groups(
        described_rows(told, in_memory, "rows").of().collect().to_native(), find_groups(acts_of(keyed.log), seed=0)
    )
    truth = world["truth_engagements"].select("engagement_id", "is_inauthentic", weight=pl.lit(1.0))
    none = pl.DataFrame(schema={"account_key": pl.Int64, "engagement_id": pl.String, "is_inauthentic": pl.Boolean})
    rows = rows.join(keyed.engagement_ids.cast({"engagement_key": pl.Int64}), on="engagement_key")
    return known_rows(rows, gather(none, truth))


def test_right_decisions_make_a_model_that_is_used_and_says_where_it_comes_from() -> None:
    rows, old = decided_rows(), shipped()
    told = relearn(old, rows, settings().thresholds, version="retrained-1", is_poor=False, seed=0)
    assert told.compared.is_used
    assert told.files is not None
    new = read_bundle(told.files, bundle_hash(told.files))
    assert new.version == "retrained-1"
    assert new.model_hash != old.model_hash
    assert new.card["retrained"]["from_hash"] == old.model_hash
    assert new.card["retrained"]["held_out_engagements"] < len(rows)


def test_decisions_drawn_by_lot_leave_the_old_model_in_use() -> None:
    """Noise: what fits the learned two thirds does not help the held-out third."""
    noise = np.random.default_rng(0).random(len(decided_rows())) < 0.5
    rows = decided_rows().with_columns(is_inauthentic=pl.Series(noise))
    told = relearn(shipped(), rows, settings().thresholds, version="v", is_poor=False, seed=0)
    assert told.compared.old is not None
    assert told.compared.new is not None
    if told.compared.is_used:
        assert told.compared.new.average_precision >= told.compared.old.average_precision - 0.002
        assert told.compared.new.brier <= told.compared.old.brier


def test_a_worse_order_or_worse_odds_keep_the_old_model() -> None:
    rows = pl.DataFrame({"account_key": [1]})
    old = Figures(average_precision=0.9, brier=0.1)
    assert not verdict(old, Figures(average_precision=0.89, brier=0.05), rows, 1).is_used
    assert not verdict(old, Figures(average_precision=0.95, brier=0.11), rows, 1).is_used
    assert not verdict(old, Figures(average_precision=float("nan"), brier=0.05), rows, 1).is_used
    assert verdict(old, Figures(average_precision=0.9, brier=0.1), rows, 1).is_used
