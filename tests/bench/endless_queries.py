"""X-10 for everybody else: how long a reviewer waits while an analyst's queries never end, beside how long before.

    python -m tests.bench.endless_queries --home DIR [--rounds 3] [--seconds 40]

A copy of the home is served. A reviewer decides cases all the time; an analyst runs one endless query after the other
on the query page in every second stretch of time. Quiet and loud stretches take turns, so that neither has the warmer
caches. What ended each query, and after how long, is read from the query log.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import select

from analytics.workflows.people import People
from data.home import Home
from data.ledger import Ledger
from data.query_process import DEADLINE_SECONDS
from data.records import Role
from data.tables import query_log
from tests.bench.crowd import hire, multiply
from tests.bench.desk_load import Crowd, Measured, reviewer
from tests.bench.streamlit_wire import Browser, run_apart
from tests.browser.facts import reading
from tests.browser.served import copied, served
from tests.data.test_query_process import ENDLESS
from tests.pages.rooms import PERSON_OF

THINK = 0.5
ALLOWED = 1.5
COOKIE = "unbought_session={}"


@dataclass(slots=True)
class Waits:
    """Seconds from a decision to the next case, in quiet and in loud stretches, and what the analyst waited."""

    quiet: list[float] = field(default_factory=list)
    loud: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)


async def stretches(address: str, people: Sequence[str], analyst: str, seconds: float) -> Waits:
    """Let reviewers work through quiet and loud stretches in turns, a fresh one each round: an hour holds no more."""
    waits = Waits()
    tab = await Browser.open(address, page="query", cookie=COOKIE.format(analyst))
    await decided(address, people[0], seconds=10)
    for person in people:
        waits.quiet += await decided(address, person, seconds=seconds)
        asking = asyncio.create_task(ask_for_ever(tab, waits))
        waits.loud += await decided(address, person, seconds=seconds)
        asking.cancel()
        # The last query runs on to its deadline, and must not be heard in the next quiet stretch.
        await asyncio.sleep(DEADLINE_SECONDS + 2)
        tab = await Browser.open(address, page="query", cookie=COOKIE.format(analyst))
    return waits


async def ask_for_ever(tab: Browser, waits: Waits) -> None:
    """Run endless queries one after the other."""
    while True:
        for sql in ENDLESS:
            tab.write("One SELECT", sql)
            started = time.monotonic()
            await tab.press("Run")
            waits.asked.append(time.monotonic() - started)


async def decided(address: str, person: str, *, seconds: float) -> list[float]:
    """Decide cases for so long and return the waits for each next case."""
    seen = Measured()
    crowd = Crowd(reviewers=1, think=THINK, seconds=seconds)
    await reviewer(address, COOKIE.format(person), time.monotonic() + seconds, random.Random(7), crowd, seen)
    assert not seen.errors, seen.errors
    return seen.waits


def measure(home: Path, rounds: int, seconds: float) -> tuple[Waits, list[tuple[str, float]]]:
    """Serve a copy of the home to both; returns the waits and how each query ended."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own = copied(home, folder / "home")
        multiply(own, round(2 * rounds * seconds * 3) + 100)
        reviewers = list(hire(own, rounds).values())
        ledger = Ledger.open(Home(own))
        analyst = People(ledger, lambda: datetime.now(UTC)).sign_in_demo(PERSON_OF[Role.ANALYST]).token
        ledger.close()
        running = stack.enter_context(served(own, folder / "serve.log"))
        waits = run_apart(stretches(running.address, reviewers, analyst, seconds))
        with reading(own) as connection:
            ended = connection.execute(select(query_log.c.outcome, query_log.c.seconds)).all()
    return waits, [(str(outcome), float(taken)) for outcome, taken in ended]


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    told.add_argument("--home", type=Path, required=True)
    told.add_argument("--rounds", type=int, default=3)
    told.add_argument("--seconds", type=float, default=40.0)
    asked = told.parse_args()
    waits, ended = measure(asked.home, asked.rounds, asked.seconds)
    before, during = (np.percentile(some, (50, 95)) * 1e3 for some in (waits.quiet, waits.loud))
    longest = max(taken for _, taken in ended)
    for outcome in sorted({outcome for outcome, _ in ended}):
        taken = [seconds for name, seconds in ended if name == outcome]
        print(f"{outcome}: {len(taken)} queries, longest {max(taken):.1f} s")
    print(f"decision to next case, quiet: p50 {before[0]:.0f} ms, p95 {before[1]:.0f} ms, of {len(waits.quiet)}")
    print(f"decision to next case, loud:  p50 {during[0]:.0f} ms, p95 {during[1]:.0f} ms, of {len(waits.loud)}")
    print(f"p95 loud / quiet: {during[1] / before[1]:.2f} (allowed {ALLOWED})")
    print(f"longest query: {longest:.1f} s (allowed {DEADLINE_SECONDS + 1:.0f}); {len(waits.asked)} waited for")


if __name__ == "__main__":
    main()
