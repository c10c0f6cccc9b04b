"""What a reviewer does at the desk, in the words of the screen."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.served import PATIENCE_MS, Tab


class Desk:
    """The desk in one tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def start(self) -> None:
        """Take the next case by key, unless one is open already."""
        either = self.tab.keyed("desk_decision").or_(self.tab.keyed("start"))
        expect(either.first).to_be_visible(timeout=PATIENCE_MS)
        self.tab.settle()
        if not self.tab.keyed("desk_decision").is_visible():
            self.tab.press("n")
        expect(self.tab.keyed("desk_decision")).to_be_visible(timeout=PATIENCE_MS)

    def to_the_queue(self) -> None:
        """Put a case that is still open back."""
        either = self.tab.keyed("back").or_(self.tab.keyed("queue_actions"))
        expect(either.first).to_be_visible(timeout=PATIENCE_MS)
        self.tab.settle()
        if self.tab.keyed("back").is_visible():
            self.tab.keyed("back").get_by_role("button").click()
            self.tab.settle()
        expect(self.tab.keyed("queue_actions")).to_be_visible(timeout=PATIENCE_MS)

    @property
    def who(self) -> str:
        return self.tab.read("strong_who")

    @property
    def case(self) -> int:
        return int(self.tab.read("quiet_case_number").removeprefix("case ").replace(",", ""))

    @property
    def planned(self) -> int:
        """How many engagements the plan would remove."""
        found = re.search(r"remove ([\d,]+) \(", self.plan)
        return int(found[1].replace(",", "")) if found else 0

    @property
    def plan(self) -> str:
        return self.tab.read("strong_plan")

    @property
    def waiting(self) -> int:
        """How many cases the first line of the page says wait."""
        found = re.search(r"([\d,]+) waiting", self.tab.read("quiet_facts"))
        return int(found[1].replace(",", "")) if found else 0

    @property
    def note(self) -> Any:
        return self.tab.keyed_like("note_").get_by_role("textbox")

    def plain_list(self) -> Any:
        """Switch to check boxes and return those that are ticked."""
        if not self.tab.keyed("plain_list").is_visible():
            self.tab.keyed("plain_rows").locator("label").click()
            self.tab.settle()
        return self.tab.keyed("plain_list").get_by_role("checkbox", checked=True)

    def take_out(self, count: int) -> list[str]:
        """Untick that many engagements one by one; returns their names on the page."""
        return [self._take_one_out() for _ in range(count)]

    def _take_one_out(self) -> str:
        before, box = self.planned, self.plain_list().first
        name = str(box.locator("xpath=ancestor::label").inner_text())
        box.locator("xpath=ancestor::label").click()
        expect(self.tab.keyed("strong_plan")).not_to_contain_text(f"remove {before:,} (", timeout=PATIENCE_MS)
        self.tab.settle()
        return name

    def decide(self, key: str) -> None:
        """Decide by key and wait for the next case, or the queue."""
        before = self.case
        self.tab.page.keyboard.press(key)
        self.wait_for_next(before)

    def wait_for_next(self, before: int) -> None:
        self.tab.page.wait_for_function(
            "before => !document.querySelector('.st-key-quiet_case_number')?.innerText.endsWith(` ${before}`)",
            arg=f"{before:,}",
            timeout=PATIENCE_MS,
        )
        self.tab.settle()

    @property
    def undo(self) -> Any:
        return self.tab.keyed("undo_bar")
