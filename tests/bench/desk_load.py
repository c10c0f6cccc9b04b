"""Many reviewers at once over real websockets (P-02): how long from decision to next case, and is each decided once?

    python -m tests.bench.desk_load --home DIR [--reviewers 50] [--think 10] [--seconds 300] [--processes 2]

The home is copied, staffed and filled with copies of its open cases; nothing of it is changed.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import mean
from urllib.parse import urlparse

import httpx
import psutil
import websockets
from sqlalchemy import func, select

from analytics.workflows.queue import KNOWN_ANSWER
from analytics.workflows.second_look import AGREED, DISAGREED
from data.tables import decision_events, decisions
from tests.bench.crowd import hire, multiply
from tests.bench.sticky import COOKIE, StickyProxy
from tests.bench.streamlit_wire import Browser, ScriptFailedError, run_apart
from tests.bench.web import another_web
from tests.browser.facts import reading
from tests.browser.served import copied, served

# What the desk answers to whoever would escalate a case that came back for a second look.
SECOND_LOOK = "A second look is a yes or a no"
# confirmed, rejected, escalated: about what a queue of suspected accounts brings
KEYS = ("confirm_",) * 7 + ("reject_",) * 2 + ("escalate_",)
MEGABYTE = 1024 * 1024
# Characters of a log that are shown where somebody met an error.
LAST_WORDS = 6_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many people, how long they think, how long they go on, and what each decides at the least."""

    reviewers: int
    think: float
    seconds: float
    processes: int = 1
    least: int = 1
    seed: int = 7


@dataclass(slots=True)
class Measured:
    """What the crowd saw, and what the server held."""

    waits: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    # how many wanted each core of the machine, whoever they were, averaged over a minute
    load: list[float] = field(default_factory=list)
    busy: float = 0.0
    rows: Counter[str] = field(default_factory=Counter)
    # cases that came as a second look or as a known answer
    looked: frozenset[str] = frozenset()

    def quantile(self, share: float) -> float:
        """Return the wait in milliseconds that this share of decisions stayed under."""
        ordered = sorted(self.waits)
        return 1_000 * ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan

    @property
    def twice(self) -> list[str]:
        return [case for case, times in self.rows.items() if times > 1]

    @property
    def lost(self) -> list[str]:
        return [case for case in self.decided if not self.rows[case] and case not in self.looked]

    def table(self, crowd: Crowd) -> str:
        rows = (
            ("reviewers, web processes", f"{crowd.reviewers}, {crowd.processes}"),
            ("thinking time, length", f"{crowd.think:g} s, {crowd.seconds:g} s"),
            ("decisions", f"{len(self.waits):,} ({len(self.waits) / crowd.seconds:.1f} a second)"),
            ("decision to next case drawn, p50", f"{self.quantile(0.5):.0f} ms"),
            ("decision to next case drawn, p95", f"{self.quantile(0.95):.0f} ms"),
            ("decision to next case drawn, longest", f"{self.quantile(1):.0f} ms"),
            ("first page, longest", f"{1_000 * max(self.opened, default=math.nan):.0f} ms"),
            ("errors", str(len(self.errors))),
            ("cases decided twice, lost", f"{len(self.twice)}, {len(self.lost)}"),
            ("second looks and known answers", f"{len(self.looked)}"),
            ("web memory, first and most", f"{self.memory[0]:.0f} MB, {max(self.memory):.0f} MB"),
            ("load of the machine, mean", f"{mean(self.load):.1f} a core"),
            ("web processor share", f"{100 * self.busy:.0f} % of one core"),
        )
        return "\n".join(f"{name:<40} {value}" for name, value in rows)


async def reviewer(address: str, cookie: str, until: float, rng: random.Random, crowd: Crowd, seen: Measured) -> None:
    """One person: open the desk, take a case, and decide one after the other."""
    await asyncio.sleep(rng.uniform(0, crowd.think))
    started = time.monotonic()
    try:
        tab = await Browser.open(address, page="desk", cookie=cookie)
        seen.opened.append(time.monotonic() - started)
        if tab.page.keyed("start"):
            await tab.press_keyed("start")
        await asyncio.sleep(rng.uniform(0.5, 1.5) * crowd.think)
        for number in count():
            if number >= crowd.least and time.monotonic() >= until:
                break
            await decide(tab, rng.choice(KEYS), seen)
            await asyncio.sleep(rng.uniform(0.5, 1.5) * crowd.think)
        await tab.close()
    except (ScriptFailedError, AssertionError, OSError, TimeoutError, websockets.WebSocketException) as error:
        seen.errors.append(f"{type(error).__name__}: {error}")


