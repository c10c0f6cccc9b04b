"""Where the server reaches into Streamlit: what it tells stays the same, with less work and without its faults."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from streamlit.runtime import app_session
from streamlit.runtime.state.session_state import SessionState

# Any: Streamlit's own objects, of which only what is named here is used.
FillTheme = Callable[..., None]


def amend() -> None:
    """Put the amendments in place; to be called once, before the first visitor."""
    app_session._populate_theme_msg = told_once(app_session._populate_theme_msg)
    SessionState._check_serializable = of_what_is_there(SessionState._check_serializable)  # type: ignore[method-assign]


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
