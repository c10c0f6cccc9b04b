"""The demo: a made world in two loads, three weeks of work in between, and a queue of what is new since."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from analytics.workflows.cases import open_cases
from analytics.workflows.demo_past import Clock, live_through
from analytics.workflows.detect import detect
from analytics.workflows.ingest import ingest
from analytics.workflows.people import add_demo_people
from analytics.workspace import Workspace
from data.home import Home
from data.ledger import Ledger
from data.synthetic import WorldSpec, generate

Report = Callable[[float, str], None]
# The first load ends this long before the second, and people work in between.
PAST = timedelta(days=21)
TIMED = ("engagements", "logins")


@dataclass(frozen=True, slots=True)
class DemoSummary:
    accounts: int
    engagements: int
    flagged: int
    cases: int

    @property
    def sentence(self) -> str:
        return (
            f"Demo world: {self.accounts:,} accounts, {self.engagements:,} engagements, "
            f"{self.flagged:,} accounts flagged, {self.cases:,} cases new since its people last looked."
        )


def build_demo(home: Home, *, seed: int, now: datetime, progress: Report, past: timedelta = PAST) -> DemoSummary:
    """Fill a home with everything the desk needs to be tried, its log ending at the last midnight before `now`."""
    end = now.replace(hour=0, minute=0, second=0, microsecond=0)
    ledger, spec = Ledger.open(home), WorldSpec.demo(seed)
    spec = replace(spec, starts_at=end - timedelta(days=spec.days))
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world"
        generate(spec, world, part(progress, 0.0, 0.15))
        if past:
            _work_before(home, ledger, world, start=end - past, seed=seed, progress=part(progress, 0.15, 0.6))
        loaded = ingest(home, [world], now=now, progress=part(progress, 0.6, 0.66))
    add_demo_people(ledger, now=now)
    run = detect(home, now=now, seed=seed, progress=part(progress, 0.66, 0.95))
    progress(0.96, "opening cases")
    opened = open_cases(home, ledger, now=now)
    ledger.close()
    return DemoSummary(loaded.accounts, loaded.engagements, run.counts.get("queued", 0), opened)


def _work_before(home: Home, ledger: Ledger, world: Path, *, start: datetime, seed: int, progress: Report) -> None:
    """Load the log as it was at the start, and let the demo people work on it until its end."""
    clock = Clock(start)
    add_demo_people(ledger, now=start)
    first = world.with_name("first")
    cut(world, first, start)
    ingest(home, [first], now=start, progress=part(progress, 0.0, 0.1))
    detect(home, now=start, seed=seed, progress=part(progress, 0.1, 0.5))
    open_cases(home, ledger, now=start)
    workspace = Workspace(home, ledger, clock)
    live_through(workspace, clock, world, until=start + PAST, seed=seed, report=part(progress, 0.55, 1.0))
    workspace.files.close()


def cut(world: Path, into: Path, until: datetime) -> None:
    """Copy a world's log as far as it had happened by then."""
    into.mkdir()
    for path in sorted(world.glob("*.parquet")):
        rows = pl.read_parquet(path)
        name = path.name.split(".")[0].split("-")[0]
        rows = rows.filter(pl.col("at") < until) if name in TIMED else rows.filter(pl.col("created_at") < until)
        if rows.height:
            rows.write_parquet(into / path.name)


def part(progress: Report, start: float, end: float) -> Report:
    """Map a step's own 0 to 1 onto its stretch of the whole bar."""
    return lambda share, what: progress(start + (end - start) * share, what)
