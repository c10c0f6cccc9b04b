"""The web process killed outright while people decide."""

from __future__ import annotations

import asyncio
import os
import random
import time

import pytest
import websockets

from analytics.workflows.audit import verify
from data.home import Home
from tests.bench.crowd import hire, multiply
from tests.bench.streamlit_wire import Browser, ScriptFailedError, run_apart
from tests.browser.facts import facts, person_cases
from tests.browser.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.slow]
KILLS = int(os.environ.get("UNBOUGHT_KILLS", "5"))
REVIEWERS = 4
LOST = (OSError, TimeoutError, AssertionError, ScriptFailedError, websockets.WebSocketException)


async def reviewer(address: str, token: str, over: asyncio.Event, rng: random.Random, acknowledged: list[str]) -> None:
    """Decide one case after the other; whenever the line is lost, come back."""
    while not over.is_set():
        try:
            await work(address, token, over, rng, acknowledged)
        except LOST:
            await asyncio.sleep(0.2)


async def work(address: str, token: str, over: asyncio.Event, rng: random.Random, acknowledged: list[str]) -> None:
    tab = await Browser.open(address, page="desk", cookie=f"unbought_session={token}")
    if tab.page.keyed("start"):
        await tab.press_keyed("start")
    while not over.is_set():
        case = tab.case
        await tab.press_keyed(f"{rng.choice(('confirm_', 'reject_'))}{case}")
        assert tab.case != case
        acknowledged.append(case)
        await asyncio.sleep(rng.uniform(0, 0.2))
    await tab.close()


async def killed_often(product: Served, tokens: list[str], seed: int) -> list[str]:
    rng, over, acknowledged = random.Random(seed), asyncio.Event(), list[str]()
    everybody = [
        asyncio.create_task(reviewer(product.address, token, over, random.Random(seed + place), acknowledged))
        for place, token in enumerate(tokens)
    ]
    for _ in range(KILLS):
        had = len(acknowledged)
        deadline = time.monotonic() + 60
        while len(acknowledged) < had + 3:
            assert time.monotonic() < deadline, "nobody could decide any more"
            await asyncio.sleep(0.02)
        await asyncio.sleep(rng.uniform(0, 0.5))
        await asyncio.to_thread(product.kill_web)
    over.set()
    await asyncio.wait_for(asyncio.gather(*everybody), 60)
    return acknowledged


def test_what_was_acknowledged_is_there_and_nothing_by_halves(own_product: Served) -> None:
    """F-05, S-13: kill -9 of the web process at random times while four people decide."""
    seed = int(os.environ.get("UNBOUGHT_SEED", "5"))
    multiply(own_product.home, 50 + 40 * KILLS)
    tokens = hire(own_product.home, REVIEWERS)

    acknowledged = run_apart(killed_often(own_product, list(tokens.values()), seed))

    decided = person_cases(own_product.home, list(tokens))
    assert len(acknowledged) >= 3 * KILLS
    assert set(acknowledged) - set(decided) == set(), f"seed {seed}"
    assert len(decided) == len(set(decided)), f"seed {seed}"
    halves = {case: facts(own_product.home, case) for case in decided}
    assert {case: told for case, told in halves.items() if not told.is_consistent} == {}, f"seed {seed}"
    assert verify(Home(own_product.home)).is_sound
