"""An analyst from a brushed chart to twelve proposed cases."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.facts import proposed_cases
from tests.browser.served import PATIENCE_MS, Served, Tab

pytestmark = pytest.mark.browser
QUESTION = (
    "select account, country, remove_count + review_count as found from accounts "
    "where not is_queued order by score desc limit 40"
)


def drag_across(tab: Tab, key: str, start: float, end: float) -> None:
    """Drag over a chart, from one share of its width to another."""
    area = tab.keyed(key).locator(".nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    height = box["y"] + box["height"] / 2
    tab.page.mouse.move(box["x"] + start * box["width"], height)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + (start + end) / 2 * box["width"], height, steps=4)
    tab.page.mouse.move(box["x"] + end * box["width"], height, steps=4)
    tab.page.mouse.up()
    tab.settle()


def test_brushing_narrows_the_view_and_the_address_keeps_it(tab: OpenTab) -> None:
    """P-10, S-30: brush, reload, and a pasted link show the same."""
    mine = tab()
    mine.sign_in("demo-ana", "/explore")
    whole = mine.read("strong_found")
    drag_across(mine, "explore_series", 0.3, 0.6)
    expect(mine.keyed("strong_found")).not_to_have_text(whole, timeout=PATIENCE_MS)
    narrowed, said = mine.read("strong_found"), mine.read("quiet_said")
    address = mine.page.url
    assert {"since", "until"} <= parse_qs(urlparse(address).query).keys()

    mine.page.reload()
    expect(mine.keyed("strong_found")).to_have_text(narrowed, timeout=PATIENCE_MS)
    other = tab()
    other.sign_in("demo-olu", "/explore")
    other.page.goto(address)
    expect(other.keyed("strong_found")).to_have_text(narrowed, timeout=PATIENCE_MS)
    assert other.read("quiet_said") == said
    mine.keyed("whole_log").get_by_role("button").click()
    expect(mine.keyed("strong_found")).to_have_text(whole, timeout=PATIENCE_MS)
    assert (mine.errors, other.errors) == ([], [])


def test_a_click_on_a_bar_narrows_and_days_can_be_written(tab: OpenTab) -> None:
    """R-01 (WCAG 2.5.7), P-10: nothing here needs a drag."""
    mine = tab()
    mine.sign_in("demo-ana", "/explore")
    whole = mine.read("strong_found")
    bars = mine.keyed("panel_chart_kind").locator(".nsewdrag").first
    bars.scroll_into_view_if_needed()
    bars.click(position={"x": 12, "y": 12})
    expect(mine.keyed("strong_found")).not_to_have_text(whole, timeout=PATIENCE_MS)
    assert "kinds=like" in mine.page.url
    mine.settle()

    narrowed = mine.read("strong_found")
    mine.page.goto(mine.page.url)
    expect(mine.keyed("strong_found")).to_have_text(narrowed, timeout=PATIENCE_MS)
    mine.settle()
    mine.keyed("span").get_by_role("spinbutton").nth(2).press("ArrowUp")
    # What is written counts when the field is left.
    mine.keyed("strong_found").click()
    expect(mine.keyed("strong_found")).not_to_have_text(narrowed, timeout=PATIENCE_MS)
    assert {"since", "until", "kinds"} <= parse_qs(urlparse(mine.page.url).query).keys()
    assert mine.errors == []


def test_a_service_is_opened_and_named(tab: OpenTab) -> None:
    mine = tab()
    mine.sign_in("demo-olu", "/services")
    mine.keyed("service_open").get_by_role("button").click()
    expect(mine.keyed("strong_service")).to_be_visible(timeout=PATIENCE_MS)
    mine.keyed("service_name").get_by_role("textbox").fill("Night likes")
    mine.keyed("service_name_go").get_by_role("button").click()
    expect(mine.keyed("strong_service")).to_contain_text("Night likes", timeout=PATIENCE_MS)
    address = mine.page.url

    mine.page.goto(address)
    expect(mine.keyed("strong_service")).to_contain_text("Night likes", timeout=PATIENCE_MS)
    assert mine.errors == []


def test_a_query_is_charted_and_twelve_cases_are_proposed(tab: OpenTab, product: Served) -> None:
    """P-11, P-12: proposed cases wait for a senior reviewer; nothing else follows from a query.

    The random audit may have drawn some of the accounts already; the page says how many.
    """
    mine = tab()
    mine.sign_in("demo-ana", "/query")
    mine.keyed("sql").get_by_role("textbox").fill(QUESTION)
    mine.keyed("run").get_by_role("button").click()
    expect(mine.keyed("quiet_answered")).to_contain_text("40", timeout=PATIENCE_MS)
    expect(mine.keyed("result_chart").locator(".nsewdrag").first).to_be_attached(timeout=PATIENCE_MS)
    before = len(proposed_cases(product.home))
    mine.keyed("propose_reason").get_by_role("textbox").fill("Many follow within one minute")
    mine.keyed("propose_go").get_by_role("button").click()
    expect(mine.told).to_contain_text("proposed for review", timeout=PATIENCE_MS)
    opened, *left_out = map(int, re.findall(r"\d+", mine.told.inner_text()))
    assert opened > 6
    assert left_out == ([12 - opened, 12] if opened < 12 else [])
    found = proposed_cases(product.home)
    assert len(found) == before + opened

    senior = tab()
    senior.sign_in("demo-ivo", "/desk")
    desk = Desk(senior)
    desk.to_the_queue()
    waiting = desk.waiting
    reviewer = tab()
    reviewer.sign_in("demo-theo", "/desk")
    Desk(reviewer).to_the_queue()
    assert waiting >= Desk(reviewer).waiting + opened
    assert mine.errors == []


def test_two_thresholds_are_compared(tab: OpenTab) -> None:
    mine = tab()
    mine.sign_in("demo-ana", "/backtest")
    expect(mine.page.get_by_role("region", name="Settings A and B line by line")).to_be_visible(timeout=PATIENCE_MS)
    assert "(0)" in mine.read("label_gone")
    mine.keyed("b_score").get_by_role("spinbutton").fill("0.99")
    mine.keyed("b_score").get_by_role("spinbutton").press("Enter")
    # While the page is drawn anew, the old label may still stand beside the new one.
    expect(mine.keyed("label_gone").filter(has_not_text="(0)").first).to_be_visible(timeout=PATIENCE_MS)
    told = mine.read("label_gone")
    assert "b_score=0.99" in mine.page.url

    mine.page.reload()
    expect(mine.keyed("label_gone")).to_have_text(told, ignore_case=True, timeout=PATIENCE_MS)
    mine.keyed("candidate_reason").get_by_role("textbox").fill("fewer cases a day")
    mine.keyed("candidate_go").get_by_role("button").click()
    expect(mine.keyed_like("candidate_").filter(has_text="shadow").first).to_be_visible(timeout=PATIENCE_MS)
    assert mine.keyed_like("live_").count() == 0
    assert mine.errors == []
