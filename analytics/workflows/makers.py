"""Where lessons come from: several makers of worlds, each written by rules of its own.

A model that learned from one maker knows that maker's habits; asked about another's worlds it fails. From several it
learns what they have in common, which is what a real platform may share with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.lessons import VARIANTS, Lesson, build_lesson
from data.synthetic import Sizes, WorldSpec, frames
from data.synthetic.abroad import draw_world as draw_abroad
from data.synthetic.drills import draw_world as draw_drill
from data.synthetic.elsewhere import draw_world as draw_elsewhere

Report = Callable[[float, str], None]
Frames = dict[str, pl.DataFrame]
# No world that anything is measured on has a seed from here on.
FIRST_SEED = 100
# Engagements kept of each account: of the whole log, and of the log with columns taken away.
WHOLE_ROWS, PART_ROWS = 14, 6


@dataclass(frozen=True, slots=True)
class Maker:
    """One way of making worlds, and how many of its worlds are lessons."""

    name: str
    draw: Callable[[int], Frames]
    worlds: int


def drill(seed: int) -> Frames:
    return draw_drill(seed).frames()


def practice(seed: int) -> Frames:
    """A standard world of another size, span, liveliness and share of customers."""
    rng = np.random.default_rng(seed)
    accounts = int(rng.integers(1_500, 5_000))
    largest = max(20, int(accounts * rng.uniform(0.008, 0.025)))
    days, liveliness = int(rng.integers(15, 61)), float(rng.uniform(0.3, 1.4))
    return frames(
        WorldSpec(seed=seed, accounts=accounts, days=days, sizes=Sizes.crowded(largest), liveliness=liveliness)
    )


MAKERS = (
    Maker("drills", drill, 24),
    Maker("standard", practice, 12),
    Maker("elsewhere", draw_elsewhere, 12),
    Maker("abroad", draw_abroad, 20),
)


def some_of(makers: Sequence[Maker], most: int) -> tuple[Maker, ...]:
    """The same makers with at most so many worlds each."""
    return tuple(Maker(maker.name, maker.draw, min(maker.worlds, most)) for maker in makers)


def draw_lessons(makers: Sequence[Maker], progress: Report, *, first_seed: int = FIRST_SEED) -> Iterator[Lesson]:
    """Each world whole and in one of the other variants by turns, so that every variant is seen."""
    others = [name for name in VARIANTS if name != "whole"]
    worlds = [(maker, place) for maker in makers for place in range(maker.worlds)]
    for done, (maker, place) in enumerate(worlds):
        seed = first_seed + place
        progress(done / len(worlds), f"{maker.name}, world {place + 1} of {maker.worlds}")
        world = maker.draw(seed)
        for variant in ("whole", others[place % len(others)]):
            most = WHOLE_ROWS if variant == "whole" else PART_ROWS
            name = f"{maker.name} {seed}/{variant}"
            yield build_lesson(name, world, without=VARIANTS[variant], most_rows=most, seed=seed, made_by=maker.name)
