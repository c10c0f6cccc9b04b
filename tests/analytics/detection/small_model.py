"""A small model, learned in seconds from four small drill worlds, the shipped one, and worlds that neither has seen."""

from __future__ import annotations

from functools import cache

import polars as pl

from analytics.detection.card import write_card
from analytics.detection.lessons import VARIANTS, build_lesson
from analytics.detection.models import Bundle, Shape, bundle_hash, read_bundle, write_bundle
from analytics.detection.training import Shapes, learn
from analytics.workflows.models import SHIPPED, load_bundle
from analytics.workflows.thresholds import Settings, load_settings
from data.synthetic.drills import draw_world

SHAPES = Shapes(
    family=Shape(trees=8, leaves=7, rate=0.2, least_rows=40),
    engagement=Shape(trees=12, leaves=7, rate=0.2, least_rows=40),
    blind=Shape(trees=12, leaves=7, rate=0.2, least_rows=40),
    hearsay=Shape(trees=10, leaves=4, rate=0.2, least_rows=100, rises=True),
    account=Shape(trees=10, leaves=5, rate=0.2, least_rows=10),
)
LESSONS = ("whole", "bare")


def tiny_world(seed: int) -> dict[str, pl.DataFrame]:
    return draw_world(seed, people=(120, 150), sellers=(3, 4)).frames()


def small_world(seed: int) -> dict[str, pl.DataFrame]:
    return draw_world(seed, people=(200, 260), sellers=(3, 4)).frames()


@cache
def small_files() -> dict[str, str]:
    lessons = [
        build_lesson(f"{seed}/{variant}", tiny_world(seed), without=VARIANTS[variant], most_rows=8, seed=seed)
        for seed in (1, 2, 4, 5)
        for variant in LESSONS
    ]
    learned = learn(lessons, seed=0, shapes=SHAPES)
    card = write_card(learned, lessons, version="small-1")
    return write_bundle(learned.texts, learned.calibrators, card)


@cache
def small_bundle() -> Bundle:
    files = small_files()
    return read_bundle(files, bundle_hash(files))


@cache
def shipped() -> Bundle:
    """The model in the repository."""
    return load_bundle(SHIPPED)


@cache
def settings() -> Settings:
    return load_settings()
