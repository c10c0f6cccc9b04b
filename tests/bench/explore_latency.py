"""How long a filter change on the explore page takes in a home as it is: `python -m tests.bench.explore_latency HOME`.

Two hundred random filters over every dimension, on the whole time, on days and on hours; beside each one plain count of
the log under as much of the filter as a single table can answer. The slowest are told apart by what they ask.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.statistics.exploration import HOURS_UP_TO, Filter
from analytics.workflows.bench_child import Pair, in_child
from analytics.workflows.bench_reads import filter_changes, filters_of, served


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The times, and for each filter what kind of question it is."""

    pair: Pair
    kinds: tuple[str, ...]


def measured(home: Path) -> Told:
    return Told(pair=filter_changes(home), kinds=tuple(kind_of(wanted) for wanted in filters_of(served(home).reader())))


def kind_of(wanted: Filter) -> str:
    if wanted.is_narrow:
        return "one group"
    is_short = wanted.since is not None and wanted.until is not None and wanted.until - wanted.since <= HOURS_UP_TO
    return "by the hour" if is_short else "by the day"


def main(home: Path) -> None:
    told = in_child(measured, home)
    say("every filter", told.value.pair.ours)
    for kind in sorted(set(told.value.kinds)):
        chosen = [one for one, name in zip(told.value.pair.ours, told.value.kinds, strict=True) if name == kind]
        say(f"  {kind}", chosen)
    say("one plain count of the log", told.value.pair.reference)
    print(f"peak memory: {told.peak_mb:,.0f} MB")


def say(name: str, taken: tuple[float, ...] | list[float]) -> None:
    p50, p95 = np.percentile(taken, (50, 95)) * 1e3
    print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, slowest {max(taken) * 1e3:.0f} ms, of {len(taken)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
