"""Impatient hands: the same button pressed again before the page has answered."""

from __future__ import annotations

import asyncio

import pytest

from tests.bench.crowd import hire, multiply
from tests.bench.streamlit_wire import Browser, run_apart
from tests.browser.facts import facts, leased_by
from tests.browser.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.process]
# (times, seconds between two presses)
HANDS = tuple((times, pause) for times in (2, 3) for pause in (0.0, 0.02, 0.05, 0.1, 0.2))


async def pressed(address: str, token: str, times: int, pause: float) -> tuple[str, Browser]:
    tab = await Browser.open(address, page="desk", cookie=f"unbought_session={token}")
    if tab.page.keyed("start"):
        await tab.press_keyed("start")
    case = tab.case
    await tab.press_all_at_once(f"confirm_{case}", times, pause)
    return case, tab


def test_many_clicks_make_one_decision(product: Served) -> None:
    """F-01, S-10: exactly one decision, one set of actions in the outbox, one notice, one strike."""
    multiply(product.home, len(HANDS) + 2)
    (person, token), *_ = hire(product.home, 1).items()

    async def all_hands() -> list[tuple[str, str]]:
        found = []
        for times, pause in HANDS:
            case, tab = await pressed(product.address, token, times, pause)
            found.append((case, tab.case))
            await tab.close()
        return found

    decided = run_apart(all_hands())

    assert len({case for case, _ in decided}) == len(HANDS)
    assert [facts(product.home, case) for case, _ in decided if not facts(product.home, case).is_whole] == []
    assert [after for case, after in decided if after == case] == []
    assert leased_by(product.home, person) == [decided[-1][1]]


def test_two_tabs_of_one_person_make_one_decision(product: Served) -> None:
    """F-01, S-14: the lease is the person's, so both tabs show the same case; the second decision is refused."""
    multiply(product.home, 3)
    (_, token), *_ = hire(product.home, 1).items()

    async def both() -> tuple[str, str, str]:
        first, _ = await opened(), None
        second = await opened()
        case, other = first.case, second.case
        await asyncio.gather(first.press_keyed(f"confirm_{case}"), second.press_keyed(f"reject_{case}"))
        told = first.page.text() + second.page.text()
        await asyncio.gather(first.close(), second.close())
        return case, other, told

    async def opened() -> Browser:
        tab = await Browser.open(product.address, page="desk", cookie=f"unbought_session={token}")
        if tab.page.keyed("start"):
            await tab.press_keyed("start")
        return tab

    case, other, _ = run_apart(both())

    found = facts(product.home, case)
    assert other == case
    assert (found.decisions, found.audited) == (1, 1)
