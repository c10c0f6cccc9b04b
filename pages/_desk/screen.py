"""The case on the screen: reasons on the left, activity and rows on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from analytics import charts
from analytics.views import engagements as table
from analytics.views.case import CaseView, Opinion, ReasonView, rows_text
from analytics.views.engagements import Shown
from analytics.views.text import counted
from analytics.workspace import Case, Lease
from pages._desk import aside, filters, flow
from pages._kit import layout
from pages._kit.keys import Key
from pages._kit.state import Here


def header(here: Here, view: CaseView, case: Case, lease: Lease, number: int) -> None:
    """Lay out who it is and what is suspected."""
    with st.container(key="desk_header", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            layout.say(view.who, key="strong_who", box="content")
            layout.say(f"{view.facts} · {view.step}", width="stretch")
            for tag in view.tags:
                st.badge(tag, color="gray")
            if only := filters.told(here):
                layout.quiet(only, "only", box="content")
            layout.quiet(f"case {number}", "case_number", box="content")
            aside.lease_left(here, lease)
            aside.menu(here, case, lease)
            st.button("Back to the queue", key="back", type="tertiary", on_click=flow.back, args=(here,))
        layout.say(view.suspicion)


def reasons(view: CaseView) -> None:
    """Lay out what speaks for it and against it, with the same weight, and what was not seen."""
    _direction("What speaks for it", view.reasons_for, "for", "Nothing speaks for it.")
    _direction("What speaks against it", view.reasons_against, "against", "Nothing speaks against it.")
    if view.more:
        with st.expander(counted(len(view.more), "more reason"), key="desk_more"):
            for reason in view.more:
                _reason(reason)
    if view.not_seen:
        layout.label("Not seen", "not_seen")
        layout.say(view.not_seen, key="quiet_not_seen")


def _direction(title: str, found: tuple[ReasonView, ...], key: str, nothing: str) -> None:
    layout.label(title, key)
    for reason in found:
        _reason(reason)
    if not found:
        layout.quiet(nothing, f"nothing_{key}")


def _reason(reason: ReasonView) -> None:
    """Lay out one reason: its weight in a word, the sentence, and the rows behind it."""
    with st.container(
        key=f"why_{reason.strength or 'seen'}_{reason.evidence_id}", horizontal=True, gap="small", wrap=False
    ):
        if reason.strength:
            layout.say(reason.strength, width=72)
        layout.say(reason.sentence, width="stretch")
        if reason.rows:
            st.button(
                rows_text(reason),
                key=f"behind_{reason.evidence_id}",
                type="tertiary",
                help="Show the rows of this case behind this sentence",
                on_click=flow.show_rows,
                args=(Shown(values=reason.values),),
            )


def opinion(told: Opinion | None) -> None:
    """Keep the machine's opinion and its chart behind a click (S-02, S-05)."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="desk_opinion"):
        if told is None:
            layout.quiet("Decide first: the machine's opinion follows the decision on this case.", "blind")
            return
        st.toggle("Show the model's opinion", key=Key.REVEALED)
        st.button("SHAP chart", key="desk_shap", type="tertiary", on_click=flow.toggle_panel, args=(flow.SHAP,))
    if st.session_state.get(Key.REVEALED):
        layout.say(told.frequency)
        if told.is_unsure:
            layout.say(f"The machine is unsure here. {told.differ}".strip(), key="opinion_unsure")
        layout.quiet(told.detail, "opinion_detail")


def explanation(draw: Callable[[], charts.Drawing | None]) -> None:
    """Lay out what moved the score in the chart's place: what opens over the page is cut at its lower edge."""
    with layout.boxed("What moved the score", flow.SHAP):
        drawing = draw()
        if drawing is None:
            layout.say("There is no explanation of this score, or it does not add up. The case can still be decided.")
        else:
            layout.chart(drawing, "shap")


