"""Decisions cut short at random moments: wholly there or wholly absent, and the screen agrees with the ledger."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.bench.crowd import hire, multiply
from tests.bench.streamlit_wire import Browser, run_apart
from tests.browser.facts import facts
from tests.browser.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.process]
SEEDS = int(os.environ.get("UNBOUGHT_INTERRUPTIONS", "30"))
LONGEST_WAIT, PATIENCE = 0.3, 20


@dataclass(frozen=True, slots=True)
class Cut:
    """One decision that was interrupted, and whether the desk, opened anew, agreed with the ledger of that moment."""

    seed: int
    how: str
    case: str
    has_agreed: bool


async def interrupt(tab: Browser, how: str) -> None:
    """Do what people do while a page still works."""
    if how == "other widget":
        await tab.press_unheard("look_alikes" if tab.page.keyed("look_alikes") else "desk_help")
    elif how == "other page":
        await tab.leave("account")
    elif how == "reload":
        await tab.leave("desk")
    tab.cut()


async def has_agreed(product: Served, cookie: str, case: str) -> bool:
    """Open the desk anew until it shows what the ledger says: on a busy machine a decision may be on its way still.

    A decision that never arrived leaves the case with its reviewer; one that did shows the next, or the queue.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        again = await Browser.open(product.address, page="desk", cookie=cookie)
        await again.close()
        told = await asyncio.to_thread(facts, product.home, case)
        if (again.case == case) is told.is_absent:
            return True
    return False


async def decide_and_cut(product: Served, cookie: str, seed: int) -> Cut:
    rng = random.Random(seed)
    tab = await Browser.open(product.address, page="desk", cookie=cookie)
    if tab.page.keyed("start"):
        await tab.press_keyed("start")
    case, how = tab.case, rng.choice(("other widget", "other page", "reload", "line lost"))
    await tab.press_unheard(f"confirm_{case}")
    await asyncio.sleep(rng.uniform(0, LONGEST_WAIT))
    await interrupt(tab, how)
    await asyncio.sleep(LONGEST_WAIT)
    return Cut(seed, how, case, await has_agreed(product, cookie, case))


def test_a_decision_is_wholly_there_or_wholly_absent(product: Served) -> None:
    """F-02, S-11."""
    multiply(product.home, SEEDS + 5)
    (_, token), *_ = hire(product.home, 1).items()

    async def all_seeds() -> list[Cut]:
        return [await decide_and_cut(product, f"unbought_session={token}", seed) for seed in range(SEEDS)]

    cuts = run_apart(all_seeds())

    found = {cut: facts(product.home, cut.case) for cut in cuts}
    assert [cut for cut, told in found.items() if not (told.is_whole or told.is_absent)] == []
    assert [cut for cut in cuts if not cut.has_agreed] == []
    assert Counter(cut.how for cut in cuts).keys() == {"other widget", "other page", "reload", "line lost"}
    assert any(told.is_whole for told in found.values())
