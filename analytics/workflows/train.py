"""Train the shipped model: worlds of every maker in, a bundle of native model files with its card out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from analytics.detection.card import write_card
from analytics.detection.features import ENGAGEMENT_MODEL
from analytics.detection.lessons import Lesson
from analytics.detection.models import write_bundle
from analytics.detection.tempering import tempered
from analytics.detection.training import learn
from analytics.workflows.makers import FIRST_SEED, MAKERS, Maker, draw_lessons, some_of
from analytics.workflows.models import SHIPPED, store_bundle

Report = Callable[[float, str], None]
# Worlds of each maker that no model learns from; their seeds lie apart.
FRESH_WORLDS, FRESH_SEED = 3, 5_000
MODEL_COLUMNS = tuple(feature.name for feature in ENGAGEMENT_MODEL)
KEPT_COLUMNS = (
    *(
        "account_key",
        "session_key",
        "engagement_key",
        "client_key",
        "asn",
        "prefix_key",
        "device_key",
        "kind",
        "is_taken_back",
        "weight",
    ),
    *("is_inauthentic", "service_group", "family", "origin", "role", "in_group", "is_tested", "client_accounts"),
    *("at", "account_is_delegated"),
)


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""


def train_shipped_model(
    *, makers: Sequence[Maker] = MAKERS, progress: Report = silent, folder: Path = SHIPPED, first_seed: int = FIRST_SEED
) -> dict[str, Any]:  # Any: what a JSON card holds
    """Draw worlds of every maker, learn from them, and point the folder to the new bundle."""

    def part(share: float, what: str) -> None:
        progress(0.6 * share, what)

    lessons = [small(lesson) for lesson in draw_lessons(makers, part, first_seed=first_seed)]
    progress(0.6, "learning")
    fresh = [small(lesson) for lesson in draw_lessons(some_of(makers, FRESH_WORLDS), silent, first_seed=FRESH_SEED)]
    learned = tempered(learn(lessons, seed=first_seed), fresh, seed=first_seed)
    version = next_version(folder)
    card = write_card(learned, lessons, version=version)
    files = write_bundle(learned.texts, learned.calibrators, card)
    store_bundle(folder, version, files)
    return card


def next_version(folder: Path) -> str:
    """The number after the newest shipped model's."""
    numbers = [int(path.name.removeprefix("shipped-")) for path in folder.glob("shipped-*") if path.is_dir()]
    return f"shipped-{max(numbers, default=0) + 1}"


def small(lesson: Lesson) -> Lesson:
    """Keep what the models see, as 32-bit numbers."""
    names = {*MODEL_COLUMNS, *KEPT_COLUMNS} & set(lesson.rows.columns)
    numbers = [
        pl.col(name).cast(pl.Float32) if lesson.rows.schema[name] == pl.Float64 else pl.col(name)
        for name in sorted(names)
    ]
    return replace(lesson, rows=lesson.rows.select(numbers))
