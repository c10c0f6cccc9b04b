"""Breaks: suggested between two cases, easily put off, counted in this tab and kept nowhere (U-14, S-07)."""

from __future__ import annotations

import streamlit as st

from analytics.views.breaks import Sitting, is_due, suggestion
from pages._kit import layout
from pages._kit.keys import Key
from pages._kit.state import Here

USUAL_MINUTES = "50"


def suggest(here: Here) -> None:
    """Suggest a break when it is time for one."""
    sitting = (st.session_state.get(Key.SITTING) or Sitting.begun(here.now)).seen(here.now)
    st.session_state[Key.SITTING] = sitting
    chosen = here.settings.get("break_prompt", USUAL_MINUTES)
    if not is_due(sitting, here.now, int(chosen) if chosen.isdecimal() else 0):
        return
    with st.container(key="desk_rest", horizontal=True, vertical_alignment="center", gap="small"):
        layout.say(suggestion(sitting, here.now), key="rest_text", box="content")
        st.button("Later", key="rest_later", type="tertiary", on_click=_put, args=(sitting.later(here.now),))
        st.button("I had one", key="rest_done", type="tertiary", on_click=_put, args=(Sitting.begun(here.now),))


def _put(sitting: Sitting) -> None:
    st.session_state[Key.SITTING] = sitting
