"""An administrator: roles change at once, the chain is verified, no case is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.served import PATIENCE_MS, Served

pytestmark = pytest.mark.browser


def test_the_chain_is_verified_on_request(tab: OpenTab) -> None:
    mine = tab()
    mine.sign_in("demo-kit", "/audit")
    mine.keyed("verify_now").get_by_role("button").click()
    expect(mine.keyed("verified").get_by_test_id("stAlert")).to_be_visible(timeout=PATIENCE_MS)
    assert mine.keyed("verified").locator("[data-testid='stAlertContentSuccess']").count() == 1
    assert mine.errors == []


def test_changing_roles_ends_the_sign_in_of_that_person(tab: OpenTab) -> None:
    """X-22, D.2: the other person's next click asks them to sign in again."""
    other, mine = tab(), tab()
    other.sign_in("demo-lena", "/reports")
    mine.sign_in("demo-kit", "/people")
    mine.keyed("who").get_by_role("combobox").fill("Lena")
    mine.page.get_by_role("option", name="Lena").first.click()
    mine.keyed("revoke_demo-lena").get_by_role("button").click()
    expect(mine.told).to_contain_text("Lena", timeout=PATIENCE_MS)
    other.page.reload()
    expect(other.keyed("sign_in")).to_be_visible(timeout=PATIENCE_MS)
    assert (mine.errors, other.errors) == ([], [])


def test_an_administrator_sees_no_case(tab: OpenTab, product: Served) -> None:
    """D.2: the address of the desk leads nowhere."""
    mine = tab()
    mine.sign_in("demo-kit")
    mine.open("/desk")
    mine.settle()
    assert mine.keyed("queue_actions").count() == 0
    assert mine.keyed("desk_decision").count() == 0
    assert product.address in mine.page.url
