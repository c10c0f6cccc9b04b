"""One small world, made once."""

from __future__ import annotations

import polars as pl
import pytest

from data.synthetic import WorldSpec, frames

Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="session")
def small() -> Frames:
    return frames(WorldSpec.small(7))


@pytest.fixture(scope="session")
def told(small: Frames) -> pl.DataFrame:
    """Engagements with their truth and the role of who acted."""
    roles = small["truth_accounts"].select(actor_id="account_id", role="role", services="services", family="family")
    truth = small["truth_engagements"].drop("actor_id")
    return small["engagements"].join(truth, on="engagement_id").join(roles, on="actor_id")
