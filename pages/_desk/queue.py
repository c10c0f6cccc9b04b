"""The queue: what waits, filtered by the address, and the way into a case."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analytics.views import queue as view
from analytics.views.words import Role
from analytics.workspace import Case
from pages._desk import filters, flow
from pages._kit import layout
from pages._kit.keys import Shortcut, pressed
from pages._kit.state import Here

_REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})


def show(here: Here) -> None:
    """Lay out the queue: one row of filters and ways in, then the cases, most urgent first."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="queue_actions"):
        start = st.container(width="content")
        filters.show(here)
        opening = st.container(horizontal=True, gap="small")
    found = here.workspace.desk.queue(
        here.token, filters.queue_filter(here), page=int(st.session_state.get("page") or 1)
    )
    start.button(
        "Start with the next case",
        key="start",
        type="primary",
        shortcut=pressed(Shortcut.NEXT, here.keys),
        on_click=flow.start,
        args=(here,),
        disabled=not found.total,
    )
    if not found.cases:
        layout.empty(*_nothing(here))
        return
    with opening:
        _open_by_name(here, found.cases)
    layout.table(
        view.rows(found.cases, found.names, here.now, found.services),
        "queue_rows",
        "Cases that wait, most urgent first",
        on_select=flow.open_row(here, found.cases),
        selection_mode="single-row",
        height="content",
    )
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")


def _nothing(here: Here) -> tuple[str, str]:
    if here.who.person.roles & _REVIEWERS:
        return "Nothing waits here.", "Change the filters, or wait for the next detection."
    return (
        "Nothing waits for your consent.",
        "Plans that need a manager come here once reviewers confirmed them.",
    )


def _open_by_name(here: Here, cases: Sequence[Case]) -> None:
    """Offer the rows once more as a list, for keyboards (R-04)."""
    names = {case.case_id: view.option(case) for case in cases if view.is_free(case, here.now)}
    chosen = st.selectbox(
        "Open a case",
        list(names),
        format_func=lambda case_id: names.get(case_id, case_id),
        key="queue_case",
        label_visibility="collapsed",
    )
    st.button("Open", key="open_case", on_click=flow.open_case, args=(here, chosen))
