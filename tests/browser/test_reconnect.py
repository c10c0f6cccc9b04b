"""The line cut or the server restarted while somebody types."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.bench.crowd import multiply
from tests.browser.conftest import OpenTab
from tests.browser.desk import Desk
from tests.browser.facts import draft_of, leased_by
from tests.browser.served import PATIENCE_MS, Served
from tests.process.processes import until

pytestmark = pytest.mark.browser
CUT = "for (const socket of window.__sockets) socket.close()"
KEEP_SOCKETS = """
window.__sockets = []
window.WebSocket = new Proxy(window.WebSocket, {
  construct(target, given) { const made = new target(...given); window.__sockets.push(made); return made }
})
"""


def test_a_half_typed_note_outlives_a_cut_line_and_a_restart(own_tab: OpenTab, own_product: Served) -> None:
    """F-08, S-12, S-13: same case, same words, same lease; after a reload what had left the field is there as well."""
    multiply(own_product.home, 1)
    mine = own_tab()
    mine.page.add_init_script(KEEP_SOCKETS)
    mine.sign_in("demo-rita")
    desk = Desk(mine)
    desk.start()
    case, held = desk.case, leased_by(own_product.home, "demo-rita")
    taken_out = desk.planned
    desk.take_out(1)
    desk.note.fill("seen at night, from")
    desk.note.press("Tab")
    until(lambda: "seen at night" in draft_of(own_product.home, "demo-rita"))
    mine.settle()
    desk.note.press("End")
    mine.page.keyboard.type(" a farm")

    mine.page.evaluate(CUT)
    mine.settle()
    assert (desk.case, desk.note.input_value()) == (case, "seen at night, from a farm")

    own_product.kill_web()
    expect(mine.page.get_by_test_id("stConnectionStatus")).to_have_count(0, timeout=PATIENCE_MS)
    mine.settle()
    assert (desk.case, desk.note.input_value()) == (case, "seen at night, from a farm")

    mine.page.reload()
    expect(mine.keyed("desk_decision")).to_be_visible(timeout=PATIENCE_MS)
    mine.settle()
    assert (desk.case, desk.note.input_value()) == (case, "seen at night, from")
    assert desk.planned == taken_out - 1
    assert leased_by(own_product.home, "demo-rita") == held
