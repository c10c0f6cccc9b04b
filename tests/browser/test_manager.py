"""A manager from five figures to their rows, and to a published report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.served import PATIENCE_MS, Served, Tab
from tests.pages.ledger_hand import decide_last_month, freeze_reports

pytestmark = pytest.mark.browser
FIGURES, TRIES = 5, 3
QUESTIONS = ["HOW MUCH IS THERE?", "HOW WELL DO WE DETECT?", "HOW WELL DO WE DECIDE?", "HOW DO PEOPLE TAKE IT?"]


def number(text: str) -> int:
    found = re.search(r"([\d,]+) rows?", text)
    assert found, text
    return int(found[1].replace(",", ""))


KEY_AND_WORDS = (
    r"all => all.map(a => [a.closest('[class*=st-key-rows_link_]').className.match(/st-key-(\S+)/)[1], a.innerText])"
)


def test_five_figures_open_exactly_their_rows(tab: OpenTab) -> None:
    """P-13, P-14: four questions in their order; each link leads to as many rows as it says."""
    mine = tab()
    mine.sign_in("demo-max", "/statistics")
    expect(mine.keyed("label_people")).to_be_visible(timeout=PATIENCE_MS)
    asked = [mine.read(f"label_{name}").upper() for name in ("how_much", "detect", "decide", "people")]
    assert asked == QUESTIONS
    links = mine.keyed_like("rows_link_").get_by_role("link")
    expect(links.nth(FIGURES - 1)).to_be_visible(timeout=PATIENCE_MS)
    mine.settle()
    # Each link by its key: while the page is drawn anew, the place of a link is not yet its own.
    named = links.evaluate_all(KEY_AND_WORDS)
    assert len(named) >= FIGURES

    keys = [key for key, _ in named[:FIGURES]]
    # The worker delivers meanwhile, so that a figure may grow between the two looks, but not each time anew.
    agree = {key: any(said == there for said, there in looks(mine, key, links)) for key in keys}
    assert [key for key in keys if not agree[key]] == []
    assert mine.errors == []


def looks(mine: Tab, key: str, links: Any) -> Iterator[tuple[int, int]]:
    for _ in range(TRIES):
        yield opened(mine, key, links)


def opened(mine: Tab, key: str, links: Any) -> tuple[int, int]:
    """Open one figure and come back; returns the rows its link promised and the rows there were."""
    link = mine.keyed(key).get_by_role("link").first
    said = number(link.inner_text())
    link.click()
    expect(mine.keyed("label_figure_rows")).to_be_visible(timeout=PATIENCE_MS)
    there = number(mine.read("label_figure_rows").lower())
    assert "figure=" in mine.page.url
    mine.settle()
    mine.keyed("rows_back").get_by_role("link", name="Back to all figures").click()
    expect(links.nth(FIGURES - 1)).to_be_visible(timeout=PATIENCE_MS)
    mine.settle()
    return said, there


def test_a_report_is_published_and_stays(own_tab: OpenTab, own_product: Served) -> None:
    """The month is frozen by itself; a manager publishes it again, on purpose."""
    decide_last_month(own_product.home)
    freeze_reports(own_product.home)
    mine = own_tab()
    last_month = datetime.now(UTC).replace(day=1) - timedelta(days=1)
    mine.sign_in("demo-max", f"/reports?month={last_month:%Y-%m}")
    expect(mine.keyed("label_published")).to_contain_text("(1)", timeout=PATIENCE_MS)
    expect(mine.keyed("publish").get_by_role("button")).to_be_disabled(timeout=PATIENCE_MS)
    mine.keyed("again").locator("label").click()
    expect(mine.keyed("publish").get_by_role("button")).to_be_enabled(timeout=PATIENCE_MS)
    mine.keyed("publish").get_by_role("button").click()
    expect(mine.keyed("label_published")).to_contain_text("(2)", timeout=PATIENCE_MS)
    mine.keyed_like("rows_report_").get_by_role("link").first.click()
    expect(mine.keyed("report_files")).to_be_visible(timeout=PATIENCE_MS)
    with mine.page.expect_download() as download:
        mine.keyed("report_csv").get_by_role("button").click()
    text = download.value.path().read_text()
    assert text.count("\n") > 10
    mine.page.reload()
    expect(mine.keyed("report_files")).to_be_visible(timeout=PATIENCE_MS)
    assert mine.errors == []


def test_the_entries_of_a_person_are_still_theirs_at_the_other_end_of_the_link(tab: OpenTab) -> None:
    """P-13: the link carries who and when, the page is filtered by both, and a reload changes nothing."""
    mine = tab()
    mine.sign_in("demo-max", "/oversight")
    mine.keyed("rows_of_demo-max").get_by_role("link").click()
    expect(mine.keyed("chain")).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(2):
        expect(mine.keyed("person").locator("input")).to_have_value("Max Verhoeven", timeout=PATIENCE_MS)
        expect(mine.keyed("day")).to_contain_text(f"{datetime.now(UTC):%Y}", timeout=PATIENCE_MS)
        assert "person=demo-max" in mine.page.url
        assert "day=" in mine.page.url
        mine.page.reload()
    assert mine.errors == []
