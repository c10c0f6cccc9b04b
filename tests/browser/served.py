"""The real product in a browser: `serve` on free ports over a prepared home, Chromium, and the platform's counters."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import httpx
import psutil
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.engine import installed, named
from tests.process.processes import kill, start, until

WINDOW = {"width": 1280, "height": 720}
# How long a state is waited for at the most; reached sooner, nobody waits. Other work on the machine is no failure.
PATIENCE_MS = 60_000


@dataclass
class Served:
    """One running `serve`: its address and the sandbox platform that judges what was done."""

    home: Path
    address: str
    process: subprocess.Popen[bytes]

    @property
    def web(self) -> psutil.Process:
        """The process that draws the pages, as it is now: `serve` starts a new one when it dies."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return next(one for one in family if "streamlit" in one.cmdline())

    def kill_web(self) -> None:
        """Kill the web process outright and wait until `serve` has another one that answers."""
        old = self.web
        old.kill()
        old.wait(10)
        until(self._answers, 60)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/_stcore/health", trust_env=False, timeout=2).is_success
        except httpx.TransportError:
            return False

    def platform(self, path: str, **query: Any) -> Any:
        base = (self.home / "sandbox" / "address").read_text().strip()
        return httpx.get(f"{base}{path}", params=query, trust_env=False).raise_for_status().json()

    def effects(self, account_id: str) -> dict[str, int]:
        found: dict[str, int] = self.platform("/v1/effects", account_id=account_id)["effects"]
        return {name: count for name, count in found.items() if count}

    def standing(self, account_id: str) -> Any:
        """Say what is removed and restored for one account now."""
        return self.platform(f"/v1/accounts/{account_id}")

    def order_of_effects(self, account_id: str) -> list[str]:
        return [row["effect"] for row in self.platform("/v1/log", account_id=account_id, limit=100_000)["effects"]]


@contextmanager
def served(home: Path, log: Path) -> Iterator[Served]:
    """Start everything with one command, as a person would, and stop it the same way."""
    process = start("-m", "analytics", "serve", "--port", "0", home=home, log=log)
    try:
        address = until(lambda: re.search(r"ready: (http://\S+)", log.read_text()), 90)[1]
        yield Served(home, address, process)
    finally:
        if process.poll() is None:
            kill(process, signal.SIGTERM)


def copied(home: Path, to: Path) -> Path:
    """Return a private copy of a prepared home."""
    shutil.copytree(home, to)
    return to


def launched(playwright: Playwright) -> Browser:
    """Start the system's Chromium; the one named in UNBOUGHT_CHROMIUM first."""
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=named() or installed(), args=arguments)


@dataclass
class Tab:
    """One tab of one person; it keeps every request that left for somebody else, and every error of the page."""

    page: Page
    served: Served
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        host = urlparse(self.served.address).netloc

        def note(request: Any) -> None:
            there = urlparse(request.url)
            if there.scheme in ("http", "https", "ws", "wss") and there.netloc != host:
                self.foreign.append(request.url)

        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("request", note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str = "/") -> None:
        self.page.goto(self.served.address + path)

    def keyed(self, key: str) -> Any:
        """Return the element or container that carries this key."""
        return self.page.locator(f".st-key-{key}")

    def keyed_like(self, start: str) -> Any:
        return self.page.locator(f"[class*='st-key-{start}']")

    def sign_in(self, person_id: str, path: str = "/") -> None:
        """Sign in as one of the demo people."""
        self.open(path)
        self.keyed(f"sign_in_{person_id}").get_by_role("button").click()
        self.settle()
        expect(self.keyed("frame_head")).to_be_visible(timeout=PATIENCE_MS)

    @property
    def told(self) -> Any:
        """What the last command said, or why it was refused."""
        return self.page.get_by_test_id("stAlert").first

    def settle(self) -> None:
        """Wait until the page has drawn what it was asked for.

        Until the code of an element is there its place is held, so that a button may seem to be there and hear no key.
        """
        self.page.wait_for_timeout(150)
        expect(self.page.locator("[data-test-script-state='running']")).to_have_count(0, timeout=PATIENCE_MS)
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE_MS)

    def read(self, key: str) -> str:
        """What one place says when the page is drawn: what stood there before goes last."""
        self.settle()
        place = self.keyed(key)
        expect(place).to_have_count(1, timeout=PATIENCE_MS)
        return str(place.inner_text())

    def scrolled(self) -> tuple[int, int]:
        """How far the page itself was scrolled, to the right and down."""
        right, down = self.page.locator("[data-testid=stMain]").evaluate("main => [main.scrollLeft, main.scrollTop]")
        return round(right), round(down)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.settle()
