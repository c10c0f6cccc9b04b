"""The demo: a made world in two loads, three weeks of work in between, and a queue of what is new since."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from data.errors import ConflictError, StorageError
from data.home import Home
from data.ledger import URL, Ledger
from data.synthetic import WorldSpec, generate

Report = Callable[[float, str], None]
# The first load ends this long before the second, and people work in between.
PAST = timedelta(days=21)
# The folders of a home that a demo fills.
MADE = ("snapshots", "runs", "ledger", "sandbox")
TIMED = ("engagements", "logins")


@dataclass(frozen=True, slots=True)
class DemoSummary:
    accounts: int
    engagements: int
    flagged: int
    cases: int
    is_new: bool = True

    @property
    def sentence(self) -> str:
        if not self.is_new:
            return "The demo world is here already; nothing changed. Name another UNBOUGHT_HOME for a new one."
        return (
            f"Demo world: {self.accounts:,} accounts, {self.engagements:,} engagements, "
            f"{self.flagged:,} accounts flagged, {self.cases:,} cases new since its people last looked."
        )


def build_demo(home: Home, *, seed: int, now: datetime, progress: Report, past: timedelta = PAST) -> DemoSummary:
    """Fill a home with everything the desk needs to be tried, its log ending at the last midnight before `now`.

    A home that holds a demo keeps it; one that holds another log is refused. A demo that was cut off begins anew.
    """
    with unfinished(home):
        return standing(home) or _built(home, seed=seed, now=now, progress=progress, past=past)


@contextmanager
def unfinished(home: Home) -> Iterator[None]:
    """Leave a sign in the home until the demo is whole, so that one that was cut off is known; clear such a one."""
    sign = home.unfinished_demo
    is_cut_off = sign.exists()
    # What was there before is never cleared: neither a log, nor a ledger in which people were let in already.
    if not is_cut_off and (home.newest_snapshot() is not None or home.ledger_file.exists()):
        yield
        return
    home.root.mkdir(parents=True, exist_ok=True)
    with sign.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageError("The demo world of this home is being built.", "Wait until it has ended.") from None
        if is_cut_off:
            _clear(home)
        yield
        sign.unlink()


def standing(home: Home) -> DemoSummary | None:
    """Return what a home holds of a demo that was built before; None for an empty one."""
    if home.newest_snapshot() is None:
        return None
    workspace = Workspace.open(home.root)
    snapshot, run = workspace.loaded()
    is_demo = bool(workspace.people.demo_people())
    workspace.ledger.close()
    if snapshot is None or not is_demo:
        raise ConflictError(
            "This home holds a log already, and the demo world needs one of its own.",
            "Name another folder by UNBOUGHT_HOME.",
        )
    flagged = run.counts.get("queued", 0) if run else 0
    return DemoSummary(snapshot.accounts, snapshot.engagements, flagged, 0, is_new=False)


def _clear(home: Home) -> None:
    """Take away what a demo that was cut off left; a database elsewhere is not ours to empty."""
    if os.environ.get(URL):
        raise ConflictError(
            "The demo world of this home was cut off, and its ledger is in a database of its own.",
            "Empty that database and the folder, then build it again.",
        )
    for name in MADE:
        shutil.rmtree(home.root / name, ignore_errors=True)


def _built(home: Home, *, seed: int, now: datetime, progress: Report, past: timedelta) -> DemoSummary:
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
