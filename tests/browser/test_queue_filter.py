"""A filter of the queue holds from case to case, over a reload and back in the queue (P-10)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.facts import lane_of
from tests.browser.served import PATIENCE_MS, Served, Tab

pytestmark = pytest.mark.browser


def test_one_lane_is_worked_through_case_by_case(own_tab: OpenTab, own_product: Served) -> None:
    tab = own_tab()
    tab.sign_in("demo-rita", "/desk")
    desk = Desk(tab)
    choose(tab, "lane", "Random audit")
    expect(tab.page).to_have_url(own_product.address + "/desk?lane=random_audit", timeout=PATIENCE_MS)
    tab.keyed("start").get_by_role("button").click()
    expect(tab.keyed("desk_decision")).to_be_visible(timeout=PATIENCE_MS)

    lanes = [lane_of(own_product.home, desk.case)]
    assert tab.read("quiet_only") == "only Random audit"
    tab.page.reload()
    expect(tab.keyed("desk_decision")).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(2):
        desk.decide("3")
        lanes.append(lane_of(own_product.home, desk.case))

    assert lanes == ["random_audit"] * 3
    desk.to_the_queue()
    assert tab.keyed("lane").locator("input").input_value() == "Random audit"
    assert tab.page.url.endswith("/desk?lane=random_audit")


def choose(tab: Tab, key: str, option: str) -> None:
    tab.keyed(key).locator("input").click()
    tab.page.get_by_role("option", name=option, exact=True).click()
    tab.settle()
