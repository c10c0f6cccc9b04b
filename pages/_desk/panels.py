"""What opens beside a case: the keys, the look-alikes, the last decision. Never a dialog: keys decide behind those."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analytics.views import queue
from analytics.views.text import counted
from analytics.views.words import Role
from analytics.workspace import Case
from pages._desk import after, flow
from pages._kit import layout
from pages._kit.keys import Key, KeyMode, Shortcut, pressed
from pages._kit.state import Here

KEYS = "help"
_AUTHORS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
HELP = (
    ("1", "confirm the plan as it stands"),
    ("2", "confirm only the rows still ticked"),
    ("3", "not inauthentic: nothing is removed, nobody is told"),
    ("4", "escalate to a senior reviewer"),
    ("S", "skip, with the reason chosen"),
    ("U", "undo your last decision"),
    ("L", "look-alikes"),
    ("N", "next case, from the queue"),
    ("H", "this list"),
)


def show(here: Here, case: Case, alike: Sequence[Case]) -> None:
    """Lay out the panel that is open, if any."""
    opened = st.session_state.get(Key.PANEL)
    if opened == KEYS:
        _help(here.keys)
    elif opened == flow.LOOK_ALIKES:
        _look_alikes(here, case, alike)
    else:
        after.panel(here)


def look_alikes_button(here: Here, alike: Sequence[Case]) -> None:
    """Say how many accounts of the same service or group wait (U-12)."""
    if alike:
        st.button(
            counted(len(alike), "look-alike"),
            key="look_alikes",
            type="tertiary",
            shortcut=pressed(Shortcut.LOOK_ALIKES, here.keys),
            on_click=flow.toggle_panel,
            args=(flow.LOOK_ALIKES,),
        )


def _look_alikes(here: Here, case: Case, alike: Sequence[Case]) -> None:
    with layout.boxed("Of the same service or group", flow.LOOK_ALIKES):
        if not alike:
            layout.quiet("None waits.", "no_look_alikes")
            return
        names = here.workspace.desk.service_names(here.token)
        layout.table(queue.alike(alike, here.now, names), "look_alike_rows", "Accounts of the same service or group")
        if here.who.person.roles & _AUTHORS:
            query = {"service": case.service_id} if case.service_id else {"group": case.group_id or ""}
            layout.rows_link("Decide them together", "pages/bulk.py", "together", **query)


def _help(keys: KeyMode) -> None:
    """List what each key does."""
    with layout.boxed("Keys", "help"):
        if keys is KeyMode.OFF:
            layout.say("Keys are off. Turn them on in the menu under your name.")
        before = "Alt+" if keys is KeyMode.ALT else ""
        for key, words in HELP:
            with st.container(horizontal=True, gap="small", key=f"help_{key}"):
                layout.say(f"{before}{key}", key=f"strong_help_{key}", box=64)
                layout.say(words)
        layout.quiet("Keys never fire while you type, and can be changed in the menu under your name.", "keys_typing")
