"""Every page as everybody sees it: what axe-core says in light and dark, and whether it fits a narrow window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.served import PATIENCE_MS, WINDOW, Tab

# What a theme changes is colour alone, so the second one is looked at for that.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
NARROW = {"width": 320, "height": 640}
# 200 % zoom of a 1280x720 window: half of it in CSS pixels.
ZOOMED = {"width": 640, "height": 360}
# Buttons, fields and links that a person must be able to reach; grids and charts scroll inside themselves.
CONTROLS = "button, a[href], input, textarea, [role=button], [role=combobox]"
OUTSIDE = """
([selector, width]) => [...document.querySelector('[data-testid=stMain]').querySelectorAll(selector)]
  .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter(one => !one.closest('[data-testid=stDataFrame], [data-testid=stPlotlyChart], .modebar'))
  .filter(one => { one.scrollIntoView({block: 'nearest', inline: 'nearest'})
                   const box = one.getBoundingClientRect()
                   return box.width > 1 && (box.left < -1 || box.right > width + 1) })
  .map(one => (one.closest('[class*=st-key-]')?.className.match(/st-key-\\S+/)?.[0] ?? '') +
              ' ' + one.outerHTML.slice(0, 120))
"""
OVERFLOW = """
() => { const main = document.querySelector('[data-testid=stMain]')
        return Math.max(main.scrollWidth - main.clientWidth,
                        document.documentElement.scrollWidth - document.documentElement.clientWidth) }
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that axe-core objects to."""

    page: str
    theme: str
    rule: str
    impact: str
    target: str
    html: str


@dataclass(slots=True)
class Walked:
    """What one page was like."""

    page: str
    findings: list[Finding] = field(default_factory=list)
    overflow: dict[int, int] = field(default_factory=dict)
    outside: dict[int, list[str]] = field(default_factory=dict)


def walk(tab: Tab, paths: list[str]) -> Iterator[Walked]:
    for path in paths:
        tab.open(path)
        expect(tab.keyed("frame_head").or_(tab.keyed("sign_in")).first).to_be_visible(timeout=PATIENCE_MS)
        tab.settle()
        yield look(tab, path)


def look(tab: Tab, name: str) -> Walked:
    """Look at the page that is open."""
    seen = Walked(name)
    for theme, rules in (("light", RULES), ("dark", COLOURS)):
        tab.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        tab.page.wait_for_timeout(200)
        seen.findings += [
            found
            for violation in Axe().run(tab.page, options=rules).response["violations"]
            for found in told(name, theme, violation)
        ]
    tab.page.emulate_media(color_scheme="light")
    for size in (ZOOMED, NARROW):
        tab.page.set_viewport_size(size)  # type: ignore[arg-type]
        width = size["width"]
        seen.overflow[width] = settled_overflow(tab)
        seen.outside[width] = tab.page.evaluate(OUTSIDE, [CONTROLS, width])
    tab.page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
    return seen


def settled_overflow(tab: Tab) -> int:
    """How far the page can be scrolled sideways, once charts and grids have taken the new width."""
    found = 0
    for _ in range(30):
        tab.page.wait_for_timeout(100)
        found = int(tab.page.evaluate(OVERFLOW))
        if found <= 0:
            break
    return found


def told(page: str, theme: str, violation: dict[str, Any]) -> list[Finding]:
    return [
        Finding(page, theme, violation["id"], violation["impact"], str(node["target"][0]), node["html"][:300])
        for node in violation["nodes"]
    ]
