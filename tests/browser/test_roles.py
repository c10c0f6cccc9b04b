"""Two people at once, and rights that end while a page is open."""

from __future__ import annotations

import contextlib
from uuid import uuid4

import pytest

from analytics.workspace import AddNote, LookUp, Workspace
from tests.bench.crowd import hire, multiply
from tests.bench.streamlit_wire import Browser, ScriptFailedError, run_apart
from tests.browser.facts import audited, facts, waiting_cases, with_roles
from tests.browser.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.process]
LOST = "no longer have this right"


async def opened(product: Served, token: str, page: str, query: str = "") -> Browser:
    return await Browser.open(product.address, page=page, query=query, cookie=f"unbought_session={token}")


def test_a_right_lost_on_an_open_page_is_gone(product: Served) -> None:
    """X-21, T-03: the button was drawn while the right was there; the command looks again."""
    multiply(product.home, 2)
    (person, token), *_ = hire(product.home, 1).items()

    async def decide_after_the_right_ended() -> tuple[str, str]:
        tab = await opened(product, token, "desk", "lane=queue")
        await tab.press_keyed("start")
        case = tab.case
        with_roles(product.home, person, "analyst")
        page = await tab.press_keyed(f"confirm_{case}")
        return case, page.text()

    case, told = run_apart(decide_after_the_right_ended())

    assert LOST in told
    assert facts(product.home, case).is_absent
    assert audited(product.home, person)[-1] == ("Decide.refused", "RightsError")


def test_a_crafted_message_of_another_role_does_nothing(product: Served) -> None:
    """X-21: an analyst sends the widget id of a reviewer's button, and asks for the desk by its address."""
    multiply(product.home, 2)
    (_, token), (analyst, other), *_ = hire(product.home, 2).items()
    with_roles(product.home, analyst, "analyst")

    async def crafted() -> str:
        theirs = await opened(product, token, "desk", "lane=queue")
        await theirs.press_keyed("start")
        button = theirs.page.keyed(f"confirm_{theirs.case}")
        assert button is not None
        mine = await opened(product, other, "desk")
        # Streamlit may answer a widget that it does not know with its own redacted error.
        with contextlib.suppress(ScriptFailedError):
            await mine.press_id(button.element.id)
        assert mine.page.keyed("confirm_") is None
        return theirs.case

    case = run_apart(crafted())
    assert facts(product.home, case).is_absent


def test_nobody_sees_what_was_cached_for_another(product: Served) -> None:
    """T-09, X-20, S-15: a note that only somebody with a reason may read, and a reviewer on the same address."""
    canary = f"canary {uuid4().hex}"
    (_, token), *_ = hire(product.home, 1).items()
    workspace = Workspace.open(product.home)
    analyst = workspace.people.sign_in_demo("demo-ana").token
    account = workspace.desk.case(waiting_cases(product.home)[-1]).account_id
    look = LookUp(idempotency_key=uuid4().hex, account_id=account, reason="a test of what others see")
    workspace.investigation.look_up(analyst, look)
    workspace.investigation.note(analyst, AddNote(idempotency_key=uuid4().hex, account_id=account, text=canary))
    workspace.ledger.close()

    async def both() -> tuple[bytes, bytes]:
        first = await opened(product, analyst, "account", f"account_id={account}")
        second = await opened(product, token, "account", f"account_id={account}")
        return first.page.drawn(), second.page.drawn()

    allowed, other = run_apart(both())
    assert canary.encode() in allowed
    assert canary.encode() not in other
