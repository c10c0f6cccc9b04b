"""One prepared home for the whole run, one running product per module, one fresh tab per person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.prepared import prepare
from tests.browser.served import WINDOW, Served, Tab, copied, launched, served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("prepared") / "home")


@pytest.fixture(scope="module")
def product(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("product")
    with served(copied(prepared_home, folder / "home"), folder / "serve.log") as running:
        yield running


@pytest.fixture
def tab(chromium: Browser, product: Served) -> Iterator[Callable[..., Tab]]:
    """Open a tab of its own browser context: another person, another cookie."""
    contexts = []

    def opened(**options: object) -> Tab:
        contexts.append(chromium.new_context(**({"viewport": WINDOW, "bypass_csp": False} | options)))
        return Tab(contexts[-1].new_page(), product)

    yield opened
    for context in contexts:
        context.close()
