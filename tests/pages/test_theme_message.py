"""The theme is read once; what a browser is told of it stays the same."""

from __future__ import annotations

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from pages._kit.server import told_once

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