async def decide(tab: Browser, key: str, seen: Measured) -> None:
    """Press one key; the wait ends when the next case, or the empty queue, is drawn."""
    case, button = tab.case, tab.page.keyed(key)
    if button is not None and button.element.disabled:
        # where nothing is proposed there is nothing to confirm
        key = "reject_"
    started = time.monotonic()
    page = await tab.press_keyed(key)
    if tab.case == case and SECOND_LOOK in page.text():
        started = time.monotonic()
        page = await tab.press_keyed("reject_")
    seen.waits.append(time.monotonic() - started)
    assert tab.case != case, f"still on {case}: {' '.join(one.element.body for one in page.find_all('alert'))}"
    seen.decided.append(case)


async def watch(webs: list[psutil.Process], until: float, seen: Measured) -> None:
    """Look at the memory of the web processes once a second."""
    started, used = time.monotonic(), _used(webs)
    while time.monotonic() < until:
        seen.memory.append(sum(one.memory_info().rss for one in webs) / MEGABYTE)
        seen.load.append(psutil.getloadavg()[0] / (psutil.cpu_count() or 1))
        await asyncio.sleep(1)
    seen.busy = (_used(webs) - used) / (time.monotonic() - started)


def _used(webs: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in webs)


async def gathered(addresses: list[str], webs: list[psutil.Process], tokens: dict[str, str], crowd: Crowd) -> Measured:
    """Send everybody to the desk, through the proxy when there are several processes."""
    seen, until = Measured(), time.monotonic() + crowd.seconds
    proxy = StickyProxy([(str(urlparse(one).hostname), int(urlparse(one).port or 0)) for one in addresses])
    address = addresses[0] if len(addresses) == 1 else await proxy.start()
    everybody = []
    for number, token in enumerate(tokens.values()):
        cookie = f"unbought_session={token}" + (await sent_to(address) if len(addresses) > 1 else "")
        everybody.append(reviewer(address, cookie, until, random.Random(crowd.seed + number), crowd, seen))
    await asyncio.gather(watch(webs, until, seen), *everybody)
    if len(addresses) > 1:
        assert min(proxy.passed.values()) > 0, "one process had nothing to do"
        await proxy.stop()
    return seen


async def sent_to(address: str) -> str:
    """Ask once for the page, as a browser does, and keep the proxy's cookie."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{address}/_stcore/health")
    return f"; {COOKIE}={answer.cookies[COOKIE]}"


def measure(home: Path, crowd: Crowd) -> Measured:
    """Serve a copy of the home to a crowd and hold what they saw against the ledger."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own = copied(home, folder / "home")
        multiply(own, math.ceil(1.3 * crowd.reviewers * (2 + crowd.seconds / crowd.think)))
        tokens = hire(own, crowd.reviewers)
        running = stack.enter_context(served(own, folder / "serve.log"))
        logs = [folder / f"web{number}.log" for number in range(1, crowd.processes)]
        others = [stack.enter_context(another_web(running, log)) for log in logs]
        webs = [running.web, *(one.process for one in others)]
        addresses = [running.address, *(one.address for one in others)]
        seen = run_apart(gathered(addresses, webs, tokens, crowd))
        seen.rows, seen.looked = ruled(own, tokens)
        if seen.errors:
            for log in (*sorted((own / "logs").glob("web*.log")), *logs):
                print(log.name, log.read_text()[-LAST_WORDS:], sep="\n")
    return seen


def ruled(home: Path, people: Collection[str]) -> tuple[Counter[str], frozenset[str]]:
    """How often each case was decided by these people, and which cases measured somebody instead.

    A known answer is shown to several people on purpose, and a second look is no decision.
    """
    mine, theirs = decisions.c.person_id.in_(people), decision_events.c.person_id.in_(people)
    is_known = decisions.c.lane == KNOWN_ANSWER
    made = select(decisions.c.case_id, func.count()).where(mine, ~is_known).group_by(decisions.c.case_id)
    known = select(decisions.c.case_id).where(mine, is_known)
    events = decision_events.join(decisions, decisions.c.decision_id == decision_events.c.decision_id)
    again = (
        select(decisions.c.case_id).select_from(events).where(theirs, decision_events.c.event.in_((AGREED, DISAGREED)))
    )
    with reading(home) as connection:
        rows = Counter(dict(connection.execute(made).all()))
        return rows, frozenset(connection.scalars(known)) | frozenset(connection.scalars(again))


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    told.add_argument("--home", type=Path, required=True)
    told.add_argument("--reviewers", type=int, default=50)
    told.add_argument("--think", type=float, default=10.0)
    told.add_argument("--seconds", type=float, default=300.0)
    told.add_argument("--processes", type=int, default=1)
    asked = told.parse_args()
    crowd = Crowd(reviewers=asked.reviewers, think=asked.think, seconds=asked.seconds, processes=asked.processes)
    seen = measure(asked.home, crowd)
    print(seen.table(crowd))
    for error, times in Counter(seen.errors).most_common(10):
        print(f"{times} times {error}")


if __name__ == "__main__":
    main()
