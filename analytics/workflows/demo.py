"""The demo: a synthetic world, loaded, detected, with open cases and people to sign in as."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analytics.workflows.cases import open_cases
from analytics.workflows.detect import detect
from analytics.workflows.ingest import ingest
from analytics.workflows.people import add_demo_people
from data.home import Home
from data.ledger import Ledger
from data.synthetic import WorldSpec, generate

Report = Callable[[float, str], None]


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
            f"{self.flagged:,} accounts flagged, {self.cases:,} cases open."
        )


def build_demo(home: Home, *, seed: int, now: datetime, progress: Report) -> DemoSummary:
    """Fill a home with everything the desk needs to be tried; loading the same world twice changes nothing."""
    ledger = Ledger.open(home)
    add_demo_people(ledger, now=now)
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        generate(WorldSpec.demo(seed), world, part(progress, 0.0, 0.15))
        loaded = ingest(home, [world], now=now, progress=part(progress, 0.15, 0.3))
    run = detect(home, now=now, seed=seed, progress=part(progress, 0.3, 0.92))
    progress(0.93, "opening cases")
    cases = open_cases(home, ledger, now=now)
    return DemoSummary(loaded.accounts, loaded.engagements, run.counts.get("queued", 0), cases)


def part(progress: Report, start: float, end: float) -> Report:
    """Map a step's own 0 to 1 onto its stretch of the whole bar."""
    return lambda share, what: progress(start + (end - start) * share, what)
