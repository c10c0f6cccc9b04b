"""The model card: what a model learned from, what it sees, how well it did on what it had not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.detection.features import ENGAGEMENT_MODEL, FEATURES_VERSION
from analytics.detection.lessons import Lesson
from analytics.detection.suspects import ACCOUNT_MODEL
from analytics.detection.training import Learned


def write_card(
    learned: Learned, lessons: Sequence[Lesson], *, version: str, makers: Mapping[str, int]
) -> dict[str, Any]:  # Any: what a JSON object may hold
    """The card of a bundle trained on made worlds; `makers`: who made how many."""
    return {
        "model_version": version,
        "features_version": FEATURES_VERSION,
        "base_log_odds": learned.base,
        "intended_use": "Propose engagements and accounts for review; never act without a named person's decision.",
        "limits": "Learned from made worlds. Recalibrate on reviewed decisions before relying on its probabilities.",
        "learned_from": {
            "worlds": dict(makers),
            "lessons": len(lessons),
            "engagements": sum(len(lesson.rows) for lesson in lessons),
            "accounts": sum(len(lesson.accounts) for lesson in lessons),
        },
        "held_out": dict(learned.measures),
        "thresholds": {band: dict(levels) for band, levels in learned.thresholds.items()},
        "features": {
            "engagement": [feature.name for feature in ENGAGEMENT_MODEL],
            "account": [feature.name for feature in ACCOUNT_MODEL],
        },
    }
