"""The filters of the queue. They live in the address, so that they hold from case to case and over a reload (P-10).

A widget that is bound to the address takes its value along when it is no longer drawn, as while a case is open.
"""

from __future__ import annotations

import streamlit as st

from analytics.views.words import LANES
from analytics.workspace import QueueFilter
from pages._kit import layout, services
from pages._kit.state import Here

ANY = "any"
_PRIORITIES = {name: f"{name.capitalize()} priority" for name in ("high", "medium", "low")}
_WORDS = {"lane": LANES, "priority": _PRIORITIES}
_EVERY = {"lane": "All lanes", "priority": "Any priority", "service": "Any service"}
_PAGE = "page"


def queue_filter(here: Here) -> QueueFilter:
    """Return the filters of the address."""
    lane, priority, service = (_value(here, name) for name in _EVERY)
    return QueueFilter(lane=lane, priority=priority, service_id=service)


def show(here: Here) -> None:
    """Lay out one select box for each filter."""
    waiting = here.workspace.desk.service_names(here.token)
    for name, every in _EVERY.items():
        value = _value(here, name) or ANY
        words = {ANY: every, **_WORDS.get(name, waiting)}
        if value not in words:
            # A service of which no case waits any more is still what is asked for.
            words[value] = _word(here, name, value) or value
        if st.session_state.get(name) != value:
            st.session_state[name] = value
        st.selectbox(
            name.capitalize(),
            list(words),
            key=name,
            on_change=_chosen,
            args=(name,),
            format_func=lambda option, words=words: layout.foreign(words.get(option, option), 40),
            label_visibility="collapsed",
            width=150,
        )


def told(here: Here) -> str:
    """Say what the next case is chosen from, or nothing when it is the whole queue."""
    asked = [(name, value) for name in _EVERY if (value := st.query_params.get(name))]
    chosen = [word for name, value in asked if (word := _word(here, name, value))]
    return layout.foreign(f"only {', '.join(chosen)}", 60) if chosen else ""


def _chosen(name: str) -> None:
    """Write a choice into the address and begin with the first page of what is left."""
    if st.session_state[name] == ANY:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = st.session_state[name]
    if _PAGE in st.session_state:
        st.session_state[_PAGE] = 1


def _value(here: Here, name: str) -> str | None:
    """Return what the address asks for; an unknown value counts as none (X-11)."""
    value: str | None = st.query_params.get(name)
    return value if value and _word(here, name, value) else None


def _word(here: Here, name: str, value: str) -> str | None:
    """Return what a value is called; a service is known while cases of it wait, or the newest run names it."""
    if name != "service":
        return _WORDS[name].get(value)
    return here.workspace.desk.service_names(here.token).get(value) or services.words(here).get(value)
