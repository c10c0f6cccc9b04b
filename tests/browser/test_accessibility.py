"""axe-core on every page in both themes, 200 % zoom and 320 pixels."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.served import Served
from tests.browser.walk import Finding, Walked, look, walk

pytestmark = pytest.mark.browser
ROUTES = {
    "demo-sena": ["desk", "appeals", "bulk", "services", "quality", "deliveries"],
    "demo-ana": ["explore", "account", "query", "backtest", "model", "data", "reports", "statistics"],
    "demo-kit": ["audit", "operations", "people"],
}
SERIOUS = {"serious", "critical"}
# Findings in what Streamlit draws, which its users cannot change: rule → where, and why it stands here.
UPSTREAM: dict[str, tuple[str, str]] = {}


def is_upstream(found: Finding) -> bool:
    where, _ = UPSTREAM.get(found.rule, ("", ""))
    return bool(where) and where in found.target + found.html


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
            desk.open_a_case()
            desk.plain_list()
            seen.append(look(tab, "case"))
            desk.to_the_queue()
    return seen


def test_nothing_serious_is_found_on_our_own_elements(walked: list[Walked]) -> None:
    """R-01, R-07."""
    found = {one for page in walked for one in page.findings if one.impact in SERIOUS and not is_upstream(one)}

    assert sorted(f"{one.page} {one.theme} {one.rule} {one.target} {one.html}" for one in found) == []


def test_upstream_findings_are_still_there(walked: list[Walked]) -> None:
    """An exception that no longer fits anything goes away."""
    rules = {one.rule for page in walked for one in page.findings if is_upstream(one)}

    assert set(UPSTREAM) - rules == set()


@pytest.mark.parametrize("width", [640, 320])
def test_a_page_fits_the_window_without_scrolling_sideways(walked: list[Walked], width: int) -> None:
    """R-08: 200 % zoom of 1280 pixels, and 320 pixels."""
    assert {one.page: one.overflow[width] for one in walked if one.overflow[width] > 0} == {}
    assert {one.page: one.outside[width] for one in walked if one.outside[width]} == {}
