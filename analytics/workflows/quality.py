"""Measure detection on standard worlds that no model learned from, and write the figures down as they are.

Once with the shipped model, which has seen services of every family in worlds of every maker, once for each family with
a model that has never seen it, and once with a model that has never seen a world of this maker, as a platform's is.
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
from analytics.detection.tempering import tempered
from analytics.detection.training import learn
from analytics.workflows.evaluate import Quality, Said, Truth, measure
from analytics.workflows.makers import FIRST_SEED, MAKERS, draw_lessons, some_of
from analytics.workflows.models import SHIPPED, load_bundle
from analytics.workflows.quality_page import Page, page
from analytics.workflows.rehearsal import rehearse_each, said_by
from analytics.workflows.thresholds import load_settings
from analytics.workflows.train import FRESH_SEED, FRESH_WORLDS, small
from data.synthetic import WorldSpec, frames

Report = Callable[[float, str], None]
FAMILIES = ("reciprocity", "collusion", "farm", "pod", "drip")
# Standard worlds of the demo's size, pooled; their seeds are used for nothing else.
SEEDS = (11, 12)
# Worlds of each maker for the models that have not seen everything: fewer than the shipped model's, to bound the time.
WORLDS = 2
STRANGE = "standard"


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
    path.write_text(page(Page(seen.card, told[""], told[STRANGE], left_out, SEEDS, WORLDS)), encoding="utf-8")
    return path


def without_each(progress: Report) -> Iterator[tuple[str, Bundle]]:
    """One model for each family, learned without it, and one that knows no world of this maker."""
    drawn = draw_lessons(some_of(MAKERS, WORLDS), _stretch(progress, 0.0, 0.2))
    lessons = [small(lesson) for lesson in drawn]
    drawn = draw_lessons(some_of(MAKERS, FRESH_WORLDS), _stretch(progress, 0.2, 0.3), first_seed=FRESH_SEED)
    fresh = [small(lesson) for lesson in drawn]
    for place, family in enumerate(FAMILIES):
        progress(0.3 + 0.4 * place / (len(FAMILIES) + 1), f"learning without {family}")
        yield family, learned_from(without(family, lessons), without(family, fresh), f"without-{family}")
    progress(0.65, "learning without worlds of this kind")
    yield STRANGE, learned_from(of_others(lessons), of_others(fresh), f"without-{STRANGE}")


def of_others(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons of every maker but the one that quality is measured on."""
    return [lesson for lesson in lessons if lesson.made_by != STRANGE]


def without(family: str, lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons without a single account of the family."""
    return [
        replace(lesson, rows=others(lesson.rows, family), accounts=others(lesson.accounts, family))
        for lesson in lessons
    ]


def learned_from(lessons: Sequence[Lesson], fresh: Sequence[Lesson], version: str) -> Bundle:
    learned = tempered(learn(lessons, seed=FIRST_SEED), fresh, seed=FIRST_SEED)
    files = write_bundle(learned.texts, learned.calibrators, write_card(learned, lessons, version=version))
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
