"""Ledger rows for the tests: valid by default, a test names what matters to it."""

from __future__ import annotations

from typing import Any

import polars as pl

HOUR = 3_600_000_000
DAY = 24 * HOUR
SECOND = 1_000_000
T0 = 1_700_000_000_000_000

DECISION: dict[str, tuple[Any, Any]] = {
    "decision_id": (pl.String, None),
    "case_id": (pl.String, None),
    "account_id": (pl.String, "a"),
    "service_id": (pl.String, None),
    "person_id": (pl.String, "p"),
    "outcome": (pl.String, "confirm"),
    "lane": (pl.String, "queue"),
    "reason": (pl.String, "PURCHASED_LIKES"),
    "step": (pl.Int64, 1),
    "score": (pl.Float64, 0.9),
    "is_blind": (pl.Boolean, False),
    "explanation_shown": (pl.Boolean, True),
    "policy_version": (pl.String, "1"),
    "model_version": (pl.String, "m1"),
    "source_type": (pl.String, "SOURCE_VOLUNTARY"),
    "opened_at": (pl.Int64, T0),
    "shown_at": (pl.Int64, T0 + HOUR),
    "decided_at": (pl.Int64, T0 + HOUR + 60 * SECOND),
    "idle_us": (pl.Int64, 0),
    "first_engagement_at": (pl.Int64, T0 - DAY),
    "overturned_at": (pl.Int64, None),
    "removed_likes": (pl.Int64, 0),
    "removed_follows": (pl.Int64, 0),
    "removed_comments": (pl.Int64, 0),
}


def decisions(*rows: dict[str, Any]) -> pl.DataFrame:
    """Build decisions d0, d1, ... of cases c0, c1, ..."""
    full = [
        {
            **{name: default for name, (_, default) in DECISION.items()},
            "decision_id": f"d{number}",
            "case_id": f"c{number}",
            **row,
        }
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(full, schema={name: kind for name, (kind, _) in DECISION.items()})


def sample(*rows: tuple[str, bool, int, float]) -> pl.DataFrame:
    """Build the random sample from (account, is inauthentic, band, weight)."""
    return pl.DataFrame(
        {
            "engagement_id": [f"e{number}" for number in range(len(rows))],
            "account_id": [row[0] for row in rows],
            "is_inauthentic": [row[1] for row in rows],
            "band": [row[2] for row in rows],
            "weight": [row[3] for row in rows],
        },
        schema={
            "engagement_id": pl.String,
            "account_id": pl.String,
            "is_inauthentic": pl.Boolean,
            "band": pl.Int64,
            "weight": pl.Float64,
        },
    )


def times(*rows: tuple[int, int | None]) -> pl.DataFrame:
    """Build cases from (opened, decided) in hours after T0."""
    return pl.DataFrame(
        {
            "case_id": [f"c{number}" for number in range(len(rows))],
            "opened_at": [T0 + opened * HOUR for opened, _ in rows],
            "decided_at": [None if decided is None else T0 + decided * HOUR for _, decided in rows],
        },
        schema={"case_id": pl.String, "opened_at": pl.Int64, "decided_at": pl.Int64},
    )
