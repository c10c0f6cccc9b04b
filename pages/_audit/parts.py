"""The parts of the audit page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from analytics.views import audit as view
from analytics.views.moments import whole_day
from analytics.workspace import AuditFilter
from pages._kit import filters as filters_of
from pages._kit import layout, state
from pages._kit.filters import ANY
from pages._kit.state import Here

_LONGEST = timedelta(days=3_650)


def chain(here: Here, status: Any) -> None:
    """Say how far the chain is anchored, and check all of it on request."""
    anchoring = view.anchoring(status, here.now)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="chain"):
        is_asked = st.button("Verify now", key="verify_now", help="Reads the whole chain and checks every rule")
        layout.quiet(anchoring.text, "anchoring")
    if anchoring.is_late:
        st.warning("The anchor is old. Is the worker running?")
    if is_asked:
        report = state.attempt(lambda: here.workspace.audit.verify(here.who))
        if report is None:
            layout.notice()
        else:
            _findings(report)


def _findings(report: Any) -> None:
    show = st.success if report.is_sound else st.error
    with st.container(key="verified"):
        show(layout.literal(report.sentence))
        for place, line in enumerate(view.findings(report)):
            layout.say(line, key=f"quiet_finding_{place}")


def filters(here: Here, choices: Any) -> AuditFilter:
    """Lay out the filters; they live in the address, unknown values count as all."""
    verbs = {ANY: "Anything", **{one: view.verb(one) for one in choices.verbs}}
    names = {ANY: "Anybody", **{one: layout.foreign(name, 60) for one, name in choices.names.items()}}
    today = here.now.astimezone(here.zone).date()
    with st.container(horizontal=True, gap="small", key="audit_filters"):
        verb = filters_of.choice("verb", verbs, width=240)
        person = filters_of.choice("person", names, width=240)
        st.text_input(
            "About",
            key="subject",
            bind="query-params",
            placeholder="about: a case, decision, person …",
            label_visibility="collapsed",
            max_chars=300,
            width=320,
        )
        day = filters_of.day("day", "Day", first=today - _LONGEST, last=today, width=170)
        if day:
            st.button("Any day", key="any_day", on_click=filters_of.choose, args=("day",), type="tertiary")
    since, until = whole_day(day, here.zone) if day else (None, None)
    return AuditFilter(
        verb="" if verb == ANY else verb,
        person_id="" if person == ANY else person,
        subject=(st.session_state.get("subject") or "").strip(),
        since=since,
        until=until,
    )


def page() -> int:
    return int(st.session_state.get("page") or 1)


def table(here: Here, found: Any, choices: Any) -> None:
    layout.table(
        view.rows(found.rows, choices.names, here.now, here.zone),
        "audit_rows",
        "Audit rows, newest first: who did what about what",
        height=430,
    )
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")


def one_row(here: Here, found: Any, choices: Any) -> None:
    """Show everything one row says."""
    rows = {row.seq: row for row in found.rows}
    titles = {seq: view.title(row, choices.names) for seq, row in rows.items()}
    with layout.boxed("One row in full", "audit_row"):
        chosen = st.selectbox(
            "Row",
            list(rows),
            format_func=titles.__getitem__,
            key="audit_row_chosen",
            label_visibility="collapsed",
        )
        for name, text in view.details(rows[chosen], here.zone):
            with st.container(horizontal=True, gap="small", key=f"row_{name}"):
                layout.quiet(name, f"row_{name}", box=72)
                layout.say(text, key=f"row_text_{name}")
