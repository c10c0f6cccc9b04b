"""The model card: what a model learned from, what it sees, how well it did on what it had not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from analytics.detection.features import ENGAGEMENT_MODEL, FEATURES_VERSION, HEARSAY_MODEL
from analytics.detection.lessons import Lesson
from analytics.detection.suspects import ACCOUNT_MODEL
from analytics.detection.training import Learned


def write_card(
    learned: Learned, lessons: Sequence[Lesson], *, version: str
) -> dict[str, Any]:  # Any: what a JSON object may hold
    """The card of a bundle trained on made worlds."""
    worlds = {(lesson.made_by, lesson.name.split("/", maxsplit=1)[0]) for lesson in lessons}
    return {
        "model_version": version,
        "features_version": FEATURES_VERSION,
        "base_log_odds": learned.base,
        "intended_use": "Propose engagements and accounts for review; never act without a named person's decision.",
        "limits": "Learned from made worlds. Recalibrate on reviewed decisions before relying on its probabilities.",
        "learned_from": {
            "worlds": dict(sorted(Counter(made_by for made_by, _ in worlds).items())),
            "lessons": len(lessons),
            "engagements": sum(len(lesson.rows) for lesson in lessons),
            "accounts": sum(len(lesson.accounts) for lesson in lessons),
        },
        "held_out": dict(learned.measures),
        "thresholds": {band: dict(levels) for band, levels in learned.thresholds.items()},
        "features": {
            "engagement": [feature.name for feature in ENGAGEMENT_MODEL],
            "hearsay": [feature.name for feature in HEARSAY_MODEL],
            "account": [feature.name for feature in ACCOUNT_MODEL],
        },
    }