def activity(here: Here, drawing: charts.Drawing, marked: str) -> None:
    """Draw who was active when, with what the lines in it stand for; brushing it narrows the rows below."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="activity_head"):
        layout.label("Activity", "activity")
        layout.numbers(drawing, "activity")
        if marked:
            layout.quiet(marked, "activity_marks", box="content")
    layout.chart(drawing, "desk_activity", on_select=flow.brush(here.zone, "desk_activity"), note=False)


def rows(here: Here, engagements: Any, shown_case: flow.OnScreen) -> None:
    """Lay out the engagements; every row can be taken out of the plan."""
    changed = flow.choice(shown_case.case_id)
    chosen = changed.chosen(shown_case.proposed)
    shown = st.session_state.get(Key.FILTER) or Shown()
    found = table.shown_rows(engagements, shown, is_blind=shown_case.is_blind)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="desk_rows_head"):
        layout.label("Engagements", "engagements")
        told = flow.changed_text(changed, shown_case)
        layout.quiet(told if shown.is_all else f"{found.height:,} shown", "rows_count")
        if not shown.is_all:
            st.button("Show all", key="show_all", type="tertiary", on_click=flow.show_rows, args=(Shown(),))
            ids = tuple(found["engagement_id"].to_list())
            out, back = ("Untick", "Tick") if shown_case.is_blind else ("Take out", "Put back")
            for words, key, is_ticked in ((out, "take_out", False), (back, "put_back", True)):
                st.button(words, key=key, type="tertiary", on_click=flow.tick, args=(here, shown_case, ids, is_ticked))
        pages = table.page_of(found, 1)[1]
        page = _page(pages, shown_case.case_id)
        if _is_blurred(here) and table.has_text(found):
            st.toggle("Show comments", key=Key.COMMENTS)
        st.toggle("Plain list", key="plain_rows", persist_state="session", help="Check boxes instead of a grid")
    part, _ = table.page_of(found, page)
    if st.session_state.get("plain_rows"):
        _plain(here, part, chosen, shown_case)
    else:
        _grid(here, part, chosen, shown_case)


def _page(pages: int, case_id: str) -> int:
    return st.pagination(pages, key=f"rows_page_{case_id}", max_visible_pages=3) if pages > 1 else 1


def _grid(here: Here, part: Any, chosen: frozenset[str], shown_case: flow.OnScreen) -> None:
    ids = tuple(part["engagement_id"].to_list())
    key = f"grid_{shown_case.case_id}_{flow.fingerprint(ids)}"
    opinion_is_shown = bool(st.session_state.get(Key.REVEALED))
    shown = table.table(
        part,
        chosen,
        here.now,
        here.zone,
        with_opinion=opinion_is_shown,
        with_text=_may_read(here),
        is_blind=shown_case.is_blind,
    )
    # As plain columns: a frame would be turned into another library's frame and back.
    st.data_editor(
        shown.to_dict(as_series=False),
        key=key,
        hide_index=True,
        height=min(240, 38 + 28 * max(part.height, 1)),
        row_height=28,
        disabled=[name for name in shown.columns if name != "Remove"],
        column_config={
            "Remove": st.column_config.CheckboxColumn("Remove", width=76 if opinion_is_shown else 84),
            **_NARROW[opinion_is_shown],
            "Why": st.column_config.TextColumn("Why", width=88 if opinion_is_shown else None, help=table.WHY_IN_WORDS),
        },
        on_change=flow.edited,
        args=(here, shown_case, key, ids),
        alt="Engagements of this account; ticked rows are removed on confirmation",
    )


# With the machine's two columns beside them, the others make room, so that none is cut at the edge.
_NARROW: dict[bool, dict[str, Any]] = {
    False: {},
    True: {
        "Kind": st.column_config.TextColumn("Kind", width=58),
        "Target": st.column_config.TextColumn("Target", width=80),
        "When": st.column_config.TextColumn("When", width=104),
        "From": st.column_config.TextColumn("From", width=100),
        "p": st.column_config.NumberColumn("p", width=44, format="%.2f"),
        "Band": st.column_config.TextColumn("Band", width=78),
    },
}


def _plain(here: Here, part: Any, chosen: frozenset[str], shown_case: flow.OnScreen) -> None:
    """Offer the same rows as check boxes, for keyboards and screen readers (R-04)."""
    with st.container(key="plain_list", gap=None):
        for row in part.iter_rows(named=True):
            one = str(row["engagement_id"])
            # Always the same box, told what is chosen: another one in its place would take the focus away.
            key = f"tick_{shown_case.case_id}_{one}"
            st.session_state[key] = one in chosen
            st.checkbox(
                layout.literal(table.line(row, here.zone, is_blind=shown_case.is_blind)),
                key=key,
                on_change=flow.tick,
                args=(here, shown_case, (one,), one not in chosen),
            )
            if row.get("text"):
                name = "comment" if _may_read(here) else "blurred"
                layout.say(layout.foreign(row["text"]), key=f"{name}_{one}")


def _is_blurred(here: Here) -> bool:
    return here.settings.get("blur_comments") == "on"


def _may_read(here: Here) -> bool:
    """Whether comments stand in clear: always, or on demand where the person wants them blurred (U-14)."""
    return not _is_blurred(here) or bool(st.session_state.get(Key.COMMENTS))
