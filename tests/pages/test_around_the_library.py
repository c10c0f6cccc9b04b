"""Where the server reaches into Streamlit: the same is told, with less work and without its faults."""

from __future__ import annotations

import pytest
from streamlit.errors import UnserializableSessionStateError
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.state.session_state import SessionState

from pages._kit.amended import of_what_is_there, told_once

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


class _Gone:
    """A click on a widget of which nothing is known any more."""
