"""Why an account is flagged: the model's contributions, grouped into reasons that a person would give.

LightGBM's own contributions are SHAP values; they must add up to the score, or the panel says so instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.behind import behind, kept_rows
from analytics.detection.calibration import Floats
from analytics.detection.features import Feature
from analytics.detection.for_and_against import AGAINST, FOR
from analytics.detection.models import Matrix
from analytics.detection.sentences import NOT_SEEN, Facts, own_place, told
from data.records import Direction, Strength

ADDITIVITY = 1e-6
# Log-odds from which a reason is called strong, moderate; below slight it is not worth a line.
STRONG, MODERATE, SLIGHT = 1.0, 0.35, 0.08
UNAVAILABLE = "The model's explanation is unavailable: its parts do not add up to its score."
MOST_EACH_WAY = 5
# The filter of a sentence that speaks of the account as a whole.
NO_ROWS = "{}"


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of evidence as it is stored."""

    direction: Direction
    strength: Strength
    reason: str
    sentence: str
    value: float | None
    usual: float | None
    contribution: float | None
    engagement_filter: str


def is_additive(contributions: Floats, raw_scores: Floats) -> bool:
    """Whether the parts and the base add up to the score in every row."""
    return bool(len(raw_scores) == 0 or np.max(np.abs(contributions.sum(axis=1) - raw_scores)) <= ADDITIVITY)


def strength_of(contribution: float) -> Strength:
    size = abs(contribution)
    return Strength.STRONG if size >= STRONG else Strength.MODERATE if size >= MODERATE else Strength.SLIGHT


def by_reason(row: Sequence[float], features: Sequence[Feature]) -> list[tuple[str, float, Feature]]:
    """Sum the contributions of features that say the same thing; each with the feature that says most."""
    sums: dict[str, float] = {}
    lead: dict[str, tuple[float, Feature]] = {}
    for contribution, feature in zip(row, features, strict=True):
        sums[feature.reason] = sums.get(feature.reason, 0.0) + contribution
        if abs(contribution) >= lead.get(feature.reason, (-1.0, feature))[0]:
            lead[feature.reason] = (abs(contribution), feature)
    return sorted(((reason, value, lead[reason][1]) for reason, value in sums.items()), key=lambda told: -abs(told[1]))


def reasons(
    row: Sequence[float], features: Sequence[Feature], facts: Facts, usual: Mapping[str, float], missing: frozenset[str]
) -> list[Reason]:
    """What speaks for and against, strongest first, then what could not be seen."""
    lines: list[Reason] = []
    said: set[str] = set()
    ranked = [told_reason for told_reason in by_reason(row, features) if abs(told_reason[1]) >= SLIGHT]
    for reason, contribution, feature in ranked:
        sentence = (FOR if contribution > 0 else AGAINST).get(reason, _nothing)(facts)
        if sentence is not None and sentence not in said:
            said.add(sentence)
            rows = behind(reason, facts) if contribution > 0 else NO_ROWS
            lines.append(_reason(reason, contribution, feature, facts, usual, sentence=sentence, rows=rows))
    speaking = [line for line in lines if line.direction is Direction.FOR][:MOST_EACH_WAY]
    against = [line for line in lines if line.direction is Direction.AGAINST][:MOST_EACH_WAY]
    speaking = speaking or _at_least_one(ranked, facts, usual)
    return [*speaking, *_owner_reasons(facts, against), *against, *not_seen(missing)]


def _nothing(_facts: Facts) -> str | None:
    return None


def _at_least_one(ranked: list[tuple[str, float, Feature]], facts: Facts, usual: Mapping[str, float]) -> list[Reason]:
    """Say the strongest measurement as it is, where no sentence fits: no account is accused without a reason."""
    for reason, contribution, feature in ranked:
        if contribution > 0:
            sentence = plain_sentence(feature, told(facts, feature.name), usual.get(feature.name))
            return [_reason(reason, contribution, feature, facts, usual, sentence=sentence)]
    return []


def _reason(
    reason: str,
    contribution: float,
    feature: Feature,
    facts: Facts,
    usual: Mapping[str, float],
    *,
    sentence: str,
    rows: str = NO_ROWS,
) -> Reason:
    normal, speaks = usual.get(feature.name), contribution > 0
    return Reason(
        Direction.FOR if speaks else Direction.AGAINST,
        strength_of(contribution),
        reason,
        sentence,
        told(facts, feature.name),
        None if normal is None or math.isnan(normal) else normal,
        contribution,
        rows,
    )


def plain_sentence(feature: Feature, value: float | None, usual: float | None) -> str:
    label = feature.label[0].upper() + feature.label[1:]
    if value is None:
        return f"{label}: not known."
    tail = "" if usual is None or math.isnan(usual) else f" Usual: {amount(usual)}."
    return f"{label}: {amount(value)}.{tail}"


def amount(value: float) -> str:
    if value == 0 or abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"


def _owner_reasons(facts: Facts, against: list[Reason]) -> list[Reason]:
    """What stays always speaks, whatever the model says of it."""
    sentence = own_place(facts)
    if sentence is None or any(line.reason == "own_place" for line in against):
        return []
    own, kept, proposed = (told(facts, name) or 0.0 for name in ("owner_kept", "kept", "proposed"))
    strength = Strength.MODERATE if own >= max(proposed / 4, 1) else Strength.SLIGHT
    return [Reason(Direction.AGAINST, strength, "own_place", sentence, own or kept, None, None, kept_rows(facts))]


def not_seen(missing: frozenset[str]) -> list[Reason]:
    """One line for each kind of evidence that this log cannot give."""
    return [
        Reason(Direction.NOT_SEEN, Strength.SLIGHT, column, f"Not seen: {words}.", None, None, None, NO_ROWS)
        for column, words in NOT_SEEN.items()
        if column in missing
    ]


def unavailable(missing: frozenset[str]) -> list[Reason]:
    line = Reason(Direction.NOT_SEEN, Strength.SLIGHT, "explanation", UNAVAILABLE, None, None, None, NO_ROWS)
    return [line, *not_seen(missing)]


def contribution_rows(
    keys: pl.Series, matrix: Matrix, contributions: Floats, features: Sequence[Feature], raw_scores: Floats
) -> pl.DataFrame:
    """The charts' rows: every feature of every account with its value and contribution, each account's largest first.

    `matrix` and `contributions` have a row an account and a column a feature; the base is one column more.
    """
    parts, base = contributions[:, :-1], contributions[:, -1]
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")
    each, which = len(features), order.ravel()
    return pl.DataFrame(
        {
            "account_key": keys.gather(np.arange(len(keys)).repeat(each)),
            "feature": pl.Series([feature.name for feature in features], dtype=pl.String).gather(which),
            "label": pl.Series([feature.label for feature in features], dtype=pl.String).gather(which),
            "value": pl.Series(np.take_along_axis(matrix, order, axis=1).ravel(), dtype=pl.Float64).fill_nan(None),
            "contribution": np.take_along_axis(parts, order, axis=1).ravel(),
            "base": base.repeat(each),
            "raw_score": raw_scores.repeat(each),
        },
        schema_overrides={"account_key": pl.UInt32},
    )
