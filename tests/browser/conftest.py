"""One prepared home and one running product for the whole run, one fresh tab per person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.served import WINDOW, Served, Tab, copied, launched, served

OpenTab = Callable[..., Tab]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def product(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a copy for everybody who leaves it in order."""
    folder = tmp_path_factory.mktemp("product")
    with served(copied(prepared_home, folder / "home"), folder / "serve.log") as running:
        yield running


@pytest.fixture
def own_product(prepared_home: Path, tmp_path: Path) -> Iterator[Served]:
    """Serve a copy that the test may break."""
    with served(copied(prepared_home, tmp_path / "home"), tmp_path / "serve.log") as running:
        yield running


@contextmanager
def opening(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    with ExitStack() as stack:

        def opened(**options: object) -> BrowserContext:
            context = chromium.new_context(**({"viewport": WINDOW} | options))
            stack.callback(context.close)
            return context

        yield opened


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open browser contexts, each with cookies of its own, and close them."""
    with opening(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def tab_of_module(chromium: Browser, product: Served) -> Iterator[OpenTab]:
    with opening(chromium) as opened:
        yield lambda **options: Tab(opened(**options).new_page(), product)


@pytest.fixture
def tab(contexts: Callable[..., BrowserContext], product: Served) -> OpenTab:
    """Open a tab of its own browser context: another person, another cookie."""
    return lambda **options: Tab(contexts(**options).new_page(), product)


@pytest.fixture
def own_tab(contexts: Callable[..., BrowserContext], own_product: Served) -> OpenTab:
    return lambda **options: Tab(contexts(**options).new_page(), own_product)
