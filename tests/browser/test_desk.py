"""A reviewer at work: the whole job by keyboard, everything a decision needs on one screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.bench.crowd import multiply
from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.facts import account_of, case_of_number, facts, note_of
from tests.browser.served import PATIENCE_MS, Served
from tests.process.processes import until

pytestmark = pytest.mark.browser
CASES = 20
# By turns: confirmed, not inauthentic, put aside, escalated; mostly confirmed, as in life.
KEYS = ("1", "3", "1", "s", "1", "4", "1", "1", "3", "1")
OUTCOMES = {"1": "confirm", "3": "reject", "4": "escalate", "s": None}
ONCE = {"sessions_revoked": 1, "password_reset": 1, "link_sent": 1, "warned": 1, "engagements_removed": 1}
COUNT_POINTERS = """
window.__pointers = 0
for (const kind of ['pointerdown', 'mousedown', 'touchstart', 'click'])
  window.addEventListener(kind, event => { if (event.detail || kind !== 'click') window.__pointers += 1 }, true)
"""


def focus_by_tab(desk: Desk, inside: str) -> None:
    """Press Tab until something in the container with this key is in focus."""
    page = desk.tab.page
    for _ in range(200):
        if page.evaluate("inside => !!document.activeElement.closest(`[class*='st-key-${inside}']`)", inside):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{inside} cannot be reached by keyboard")


def test_twenty_cases_by_keyboard_alone(tab: OpenTab, product: Served) -> None:
    """P-04, U-02, U-03, U-05, S-24: from sign-in to undo without a pointer; the platform did what was decided."""
    multiply(product.home, CASES)
    mine = tab()
    mine.page.add_init_script(COUNT_POINTERS)
    mine.open("/")
    desk = Desk(mine)
    expect(mine.keyed("sign_in")).to_be_visible(timeout=PATIENCE_MS)
    focus_by_tab(desk, "sign_in_demo-rita")
    mine.press("Enter")
    expect(mine.keyed("queue_actions")).to_be_visible(timeout=PATIENCE_MS)
    desk.start()

    decided: list[tuple[int, str]] = []
    for number in range(CASES):
        key, case = KEYS[number % len(KEYS)], desk.case
        if number == 3:
            focus_by_tab(desk, "note_")
            mine.page.keyboard.type("1234")
            mine.page.keyboard.press("Tab")
            mine.settle()
            assert (desk.case, desk.note.input_value()) == (case, "1234")
        desk.decide("1" if number == 3 else key)
        decided.append((case, "1" if number == 3 else key))
    last = decided.pop()
    assert last[1] == "1"
    mine.press("u")
    expect(mine.told).to_contain_text("ndo", timeout=PATIENCE_MS)

    assert mine.page.evaluate("window.__pointers") == 0
    assert mine.errors == []
    assert note_of(product.home, decided[3][0]) == "1234"
    confirmed = [account_of(product.home, case) for case, key in decided if OUTCOMES[key] == "confirm"]
    left = [account_of(product.home, case) for case, key in [*decided, (last[0], "3")] if OUTCOMES[key] != "confirm"]
    until(lambda: all(product.effects(one) == ONCE for one in confirmed), 60)
    assert [product.effects(one) for one in left] == [{}] * len(left)
    assert [facts(product.home, case_of_number(product.home, case)[0]).undone for case, _ in decided] == [0] * 19
    assert facts(product.home, case_of_number(product.home, last[0])[0]).undone == 1


def test_a_check_box_in_focus_keeps_no_key_from_the_desk(tab: OpenTab, product: Served) -> None:
    """P-04, R-04: unticked with the space bar in the plain list, decided with a key right after."""
    multiply(product.home, 1)
    mine = tab()
    mine.sign_in("demo-theo", "/desk")
    desk = Desk(mine)
    desk.start()
    case, planned = desk.case, desk.planned
    desk.plain_list().first.focus()
    mine.press("Space")
    expect(mine.keyed("strong_plan")).not_to_contain_text(f"remove {planned:,} (", timeout=PATIENCE_MS)
    assert mine.page.evaluate("document.activeElement.type") == "checkbox"
    desk.decide("2")

    told = facts(product.home, case_of_number(product.home, case)[0])
    assert (told.decisions, told.undone) == (1, 0)
    assert mine.errors == []


def test_everything_a_decision_needs_is_on_one_screen(tab: OpenTab, product: Served) -> None:
    """P-01, U-01: at 1280x720 without scrolling."""
    multiply(product.home, 1)
    mine = tab()
    mine.sign_in("demo-theo")
    desk = Desk(mine)
    desk.start()
    needed = [mine.keyed("strong_who"), mine.keyed("strong_plan"), mine.keyed_like("why_").first]
    needed += [mine.keyed("desk_activity"), mine.keyed("desk_rows_head"), mine.keyed_like("note_")]
    needed += [mine.keyed_like(f"{name}_").last for name in ("confirm", "part", "reject", "escalate", "skip")]
    boxes = [one.bounding_box() for one in needed]

    assert [box for box in boxes if box is None or box["y"] < 0 or box["y"] + box["height"] > 720] == []
    assert [box for box in boxes if box is None or box["x"] < 0 or box["x"] + box["width"] > 1280] == []
    assert mine.scrolled() == (0, 0)
    desk.to_the_queue()


def test_a_key_after_a_click_beside_everything_frames_nothing(tab: OpenTab, product: Served) -> None:
    """P-01: the page itself has the focus then; a frame around all of it would cut its title."""
    multiply(product.home, 1)
    mine = tab()
    mine.sign_in("demo-theo")
    desk = Desk(mine)
    desk.start()
    mine.page.mouse.click(6, 400)
    mine.press("h")

    assert mine.page.evaluate("document.activeElement.dataset.testid") == "stMain"
    frame = mine.page.evaluate("getComputedStyle(document.activeElement, '::before').boxShadow")
    assert "0px 2px 0px 0px inset" in frame
    desk.to_the_queue()


def test_what_moved_the_score_is_on_the_screen_whole(tab: OpenTab, product: Served) -> None:
    """P-01, S-05."""
    multiply(product.home, 1)
    mine = tab()
    mine.sign_in("demo-theo")
    desk = Desk(mine)
    desk.start()
    mine.keyed("desk_shap").get_by_role("button").click()
    mine.settle()
    chart = mine.keyed("shap").locator(".stPlotlyChart")
    expect(chart).to_be_visible(timeout=PATIENCE_MS)
    box, bar = chart.bounding_box(), mine.keyed("desk_decision").bounding_box()

    assert box is not None
    assert bar is not None
    assert box["y"] + box["height"] <= bar["y"]
    mine.keyed("desk_shap").get_by_role("button").click()
    desk.to_the_queue()


def test_the_outcome_is_announced_and_the_focus_returns_to_the_decision(tab: OpenTab, product: Served) -> None:
    """R-03."""
    multiply(product.home, 1)
    mine = tab()
    mine.sign_in("demo-theo")
    desk = Desk(mine)
    desk.start()
    case = desk.case
    desk.decide("3")

    expect(mine.page.locator("#unbought-status")).to_contain_text(f"{case}", timeout=PATIENCE_MS)
    assert mine.page.locator("#unbought-status").get_attribute("role") == "status"
    assert mine.page.evaluate("!!document.activeElement.closest('.st-key-desk_decision')")
    desk.to_the_queue()


def test_keys_can_be_turned_off(tab: OpenTab) -> None:
    """U-03, WCAG 2.1.4: off means off, Alt means only with Alt; the setting is the person's, not the tab's."""
    mine = tab()
    mine.sign_in("demo-ivo")
    desk = Desk(mine)
    desk.start()
    case = desk.case
    choose_keys(desk, "off")
    for key in ("1", "3", "4", "s", "n"):
        mine.press(key)
    assert desk.case == case

    choose_keys(desk, "Alt+1")
    mine.press("3")
    assert desk.case == case
    mine.page.keyboard.press("Alt+3")
    desk.wait_for_next(case)
    choose_keys(desk, "1")
    desk.to_the_queue()


def choose_keys(desk: Desk, words: str) -> None:
    desk.tab.keyed("frame_menu").get_by_role("button").first.click()
    desk.tab.page.get_by_role("radio", name=words, exact=True).or_(
        desk.tab.page.get_by_role("button", name=words, exact=True)
    ).first.click()
    desk.tab.settle()
    desk.tab.page.keyboard.press("Escape")
    desk.tab.settle()
