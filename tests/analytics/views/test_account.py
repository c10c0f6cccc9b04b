"""What the account page says in words."""

from __future__ import annotations

import polars as pl

from analytics.views.account import churn_sentence


def test_how_soon_follows_were_taken_back_is_counted_by_hand() -> None:
    churn = pl.DataFrame({"hours": [20.0, 40.0, 72.0, 73.0, 900.0]})
    assert churn_sentence(churn) == "3 of 5 within 72 hours; half within 72 hours."
