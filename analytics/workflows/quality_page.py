"""The quality page: every target with the figure beside it, every family by name, and what each figure means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.detection.evaluation import KEPT_ROLES, Measure, shown
from analytics.workflows.evaluate import Quality


@dataclass(frozen=True, slots=True)
class Page:
    """What the page tells: the shipped model's card and figures, and those of models that have not seen everything.

    `strange`: of a model that knows no world of the maker that it is measured on.
    """

    card: Mapping[str, Any]  # Any: what a JSON card holds
    seen: Quality
    strange: Quality
    left_out: Mapping[str, Quality]
    seeds: Sequence[int]
    worlds: int


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that the project has promised: at least, or at most."""

    name: str
    level: float
    is_least: bool = True

    def line(self, quality: Quality) -> str:
        value = quality.value(self.name)
        met = value >= self.level if self.is_least else value <= self.level
        word = "at least" if self.is_least else "at most"
        return f"| {self.name} | {word} {self.level:g} | {shown(value)} | {'met' if met else '**missed**'} |"


_GONE = "genuine removed per 1,000"
_MOST_REMOVED = {"customers": 10.0, "agencies": 2.0, "heavy users": 2.0}
TARGETS = (
    Target("engagement AP", 0.9),
    Target("recall at 99 % precision", 0.6),
    *(Target(f"{_GONE}, {words}", _MOST_REMOVED.get(words, 1.0), is_least=False) for words in KEPT_ROLES.values()),
    Target("calibration error", 0.03, is_least=False),
    Target("attribution macro-F1", 0.85),
    Target("account recall at 95 % precision", 0.9),
)
LEFT_OUT_AP = 0.8
INTRO = """# How good detection is

Written by `make quality`; do not edit. The figures are what the command measured, targets met or missed.

**What is measured.** Standard worlds (data/synthetic, seeds {seeds}, the demo's size, pooled). Models learn from worlds
of four makers, each written by rules of its own; other standard worlds are among them, never these. So the first table
says what to expect where services are of a kind that the model has met; the second, what a model reaches that knows no
world of this maker, as a platform's own world is known to none: **the second is the promise.** Levels of
removal are set on makers that the model had not seen, probabilities two thirds of the way (in log-odds) from those to
new worlds of makers that it knows. Recalibrate on reviewed decisions (`python -m analytics detect --retrain`).

**How to read it.** Intervals are 95 %, from drawing accounts (not engagements) again. "Recall at 99 % precision" is the
share of bought engagements found by the ranking before one in a hundred is wrong. "Genuine removed per 1,000" counts
the remove band alone: two families of evidence, the kind's certified level, and no hard keep.
"""


def page(told: Page) -> str:
    """The whole page as Markdown."""
    seeds = ", ".join(str(seed) for seed in told.seeds)
    return "\n".join(
        [
            INTRO.format(seeds=seeds),
            *model_lines(told.card),
            *target_lines("Targets, services of a known kind", told.seen),
            *target_lines("The same, by a model that has met no world of this maker", told.strange),
            *left_out_lines(told),
            *table("All figures, services of a known kind", told.seen.measures),
            *table("All figures, by a model that has met no world of this maker", told.strange.measures),
            *(
                line
                for family, quality in told.left_out.items()
                for line in table(f"All figures, {family} left out of training", quality.measures)
            ),
        ]
    )


def model_lines(card: Mapping[str, Any]) -> Iterator[str]:
    learned = card["learned_from"]
    makers = ", ".join(f"{worlds} of {maker}" for maker, worlds in learned["worlds"].items())
    yield f"Model {card['model_version']}: learned from {learned['engagements']:,} engagements in worlds: {makers}.\n"


def target_lines(title: str, quality: Quality) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| figure | target | measured | |\n|---|---|---|---|"
    yield from (target.line(quality) for target in TARGETS)
    yield ""


def left_out_lines(told: Page) -> Iterator[str]:
    yield "## Each family left out of training in turn\n"
    yield (
        f"Each model learned from {told.worlds} worlds of each maker without any account of the family, and is asked "
        "to find it in the standard worlds among all genuine engagements. "
        f"Target: engagement AP at least {LEFT_OUT_AP:g}.\n"
    )
    yield "| family | engagement AP | with the family seen | recall at 99 % precision | account recall at 95 % | AP |"
    yield "|---|---|---|---|---|---|"
    for family, quality in told.left_out.items():
        ap = quality.value(f"engagement AP, {family}")
        cells = (
            family,
            shown(ap),
            shown(told.seen.value(f"engagement AP, {family}")),
            shown(quality.value(f"recall at 99 % precision, {family}")),
            shown(quality.value(f"account recall at 95 % precision, {family}")),
            "met" if ap >= LEFT_OUT_AP else "**missed**",
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def table(title: str, measures: Sequence[Measure]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| figure | value | 95 % interval |\n|---|---|---|"
    yield from (f"| {' | '.join(measure.cells())} |" for measure in measures)
    yield ""
