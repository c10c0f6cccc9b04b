"""Decisions cut short at random moments: wholly there or wholly absent, and the screen agrees with the ledger."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.bench.crowd import hire, multiply
from tests.bench.streamlit_wire import Browser
from tests.browser.facts import facts
from tests.browser.served import Served

pytestmark = pytest.mark.process
SEEDS = int(os.environ.get("UNBOUGHT_INTERRUPTIONS", "30"))
LONGEST_WAIT = 0.3


@dataclass(frozen=True, slots=True)
class Cut:
    """One decision that was interrupted, and which case the desk showed afterwards."""

    seed: int
    how: str
    case: str
    after: str


async def interrupt(tab: Browser, how: str) -> None:
    """Do what people do while a page still works."""
    if how == "other widget":
        await tab.press_unheard("look_alikes" if tab.page.keyed("look_alikes") else "desk_help")
    elif how == "other page":
        await tab.leave("account")
    elif how == "reload":
        await tab.leave("desk")
    tab.cut()


async def decide_and_cut(address: str, cookie: str, seed: int) -> Cut:
    rng = random.Random(seed)
    tab = await Browser.open(address, page="desk", cookie=cookie)
    if tab.page.keyed("start"):
        await tab.press_keyed("start")
    case, how = tab.case, rng.choice(("other widget", "other page", "reload", "line lost"))
    await tab.press_unheard(f"confirm_{case}")
    await asyncio.sleep(rng.uniform(0, LONGEST_WAIT))
    await interrupt(tab, how)
    await asyncio.sleep(LONGEST_WAIT)
    again = await Browser.open(address, page="desk", cookie=cookie)
    after = again.case
    await again.close()
    return Cut(seed, how, case, after)


def test_a_decision_is_wholly_there_or_wholly_absent(product: Served) -> None:
    """F-02, S-11."""
    multiply(product.home, SEEDS + 5)
    (_, token), *_ = hire(product.home, 1).items()

    async def all_seeds() -> list[Cut]:
        return [await decide_and_cut(product.address, f"unbought_session={token}", seed) for seed in range(SEEDS)]

    cuts = asyncio.run(all_seeds())

    found = {cut: facts(product.home, cut.case) for cut in cuts}
    # A decision that never arrived leaves the case with its reviewer; one that did shows the next, or the queue.
    wrong = [cut for cut, told in found.items() if not (told.is_whole or told.is_absent)]
    disagree = [cut for cut, told in found.items() if (cut.after == cut.case) is not told.is_absent]
    assert wrong == []
    assert disagree == []
    assert Counter(cut.how for cut in cuts).keys() == {"other widget", "other page", "reload", "line lost"}
    assert any(told.is_whole for told in found.values())
