"""Where the server reaches into Streamlit: what it tells stays the same, with less work and without its faults."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.session_manager import SessionClientDisconnectedError
from streamlit.runtime.state.session_state import SessionState

# Any: Streamlit's own objects, of which only what is named here is used.
FillTheme = Callable[..., None]
Flush = Callable[[Any], list[ForwardMsg]]
Send = Callable[[str, ForwardMsg], None]
# Fewer than Streamlit lets wait for one browser (500), beyond which it drops the browser as too slow.
TOGETHER = 200


def amend() -> None:
    """Put the amendments in place; to be called once, before the first visitor."""
    app_session._populate_theme_msg = told_once(app_session._populate_theme_msg)
    SessionState._check_serializable = of_what_is_there(SessionState._check_serializable)  # type: ignore[method-assign]
    AppSession.flush_browser_queue = all_but_one_sent(AppSession.flush_browser_queue, send)  # type: ignore[method-assign]


def told_once(fill: FillTheme) -> FillTheme:
    """Return what fills a message with the theme, which never changes, without reading it anew for every run.

    Streamlit goes through all its options six times for each run of a page: a seventh of the work of a desk in use.
    """
    held: dict[str, Any] = {}

    def filled(message: Any, section: str = "theme") -> None:
        if section not in held:
            held[section] = type(message)()
            fill(held[section], section)
        if held[section].ByteSize():
            message.MergeFrom(held[section])

    return filled


def of_what_is_there(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return the check of the session without its fault: it fails on the second click on a button that is gone."""

    def checked(session: Any) -> None:
        with suppress(KeyError):
            check(session)

    return checked


def all_but_one_sent(flush: Flush, send_: Send) -> Flush:
    """Return the taking of a browser's waiting messages, all but the last already sent in one go.

    Streamlit gives its turn away after each message it sends. With many people at the pages each turn has to be won
    back from the threads that draw them, and a page is over a hundred messages. What could not be sent is returned,
    so that Streamlit meets the same trouble and deals with it as ever.
    """

    def taken(session: Any) -> list[ForwardMsg]:
        messages = flush(session)
        sent = 0
        with suppress(SessionClientDisconnectedError):
            for message in messages[:-1][:TOGETHER]:
                send_(session.id, message)
                sent += 1
        return messages[sent:]

    return taken


def send(session_id: str, message: ForwardMsg) -> None:
    """Send a message to the browser of a session; raise SessionClientDisconnectedError where there is none."""
    runtime = Runtime.instance()
    browser = runtime._session_mgr.get_active_session_info(session_id)
    if browser is None:
        raise SessionClientDisconnectedError
    runtime._send_message(browser, message)
