"""Worlds of another make: an independent generator of engagement logs with the truth beside."""

from __future__ import annotations

import numpy as np
import polars as pl

from data.synthetic.elsewhere.whole import World


def draw_world(
    seed: int, *, accounts: int | None = None, days: int | None = None, bought: float | None = None
) -> dict[str, pl.DataFrame]:
    """One world with its truth; what is not given is drawn from the seed."""
    r = np.random.default_rng([seed, 104729])
    n = round(float(np.exp(r.uniform(np.log(900), np.log(2600)))))
    span, share, organic = int(r.integers(18, 51)), float(r.uniform(0.03, 0.10)), float(r.uniform(0.25, 1.0))
    return World(seed, accounts or n, days or span, share if bought is None else bought, organic).build()


__all__ = ["draw_world"]
