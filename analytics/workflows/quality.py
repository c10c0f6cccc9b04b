"""Measure detection on standard worlds that no model learned from, and write the figures down as they are.

Once with the shipped model, which has seen services of every family (in drill worlds), and once for each family with a
model that has never seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from analytics.detection.card import write_card
from analytics.detection.keyed import key_log
from analytics.detection.lessons import Lesson
from analytics.detection.models import Bundle, bundle_hash, read_bundle, write_bundle
from analytics.detection.training import learn
from analytics.workflows.evaluate import Quality, Said, Truth, measure
from analytics.workflows.models import SHIPPED, load_bundle
from analytics.workflows.quality_page import Page, page
from analytics.workflows.rehearsal import rehearse_each, said_by
from analytics.workflows.thresholds import load_settings
from analytics.workflows.train import FIRST_SEED, draw_lessons, small
from data.synthetic import WorldSpec, frames

Report = Callable[[float, str], None]
FAMILIES = ("reciprocity", "collusion", "farm", "pod", "drip")
# Standard worlds of the demo's size, pooled; their seeds are used for nothing else.
SEEDS = (11, 12)
# Drill worlds of the models that have never seen a family: fewer than the shipped model's, to bound the time.
WORLDS = 6


@dataclass(frozen=True, slots=True)
class Part:
    """What one model says of one world, and what is so."""

    said: Said
    truth: Truth


def write_quality_page(path: Path, *, progress: Report) -> Path:
    """Measure, and write the page."""
    seen = load_bundle(SHIPPED)
    models: dict[str, Bundle] = {"": seen, **dict(without_each(progress))}
    told = measured(models, progress)
    progress(0.98, "writing")
    path.parent.mkdir(parents=True, exist_ok=True)
    left_out = {family: told[family] for family in FAMILIES}
    path.write_text(page(Page(seen.card, told[""], left_out, SEEDS, WORLDS)), encoding="utf-8")
    return path


def without_each(progress: Report) -> Iterator[tuple[str, Bundle]]:
    """One model for each family, learned from drills without it."""
    part = _stretch(progress, 0.0, 0.3)
    lessons = [small(lesson) for lesson in draw_lessons(WORLDS, FIRST_SEED, part)]
    for place, family in enumerate(FAMILIES):
        progress(0.3 + 0.4 * place / len(FAMILIES), f"learning without {family}")
        yield family, without(family, lessons)


def without(family: str, lessons: Sequence[Lesson]) -> Bundle:
    """A model that has never seen an account of the family."""
    kept = [
        replace(lesson, rows=others(lesson.rows, family), accounts=others(lesson.accounts, family))
        for lesson in lessons
    ]
    learned = learn(kept, seed=FIRST_SEED)
    card = write_card(learned, kept, version=f"without-{family}", worlds=WORLDS, first_seed=FIRST_SEED)
    files = write_bundle(learned.texts, learned.calibrators, card)
    return read_bundle(files, bundle_hash(files))


def others(rows: pl.DataFrame, family: str) -> pl.DataFrame:
    return rows.filter(pl.col("family").is_null() | (pl.col("family") != family))


def measured(models: dict[str, Bundle], progress: Report) -> dict[str, Quality]:
    """Each model's figures over all worlds together."""
    parts: dict[str, list[Part]] = {name: [] for name in models}
    for place, seed in enumerate(SEEDS):
        progress(0.7 + 0.2 * place / len(SEEDS), f"standard world {place + 1} of {len(SEEDS)}")
        for name, part in zip(models, in_world(seed, list(models.values())), strict=True):
            parts[name].append(part)
    progress(0.92, "measuring")
    return {name: measure(*pooled(told)) for name, told in parts.items()}


def in_world(seed: int, bundles: Sequence[Bundle]) -> Iterator[Part]:
    world = frames(WorldSpec.demo(seed))
    keyed = key_log({name: world[name] for name in ("accounts", "engagements", "logins")})
    truth = Truth(engagements=world["truth_engagements"], accounts=world["truth_accounts"])
    for run in rehearse_each(keyed, bundles, load_settings()):
        yield Part(_named(said_by(run, keyed), seed), _true(truth, seed))


def pooled(parts: Sequence[Part]) -> tuple[Said, Truth]:
    """All worlds as one; their ids never meet."""
    return (
        Said(
            engagements=pl.concat(part.said.engagements for part in parts),
            flags=pl.concat(part.said.flags for part in parts),
            services=pl.concat(part.said.services for part in parts),
        ),
        Truth(
            engagements=pl.concat(part.truth.engagements for part in parts),
            accounts=pl.concat(part.truth.accounts for part in parts),
        ),
    )


def _named(said: Said, seed: int) -> Said:
    return Said(
        engagements=said.engagements.with_columns(_of(seed, "engagement_id"), _of(seed, "account_id")),
        flags=said.flags.with_columns(_of(seed, "account_id")),
        services=said.services.with_columns(_of(seed, "account_id"), _of(seed, "service_id")),
    )


def _true(truth: Truth, seed: int) -> Truth:
    return Truth(
        engagements=truth.engagements.with_columns(_of(seed, "engagement_id"), _of(seed, "origin")),
        accounts=truth.accounts.with_columns(_of(seed, "account_id")),
    )


def _of(seed: int, name: str) -> pl.Expr:
    return pl.format("{}/{}", pl.lit(seed), pl.col(name)).alias(name)


def _stretch(progress: Report, start: float, end: float) -> Report:
    return lambda share, what: progress(start + (end - start) * share, what)
