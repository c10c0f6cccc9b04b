"""The batch side of the bench: loading, features, lockstep and the whole line, each a task for a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from scipy.sparse import csr_array, triu

from analytics.detection.accounts import describe_accounts
from analytics.detection.engagements import both_ways, pairs, targets
from analytics.detection.groups import acts_of, find_groups
from analytics.detection.log import Log
from analytics.detection.sessions import number_sessions, pace_sessions, summarise_sessions
from analytics.workflows.bench_child import forget_peak, peak_mb
from analytics.workflows.detect import detect
from analytics.workflows.ingest import ingest
from data import bench_floor
from data.home import Home
from data.sidecars import LogReader
from data.synthetic import WorldSpec, generate
from data.warehouse import Batch, open_batch, stored_runs

# The clock of the measured runs; a bench is about seconds, not about dates.
NOW = datetime(2026, 11, 24, tzinfo=UTC)
SEED = 11
# The reference for lockstep: pairs that met within an hour, among the log's first acts, crowds left out.
PRODUCT_ACTS, HOUR_US, CROWD = 2_000_000, 3_600_000_000, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of detection as it reports itself."""

    name: str
    seconds: float
    peak_mb: float


def make_world(engagements: int, folder: Path) -> None:
    generate(WorldSpec.bench(engagements, SEED), folder, lambda _share, _what: None)


def engagement_files(world: Path) -> list[Path]:
    return sorted(world.glob("engagements*.parquet"))


def load(root: Path, world: Path) -> int:
    """Ingest the world into a new home; returns its engagements."""
    return ingest(Home(root), log_paths(world), now=NOW).engagements


def log_paths(world: Path) -> list[Path]:
    """Every file of the log; the truth beside it is nobody's business."""
    return sorted(world.glob("*.parquet"))


def load_floor(root: Path, world: Path) -> int:
    return bench_floor.sort_log(engagement_files(world), root)


def account_features(root: Path) -> int:
    """Sessions, circles and everything else told of accounts, as detection does it; returns how many accounts."""
    with open_batch(Home(root), now=NOW) as batch:
        log = log_of(batch)
        numbered = batch.settle("numbered", number_sessions(log.engagements))
        summarised = batch.settle("summarised", summarise_sessions(numbered))
        sessions = batch.settle("paced", pace_sessions(summarised))
        all_pairs = batch.settle("pairs", both_ways(batch.settle("pairs", pairs(numbered))))
        all_targets = batch.settle("targets", targets(numbered))
        told = describe_accounts(sessions, all_pairs, all_targets, log, batch.settle)
        return batch.collect(told.select("account_key")).height


def account_floor(root: Path) -> int:
    snapshot = Home(root).newest_snapshot()
    assert snapshot is not None
    return bench_floor.account_numbers(snapshot, root)


def log_of(batch: Batch) -> Log:
    first, last = batch.span
    return Log(batch.table("engagements"), batch.table("accounts"), batch.table("logins"), batch.missing, first, last)


def lockstep(root: Path) -> int:
    """Find every group, the reading of the log included; returns how many engagements were looked at."""
    with open_batch(Home(root), now=NOW) as batch:
        acts = acts_of(log_of(batch))
        batch.let_go()
        find_groups(acts, seed=SEED)
        return len(acts.at)


def lockstep_reference(root: Path) -> tuple[float, int]:
    """Seconds of the sparse product, the reading of the log included, and the engagements in it."""
    stored = stored_runs(Home(root))[-1]
    reader = LogReader(stored.snapshot, stored.run)
    started = perf_counter()
    acts = reader.rows("bench_acts", {"most": PRODUCT_ACTS})
    sparse_product(acts)
    taken = perf_counter() - started
    reader.close()
    return taken, acts.height


def sparse_product(acts: pl.DataFrame) -> int:
    """How many pairs of accounts met at least twice, within an hour on one target and kind, outside crowds."""
    met = acts.select("actor_key", "target_key", "kind", hour=pl.col("at") // HOUR_US).unique()
    place = ["target_key", "kind", "hour"]
    met = met.filter(pl.len().over(place).is_between(2, CROWD))
    rows = met.select(
        account=pl.col("actor_key").rank("dense") - 1, meeting=pl.struct(place).rank("dense").cast(pl.Int64) - 1
    )
    if rows.is_empty():
        return 0
    account, meeting = rows["account"].to_numpy(), rows["meeting"].to_numpy()
    there = csr_array((np.ones(len(rows), dtype=np.int32), (account, meeting)))
    return int((triu(there @ there.T, k=1).data >= 2).sum())


def detect_all(root: Path) -> list[Stage]:
    """Detect on the home's snapshot and tell each step by the name under which it reports."""
    told = Stages()
    detect(Home(root), now=NOW, progress=told)
    return told.ended()


class Stages:
    """Turns reports of progress into the time and memory of each step."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._name, self._since = "opening", clock()
        self._done: list[Stage] = []
        forget_peak()

    def __call__(self, _share: float, what: str) -> None:
        if what != self._name:
            self._close()
            self._name = what

    def ended(self) -> list[Stage]:
        self._close()
        return self._done

    def _close(self) -> None:
        now = self._clock()
        self._done.append(Stage(name=self._name, seconds=now - self._since, peak_mb=peak_mb()))
        self._since = now
        forget_peak()
