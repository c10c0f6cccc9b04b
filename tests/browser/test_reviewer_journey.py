"""From the first case to the appeal, judged by the platform's own counters."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.bench.crowd import multiply
from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.facts import case_of_number, decision_of, facts, proposed_of, removed_of
from tests.browser.served import PATIENCE_MS, Served, Tab
from tests.process.processes import until

pytestmark = pytest.mark.browser


def overturned_by(tab: Tab, decision_id: str) -> None:
    """Take the owner's complaint in and answer it, as somebody who had no part in the decision."""
    tab.sign_in("demo-sena", f"/appeals?decision_id={decision_id}")
    tab.keyed("take_appeal_in").locator("summary").click()
    tab.keyed("appeal_words").get_by_role("textbox").fill("I was in hospital. Those nights were not mine.")
    tab.keyed("file_appeal").get_by_role("button").click()
    expect(tab.told).to_be_visible(timeout=PATIENCE_MS)
    tab.keyed_like("grounds_").get_by_role("textbox").fill("The owner shows that the device was not theirs.")
    tab.keyed("appeal_overturned").get_by_role("button").click()
    expect(tab.told).to_contain_text("Overturned", timeout=PATIENCE_MS)
    assert tab.errors == []


def test_decided_in_part_appealed_and_overturned(tab: OpenTab, product: Served) -> None:
    """U-05, U-07, P-18: exactly the chosen engagements, one warning, one reset after the sessions; then all back."""
    multiply(product.home, 2)
    mine = tab()
    mine.sign_in("demo-rita")
    desk = Desk(mine)
    desk.to_the_queue()
    assert desk.waiting > 0
    mine.keyed("open_case").get_by_role("button").click()
    expect(mine.keyed("desk_decision")).to_be_visible(timeout=PATIENCE_MS)
    case_id, account_id = case_of_number(product.home, desk.case)
    before, number = desk.planned, desk.case
    taken_out = desk.take_out(2)
    assert (desk.planned, len(set(taken_out))) == (before - 2, 2)
    mine.keyed_like("part_").get_by_role("button").click()
    desk.wait_for_next(number)
    expect(desk.undo).to_contain_text("can be undone for 0:2", timeout=PATIENCE_MS)

    proposed, chosen = proposed_of(product.home, case_id), removed_of(product.home, case_id)
    assert chosen < proposed
    assert len(proposed - chosen) == 2
    assert product.effects(account_id) == {}
    until(lambda: product.standing(account_id)["removed"] == sorted(chosen), 60)
    until(lambda: product.effects(account_id).get("warned"), 10)
    assert product.effects(account_id) == {
        "engagements_removed": 1,
        "sessions_revoked": 1,
        "password_reset": 1,
        "link_sent": 1,
        "warned": 1,
    }
    order = product.order_of_effects(account_id)
    assert order.index("sessions_revoked") < order.index("password_reset") < order.index("link_sent")
    assert facts(product.home, case_id).is_whole

    overturned_by(tab(), decision_of(product.home, case_id))
    until(lambda: product.standing(account_id)["restored"] == sorted(chosen), 60)
    assert product.standing(account_id)["removed"] == []
    assert product.effects(account_id)["engagements_restored"] == 1
    assert mine.errors == []
