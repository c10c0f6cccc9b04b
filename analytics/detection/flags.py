"""From scored accounts to flags: who is ranked where, who is shown to reviewers, and the reasons for each of those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics.detection.explain import (
    Reason,
    contribution_rows,
    is_additive,
    reasons,
    unavailable,
)
from analytics.detection.models import ACCOUNT, Bundle
from analytics.detection.scoring import matrix_of
from analytics.detection.suspects import ACCOUNT_MODEL
from data.records import Direction

REASONS_IN_FLAG = 3


@dataclass(frozen=True, slots=True)
class Explained:
    """The queue's evidence and contributions, as rows of the run."""

    evidence: pl.DataFrame
    explanations: pl.DataFrame
    lines: dict[int, list[str]]


def score_accounts(accounts: pl.DataFrame, bundle: Bundle, *, is_poor: bool, no_evidence_cap: float) -> pl.DataFrame:
    """Add the calibrated probability that an account's engagement was sold, and its raw score.

    In a log without places a busy life looks like a service's: there an account of whose engagements none is more
    likely bought than not gets `no_evidence_cap` at most, as its engagements do.
    """
    raw = bundle.log_odds(ACCOUNT, matrix_of(accounts, bundle.features(ACCOUNT)))
    score = bundle.calibrators[f"{ACCOUNT}.{'poor' if is_poor else 'rich'}"](raw)
    if is_poor:
        proposed = accounts["suspect_proposed"].cast(pl.Float64).fill_null(0.0).to_numpy()
        score = np.where(proposed > 0, score, np.minimum(score, no_evidence_cap))
    return accounts.with_columns(
        pl.Series("raw_score", raw, dtype=pl.Float64), pl.Series("score", score, dtype=pl.Float64)
    )


def flag_accounts(
    scored: pl.DataFrame, bands: pl.DataFrame, *, least_score: float, least_proposed: int
) -> pl.DataFrame:
    """Rank every account; queue those whose score and whose proposed engagements both ask for a person.

    `bands`: account_key, remove_count, review_count, proposed_p (mean probability of the proposed). Ties go to the
    account with more to remove, then to the one whose content sorts first, never to an id.
    """
    joined = scored.join(bands, on="account_key", how="left").with_columns(
        pl.col("remove_count", "review_count").fill_null(0).cast(pl.Int64)
    )
    proposed = pl.col("remove_count") + pl.col("review_count")
    queued = (pl.col("score") >= least_score) & (proposed >= least_proposed)
    order = ["score", "remove_count", "review_count", "raw_score"]
    ranked = joined.with_columns(is_queued=queued).sort(order, descending=True)
    return ranked.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))


def explain_queue(
    queued: pl.DataFrame, facts: pl.DataFrame, usual: Mapping[str, float], bundle: Bundle, missing: frozenset[str]
) -> Explained:
    """Explain every queued account: reasons in sentences and the contributions behind them."""
    names = bundle.features(ACCOUNT)
    by_name = {feature.name: feature for feature in ACCOUNT_MODEL}
    features = [by_name[name] for name in names]
    matrix = matrix_of(queued, names)
    parts = bundle.contributions(ACCOUNT, matrix)
    raw = queued["raw_score"].to_numpy()
    whole = is_additive(parts, raw)
    known = {row["account_key"]: row for row in facts.iter_rows(named=True)}
    evidence: list[dict[str, Any]] = []  # Any: texts and numbers side by side
    lines: dict[int, list[str]] = {}
    for place, row in enumerate(queued.iter_rows(named=True)):
        key = int(row["account_key"])
        told = {**row, **known.get(key, {}), **{f"usual_{name}": value for name, value in usual.items()}}
        said = reasons(parts[place, :-1].tolist(), features, told, usual, missing) if whole else unavailable(missing)
        evidence += [_evidence_row(key, number, line) for number, line in enumerate(said)]
        lines[key] = [line.sentence for line in said if line.direction is Direction.FOR][:REASONS_IN_FLAG]
    # Parts that do not add up draw no chart.
    shown = slice(None if whole else 0)
    charts = contribution_rows(queued["account_key"][shown], matrix[shown], parts[shown], features, raw[shown])
    return Explained(pl.DataFrame(evidence, schema=EVIDENCE_SCHEMA, orient="row"), charts, lines)


def _evidence_row(key: int, position: int, line: Reason) -> dict[str, Any]:
    told = {name: getattr(line, name) for name in EVIDENCE_SCHEMA if name not in ("account_key", "position")}
    words = {"direction": line.direction.value, "strength": line.strength.value}
    return {"account_key": key, "position": position, **told, **words}


EVIDENCE_SCHEMA: dict[str, Any] = {
    "account_key": pl.UInt32,
    "position": pl.Int32,
    "direction": pl.String,
    "strength": pl.String,
    "reason": pl.String,
    "sentence": pl.String,
    "value": pl.Float64,
    "usual": pl.Float64,
    "contribution": pl.Float64,
    "engagement_filter": pl.String,
}
