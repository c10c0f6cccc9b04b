"""The last decision: what the machine thought of a case that was decided without it (S-01)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics import charts
from analytics.views import case as view
from analytics.views.aftermath import aftermath, rows_told
from analytics.views.refusal import Expected
from analytics.views.words import CaseState, Outcome, Role
from analytics.workspace import Case, MarkKnownAnswer
from pages._desk import flow
from pages._kit import layout, state
from pages._kit.keys import Key
from pages._kit.state import Here

PANEL = "after"


def bar(here: Here) -> None:
    """Set the machine's finding beside the person's, in one line, until they go on from it."""
    held: flow.Last | None = st.session_state.get(Key.LAST)
    if held is not None and held.told:
        layout.announce(held.told, f"told_{held.case_id}")
    if held is None or not (held.is_blind or Role.SENIOR_REVIEWER in here.who.person.roles):
        return
    found = _read(here)
    if found is None:
        return
    last, case, file = found
    is_known = _may_be_known(here, last, case)
    if not (last.is_blind or is_known):
        return
    with st.container(key="desk_after", horizontal=True, vertical_alignment="center", gap="small"):
        if last.is_blind:
            told = aftermath(file.number, last.outcome, case.score, case.proposed).line
            layout.say(told, key="strong_after", width="stretch")
            if not last.told:
                layout.announce(told, f"after_{last.case_id}")
            st.button("Why", key="after_why", type="tertiary", on_click=flow.toggle_panel, args=(PANEL,))
        else:
            layout.quiet(f"Case {file.number} is decided.", "after")
        if is_known:
            _known_answer(here, last)
        st.button("Close", key="after_close", type="tertiary", on_click=_close)


def panel(here: Here) -> None:
    """Lay out why the machine thought so."""
    found = _read(here) if st.session_state.get(Key.PANEL) == PANEL else None
    if found is None:
        return
    last, case, file = found
    told = view.opinion(case.score, None, None, file.model_version, parts=file.contributions, raw_score=file.raw_score)
    with layout.boxed(f"What the machine thought of case {file.number}", PANEL):
        layout.say(told.frequency)
        layout.say(rows_told(last.outcome, last.proposed, last.kept, last.added))
        if told.differ:
            layout.say(told.differ)
        layout.quiet(told.detail, "after_detail")
        drawing = charts.explanation(file.contributions, file.base, file.raw_score, height=260)
        if drawing is not None:
            layout.chart(drawing, "after_shap")


def _read(here: Here) -> tuple[flow.Last, Case, Any] | None:
    """Return the last decision with its file; nothing once it was taken back or was no decision of one's own."""
    last: flow.Last | None = st.session_state.get(Key.LAST)
    if last is None:
        return None
    desk = here.workspace.desk
    try:
        case, file = desk.case(last.case_id), desk.file(here.token, last.case_id)
    except Expected:
        file = None
    if file is None or file.is_blind:
        st.session_state.pop(Key.LAST, None)
        return None
    return last, case, file


def _may_be_known(here: Here, last: flow.Last, case: Case) -> bool:
    return (
        Role.SENIOR_REVIEWER in here.who.person.roles
        and last.outcome is not Outcome.ESCALATE
        and case.state in (CaseState.DECIDED, CaseState.CLOSED)
    )


def _known_answer(here: Here, last: flow.Last) -> None:
    is_open = last.undo_until is not None and here.now < last.undo_until
    st.button(
        "Show to others as a known answer",
        key="known_answer",
        type="tertiary",
        disabled=is_open,
        help="Possible when the decision can no longer be undone" if is_open else "To see how people decide it",
        on_click=_mark,
        args=(here, last.case_id),
    )


def _mark(here: Here, case_id: str) -> None:
    command = MarkKnownAnswer(idempotency_key=layout.once(f"known_{case_id}"), case_id=case_id)
    if state.act(lambda: here.workspace.desk.execute(here.token, command)):
        _close()


def _close() -> None:
    st.session_state.pop(Key.LAST, None)
    if st.session_state.get(Key.PANEL) == PANEL:
        st.session_state[Key.PANEL] = None
