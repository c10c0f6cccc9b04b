"""What accounts write is shown as it is: nothing is drawn, nothing is fetched, no row grows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.facts import hand_over, waiting_cases
from tests.browser.prepared import HOSTILE_NAMES
from tests.browser.served import PATIENCE_MS, Served, Tab

pytestmark = pytest.mark.browser
# What markup would have made: an element that points outside, or one with a handler of its own.
MADE = "a[href*='invalid'], img[src*='invalid'], [onerror], [href^='javascript']"
ONE_LINE = 40


def open_named(tab: Tab, served: Served, handle: str) -> Desk | None:
    """Open the case of the account that calls itself so, if it has one."""
    found = waiting_cases(served.home, handle)
    if not found:
        return None
    hand_over(served.home, "demo-sena", found[0])
    tab.open("/desk")
    expect(tab.keyed("desk_decision")).to_be_visible(timeout=PATIENCE_MS)
    return Desk(tab)


def test_names_and_comments_are_literal_and_nothing_is_fetched(tab: OpenTab, product: Served) -> None:
    """X-01, X-02, X-03: on the queue, the case, its table and its plain list."""
    mine = tab()
    mine.sign_in("demo-sena")
    title, shown, noticed = mine.page.title(), [], 0
    for handle in HOSTILE_NAMES:
        desk = open_named(mine, product, handle)
        if desk is None:
            continue
        shown.append(desk.who)
        desk.plain_list()
        # A case in which nothing is proposed has no notice.
        if desk.planned:
            mine.keyed("desk_notice").get_by_role("button").first.click()
            mine.settle()
            mine.page.keyboard.press("Escape")
            noticed += 1
        assert mine.page.locator(MADE).count() == 0
        assert mine.keyed("strong_who").bounding_box()["height"] < ONE_LINE
        desk.to_the_queue()

    assert mine.foreign == []
    assert mine.errors == []
    assert mine.page.title() == title
    assert len(shown) >= 4
    assert noticed >= 2
    assert all(len(one) <= 200 for one in shown)


def test_a_hostile_name_of_a_service_stays_text_in_charts(tab: OpenTab, product: Served) -> None:
    """X-05: in a chart's labels, its hover text, a list and a select box."""
    mine = tab()
    mine.sign_in("demo-ana", "/services")
    mine.keyed("service_open").get_by_role("button").click()
    mine.settle()
    hostile = "<a href='https://win.invalid'>S</a><b>bold</b>"
    mine.keyed("service_name").get_by_role("textbox").fill(hostile)
    mine.keyed("service_name_go").get_by_role("button").click()
    expect(mine.keyed("strong_service")).to_contain_text("<a href=", timeout=PATIENCE_MS)
    for path in ("/services", "/explore", "/statistics"):
        mine.open(path)
        mine.settle()
        expect(mine.keyed("frame_head")).to_be_visible(timeout=PATIENCE_MS)
        assert mine.page.locator(MADE).count() == 0
    assert mine.page.locator("svg a[*|href*='invalid'], svg tspan[style*='bold']").count() == 0
    assert mine.foreign == []
