"""axe-core on every page in both themes, 200 % zoom and 320 pixels."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.served import Served
from tests.browser.walk import Walked, look, walk

pytestmark = pytest.mark.browser
ROUTES = {
    "demo-sena": ["desk", "appeals", "bulk", "services", "quality", "deliveries"],
    "demo-ana": ["explore", "account", "query", "backtest", "model", "data", "reports", "statistics"],
    "demo-kit": ["audit", "operations", "people"],
    "demo-max": ["oversight"],
}
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def walked(tab_of_module: OpenTab, product: Served) -> list[Walked]:
    """Walk through all pages once."""
    seen: list[Walked] = []
    for person, pages in ROUTES.items():
        tab = tab_of_module()
        if not seen:
            seen += walk(tab, ["/"])
        tab.sign_in(person)
        seen += walk(tab, [f"/{page}" for page in pages])
        if person == "demo-sena":
            tab.open("/desk?lane=queue")
            tab.settle()
            desk = Desk(tab)
            desk.start()
            desk.plain_list()
            seen.append(look(tab, "case"))
            desk.to_the_queue()
    return seen


def test_nothing_serious_is_found(walked: list[Walked]) -> None:
    """R-01, R-07: neither on our own elements nor on what Streamlit draws."""
    found = {one for page in walked for one in page.findings if one.impact in SERIOUS}

    assert sorted(f"{one.page} {one.theme} {one.rule} {one.target} {one.html}" for one in found) == []


@pytest.mark.parametrize("width", [640, 320])
def test_a_page_fits_the_window_without_scrolling_sideways(walked: list[Walked], width: int) -> None:
    """R-08: 200 % zoom of 1280 pixels, and 320 pixels."""
    assert {one.page: one.overflow[width] for one in walked if one.overflow[width] > 0} == {}
    assert {one.page: one.outside[width] for one in walked if one.outside[width]} == {}
