"""Train the shipped model: drill worlds in, a bundle of native model files with its card out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from analytics.detection.card import write_card
from analytics.detection.features import ENGAGEMENT_MODEL
from analytics.detection.lessons import VARIANTS, Lesson, build_lesson
from analytics.detection.models import write_bundle
from analytics.detection.training import learn
from analytics.workflows.models import SHIPPED, store_bundle
from data.synthetic.drills import draw_world

Report = Callable[[float, str], None]
# Drill worlds of the shipped model: many small ones, since a world is one draw of a platform's habits.
WORLDS = 34
# Engagements kept of each account: of the whole log, and of the log with columns taken away.
WHOLE_ROWS, PART_ROWS = 14, 6
FIRST_SEED = 100
MODEL_COLUMNS = tuple(feature.name for feature in ENGAGEMENT_MODEL)
KEPT_COLUMNS = (
    *("account_key", "session_key", "engagement_key", "client_key", "asn", "kind", "is_taken_back", "weight"),
    *("is_inauthentic", "service_group", "family", "origin", "role", "in_group", "is_tested", "client_accounts"),
    *("at", "account_is_delegated"),
)


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""


def train_shipped_model(
    *, worlds: int = WORLDS, progress: Report = silent, folder: Path = SHIPPED, first_seed: int = FIRST_SEED
) -> dict[str, Any]:  # Any: what a JSON card holds
    """Draw drill worlds, learn from them, and point the folder to the new bundle."""
    lessons = [small(lesson) for lesson in draw_lessons(worlds, first_seed, progress)]
    progress(0.6, "learning")
    learned = learn(lessons, seed=first_seed)
    version = next_version(folder)
    card = write_card(learned, lessons, version=version, worlds=worlds, first_seed=first_seed)
    files = write_bundle(learned.texts, learned.calibrators, card)
    store_bundle(folder, version, files)
    return card


def next_version(folder: Path) -> str:
    """The number after the newest shipped model's."""
    numbers = [int(path.name.removeprefix("shipped-")) for path in folder.glob("shipped-*") if path.is_dir()]
    return f"shipped-{max(numbers, default=0) + 1}"


def draw_lessons(worlds: int, first_seed: int, progress: Report) -> Iterator[Lesson]:
    """Each world whole and in one of the other variants by turns, so that every variant is seen."""
    others = [name for name in VARIANTS if name != "whole"]
    for place in range(worlds):
        seed = first_seed + place
        progress(0.6 * place / worlds, f"drill world {place + 1} of {worlds}")
        frames = draw_world(seed).frames()
        for variant in ("whole", others[place % len(others)]):
            most = WHOLE_ROWS if variant == "whole" else PART_ROWS
            yield build_lesson(f"{seed}/{variant}", frames, without=VARIANTS[variant], most_rows=most, seed=seed)


def small(lesson: Lesson) -> Lesson:
    """Keep what the models see, as 32-bit numbers."""
    names = {*MODEL_COLUMNS, *KEPT_COLUMNS} & set(lesson.rows.columns)
    numbers = [
        pl.col(name).cast(pl.Float32) if lesson.rows.schema[name] == pl.Float64 else pl.col(name)
        for name in sorted(names)
    ]
    return replace(lesson, rows=lesson.rows.select(numbers))
