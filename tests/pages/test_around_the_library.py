"""Where the server reaches into Streamlit: the same is told, with less work and without its faults."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.errors import UnserializableSessionStateError
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.session_manager import SessionClientDisconnectedError
from streamlit.runtime.state.session_state import SessionState

from pages._kit.amended import TOGETHER, all_but_one_sent, of_what_is_there, told_once

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar")


def test_a_theme_that_is_remembered_says_what_streamlit_would_say_anew() -> None:
    calls: list[str] = []

    def fill(message: CustomThemeConfig, section: str = "theme") -> None:
        calls.append(section)
        app_session._populate_theme_msg(message, section)

    remembered = told_once(fill)

    def told(populate: object) -> bytes:
        whole = CustomThemeConfig()
        for part, section in zip((whole, whole.light, whole.dark, whole.sidebar), SECTIONS, strict=True):
            populate(part, section)  # type: ignore[operator]
        return whole.SerializeToString(deterministic=True)

    plain = told(app_session._populate_theme_msg)

    assert len(plain) > 500
    assert told(remembered) == told(remembered) == plain
    assert sorted(calls) == sorted(SECTIONS)


def test_the_check_of_the_session_passes_over_a_button_that_is_gone_and_still_refuses_a_live_handle() -> None:
    """Of two clicks on a button the second finds it gone."""
    check = of_what_is_there(SessionState._check_serializable)
    clicked, live = SessionState(), SessionState()
    clicked._new_widget_state.states["$$ID-0-gone"] = _Gone()
    live._new_session_state["handle"] = (one for one in ())

    with pytest.raises(KeyError):
        SessionState._check_serializable(clicked)
    check(clicked)
    with pytest.raises(UnserializableSessionStateError):
        check(live)


@pytest.mark.parametrize("count", [0, 1, 2, 120, TOGETHER + 5])
def test_every_waiting_message_is_sent_once_and_in_order(count: int) -> None:
    waiting, browser = _messages(count), _Browser()
    flush = all_but_one_sent(lambda _: list(waiting), browser.send)

    left = flush(SimpleNamespace(id="mine"))

    assert [*browser.got, *left] == waiting
    assert len(left) == (min(1, count) if count <= TOGETHER else count - TOGETHER)
    assert browser.named == {"mine"} if count > 1 else not browser.named


def test_what_a_lost_browser_did_not_get_is_left_for_streamlit_to_deal_with() -> None:
    waiting, browser = _messages(9), _Browser(most=4)
    flush = all_but_one_sent(lambda _: list(waiting), browser.send)

    assert flush(SimpleNamespace(id="mine")) == waiting[4:]
    assert browser.got == waiting[:4]


def _messages(count: int) -> list[ForwardMsg]:
    return [ForwardMsg(hash=str(number)) for number in range(count)]


class _Browser:
    """Takes so many messages and is gone then."""

    def __init__(self, most: int = 1_000) -> None:
        self.got: list[ForwardMsg] = []
        self.named: set[str] = set()
        self._most = most

    def send(self, session_id: str, message: ForwardMsg) -> None:
        if len(self.got) == self._most:
            raise SessionClientDisconnectedError
        self.named.add(session_id)
        self.got.append(message)


class _Gone:
    """A click on a widget of which nothing is known any more."""
