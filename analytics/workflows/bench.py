"""The measurements of the product: each piece of work beside bare DuckDB or a named reference, in the same run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np

from analytics.workflows import bench_line, bench_reads
from analytics.workflows.bench_child import Measured, Pair, in_child
from data.errors import StorageError

T = TypeVar("T")
Report = Callable[[float, str], None]
# World, sorted copy, snapshot, run, cells and what detection spills, for one engagement.
BYTES_EACH = 600
# Up to this size a pair is measured several times in turns and its middle is told.
SMALL, ROUNDS = 2_000_000, 3
P50, P95 = 50, 95
_STEPS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One piece of work: its seconds, what it is compared with, and the most memory its process held."""

    work: str
    seconds: float
    reference: str
    reference_seconds: float
    peak_mb: float
    ratio: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ratio", self.seconds / self.reference_seconds)

    def cells(self) -> tuple[str, str, str, str, str]:
        """The line as a row of a table."""
        compared = f"{self.reference}: {duration(self.reference_seconds)}"
        return (self.work, duration(self.seconds), compared, f"{self.ratio:.2f}", f"{self.peak_mb:,.0f}")


def duration(seconds: float) -> str:
    """A time in the unit in which people read it."""
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} µs"


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""


def run_bench(
    *, engagements: int, progress: Report = silent, folder: Path | None = None, rounds: int | None = None
) -> list[Line]:
    """Measure everything on a world of about so many engagements; what is in `folder` is used and kept.

    `rounds`: how often loading and features are measured in turns with their floors.
    """
    turns = rounds or (ROUNDS if engagements <= SMALL else 1)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return list(_measured(engagements, folder, turns, progress))
    with tempfile.TemporaryDirectory(prefix="unbought-bench-") as place:
        return list(_measured(engagements, Path(place), turns, progress))


def _measured(engagements: int, folder: Path, rounds: int, progress: Report) -> Iterator[Line]:
    _refuse_small_disk(folder, engagements)
    steps = iter(range(_STEPS))

    def begin(what: str) -> None:
        progress(next(steps) / _STEPS, what)

    home, world = folder / "home", folder / "world"
    begin("making the world")
    if not bench_line.engagement_files(world):
        in_child(bench_line.make_world, engagements, world)
    begin("loading")
    loading = _loading(home, world, rounds)
    yield loading
    begin("account features")
    features = _features(home, rounds)
    yield features
    begin("detecting")
    yield from _whole_line(home, loading, features)
    begin("lockstep")
    yield _lockstep(home)
    begin("timelines")
    yield from _percentiles("one account's timeline", "its plain rows", in_child(bench_reads.timelines, home))
    begin("explanations")
    yield from _explanations(home)
    begin("counting cells")
    yield _cells(home)
    begin("filter changes")
    looked = in_child(bench_reads.filter_changes, home)
    yield from _percentiles("explore, one filter change", "one plain count of the log", looked)


def _refuse_small_disk(folder: Path, engagements: int) -> None:
    free, needed = shutil.disk_usage(folder).free, engagements * BYTES_EACH
    if free < needed:
        raise StorageError(
            f"{engagements:,} engagements need about {needed / 1e9:.0f} GB of disk; {free / 1e9:.0f} GB are free.",
            "Measure fewer, or set TMPDIR to a larger disk.",
        )


def _turns(
    ours: Callable[[], Measured[T]], reference: Callable[[], Measured[T]], rounds: int
) -> tuple[Measured[T], float]:
    """Measure both in turns; the middle of each."""
    both = [(reference(), ours()) for _ in range(rounds)]
    seconds = median(mine.seconds for _, mine in both)
    last = both[-1][1]
    told = Measured(value=last.value, seconds=seconds, peak_mb=max(mine.peak_mb for _, mine in both))
    return told, median(bare.seconds for bare, _ in both)


def _loading(home: Path, world: Path, rounds: int) -> Line:
    def fresh() -> Measured[int]:
        shutil.rmtree(home, ignore_errors=True)
        return in_child(bench_line.load, home, world)

    told, floor = _turns(fresh, lambda: in_child(bench_line.load_floor, world.parent, world), rounds)
    return Line(
        work=f"ingest of {told.value:,} engagements, validated, sorted by actor",
        seconds=told.seconds,
        reference="bare DuckDB, sorted copy of the files",
        reference_seconds=floor,
        peak_mb=told.peak_mb,
    )


def _features(home: Path, rounds: int) -> Line:
    told, floor = _turns(
        lambda: in_child(bench_line.account_features, home), lambda: in_child(bench_line.account_floor, home), rounds
    )
    return Line(
        work=f"account features of {told.value:,} accounts",
        seconds=told.seconds,
        reference="bare DuckDB, counts, distinct targets and places, gaps",
        reference_seconds=floor,
        peak_mb=told.peak_mb,
    )


def _whole_line(home: Path, loading: Line, features: Line) -> Iterator[Line]:
    """The line from files to the explained queue, and the share of each step of detection in it."""
    detected = in_child(bench_line.detect_all, home)
    seconds = loading.seconds + detected.seconds
    stages = detected.value
    yield Line(
        work="log to explained queue, whole line",
        seconds=seconds,
        reference="bare DuckDB, both floors above",
        reference_seconds=loading.reference_seconds + features.reference_seconds,
        peak_mb=max(loading.peak_mb, *(stage.peak_mb for stage in stages)),
    )
    for stage in stages:
        yield Line(
            work=f"  of it: {stage.name}",
            seconds=stage.seconds,
            reference="whole line",
            reference_seconds=seconds,
            peak_mb=stage.peak_mb,
        )


def _lockstep(home: Path) -> Line:
    told = in_child(bench_line.lockstep, home)
    taken, acts = in_child(bench_line.lockstep_reference, home).value
    return Line(
        work="lockstep groups, per engagement",
        seconds=told.seconds / max(told.value, 1),
        reference=f"sparse product of {acts:,} engagements, per engagement",
        reference_seconds=taken / max(acts, 1),
        peak_mb=told.peak_mb,
    )


def _explanations(home: Path) -> Iterator[Line]:
    told = in_child(bench_reads.explanations, home)
    accounts = told.value.accounts
    yield Line(
        work=f"explanation in the batch, per account ({accounts:,} accounts)",
        seconds=median(told.value.batch.ours) / accounts,
        reference="shap.TreeExplainer on the same rows",
        reference_seconds=median(told.value.batch.reference) / accounts,
        peak_mb=told.peak_mb,
    )
    single = Measured(value=told.value.single, seconds=told.seconds, peak_mb=told.peak_mb)
    yield from _percentiles("explanation of one account on demand", "shap.TreeExplainer on its row", single)


def _cells(home: Path) -> Line:
    told = in_child(bench_reads.count_cells, home)
    return Line(
        work="explore, cells counted once a run",
        seconds=told.value[0],
        reference="one plain count of the log",
        reference_seconds=told.value[1],
        peak_mb=told.peak_mb,
    )


def _percentiles(work: str, reference: str, told: Measured[Pair]) -> Iterator[Line]:
    for share in (P50, P95):
        yield Line(
            work=f"{work}, p{share}",
            seconds=float(np.percentile(told.value.ours, share)),
            reference=f"{reference}, p{share}",
            reference_seconds=float(np.percentile(told.value.reference, share)),
            peak_mb=told.peak_mb,
        )
