"""Addresses that somebody mistyped or made up: every page answers with its default, never with an error."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.served import PATIENCE_MS, Tab

pytestmark = pytest.mark.browser
ODD = "' OR 1=1 --"
# page → the parameters that it reads
PAGES = {
    "demo-sena": {
        "desk": ("lane", "priority", "service", "page"),
        "appeals": ("appeal_id", "state", "page"),
        "bulk": ("bulk_id", "page"),
    },
    "demo-ana": {
        "explore": ("kinds", "services", "since", "until", "account_id", "target_id", "group_id", "page", "scores"),
        "account": ("account_id", "client"),
        "services": ("service_id",),
        "query": ("sql",),
        "backtest": ("a_like", "b_review", "a_score", "b_proposed"),
        "model": ("run",),
        "data": ("snapshot",),
    },
    "demo-max": {
        "statistics": ("days", "figure", "service", "kind", "country", "step", "by_detect"),
        "quality": ("days", "figure"),
        "reports": ("report_id", "month"),
        "deliveries": ("state", "kind", "case_id", "account_id", "decision_id", "page"),
        "oversight": ("day",),
        "audit": ("verb", "person", "subject", "day", "page"),
        "operations": ("x",),
        "people": ("person_id",),
    },
}


def answers(tab: Tab, page: str, query: dict[str, str]) -> list[str]:
    """Open the page with these parameters; returns what is wrong."""
    tab.open(f"/{page}?{urlencode(query)}")
    expect(tab.keyed("frame_head")).to_be_visible(timeout=PATIENCE_MS)
    tab.settle()
    broken = tab.page.locator("[data-testid='stException']").count()
    return [f"{page}?{query}"] * broken


@pytest.mark.parametrize("person", PAGES)
def test_an_odd_address_is_the_default_page(tab: OpenTab, person: str) -> None:
    """X-11: every parameter of every page, with text where a number belongs and a quote where a name belongs."""
    mine = tab()
    mine.sign_in(person)
    wrong = []
    for page, names in PAGES[person].items():
        for value in (ODD, "-1", "\u202e" + "9" * 400):
            wrong += answers(mine, page, dict.fromkeys(names, value))

    assert wrong == []
    assert mine.errors == []
    assert mine.foreign == []
