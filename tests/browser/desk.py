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
        """Take the next case by key."""
        self.tab.press("n")
        expect(self.tab.keyed("desk_decision")).to_be_visible(timeout=PATIENCE_MS)

    @property
    def who(self) -> str:
        return str(self.tab.keyed("strong_who").inner_text())

    @property
    def case(self) -> int:
        return int(self.tab.keyed("quiet_case_number").inner_text().removeprefix("case "))

    @property
    def planned(self) -> int:
        """How many engagements the plan would remove."""
        found = re.search(r"remove ([\d,]+) \(", self.plan)
        return int(found[1].replace(",", "")) if found else 0

    @property
    def plan(self) -> str:
        return str(self.tab.keyed("strong_plan").inner_text())

    def plain_list(self) -> Any:
        """Switch to check boxes and return those that are ticked."""
        if not self.tab.keyed("plain_list").is_visible():
            self.tab.keyed("plain_rows").get_by_text("Plain list").click()
            self.tab.settle()
        return self.tab.keyed("plain_list").get_by_role("checkbox", checked=True)

    def take_out(self, count: int) -> None:
        """Untick that many engagements one by one."""
        for _ in range(count):
            before = self.planned
            self.plain_list().first.locator("xpath=ancestor::label").click()
            expect(self.tab.keyed("strong_plan")).not_to_contain_text(f"remove {before:,} (", timeout=PATIENCE_MS)

    def decide(self, key: str) -> None:
        """Decide by key and wait for the next case, or the queue."""
        before = self.case
        self.tab.page.locator("body").press(key)
        self.tab.page.wait_for_function(
            "before => !document.querySelector('.st-key-quiet_case_number')?.innerText.endsWith(` ${before}`)",
            arg=str(before),
            timeout=PATIENCE_MS,
        )
        self.tab.settle()

    @property
    def undo(self) -> Any:
        return self.tab.keyed("undo_bar")
