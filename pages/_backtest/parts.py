"""The parts of the back-test page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from analytics.views import backtest as view
from analytics.views.words import Role
from analytics.workspace import ApproveThresholds, ProposeThresholds, Setting, stored_setting
from pages._kit import layout, state
from pages._kit.state import Here

_COLUMNS = {side: st.column_config.TextColumn(alignment="right") for side in ("A", "B")}


def columns() -> Any:
    return st.columns([1, 3], gap="medium")


def setting(name: str, ran: Setting) -> Setting:
    """Let the reader set the thresholds of one side; they are in the address and start as the run was made."""
    side = name.lower()
    with layout.boxed(f"Setting {name}", f"setting_{side}"):
        remove = {
            kind: _level(f"{word}, removal from", f"{side}_{kind.value}", min(ran.remove[kind], 1.0))
            for kind, word in view.KINDS.items()
        }
        review = _level("Review from", f"{side}_review", min(ran.review.values()))
        score = _level("Account score from", f"{side}_score", ran.queue_score)
        proposed = st.number_input(
            "Proposed engagements from", 1, 1_000, ran.queue_proposed, key=f"{side}_proposed", bind="query-params"
        )
    return replace(
        ran,
        name=name,
        remove={**ran.remove, **remove},
        review=dict.fromkeys(ran.review, review),
        queue_score=score,
        queue_proposed=int(proposed),
    )


def _level(title: str, key: str, value: float) -> float:
    told = st.number_input(title, 0.0, 1.0, float(value), 0.01, format="%.3f", key=key, bind="query-params")
    return float(told)


def contrast(here: Here, a: Setting, b: Setting) -> None:
    """Lay both sides out: figures, curve, cases by week, who comes and goes."""
    with st.spinner("Counting…"):
        found = here.workspace.backtest.compare(a, b)
    rows = view.comparison(found.a, found.b)
    with layout.boxed("What would change", "contrast"):
        layout.table(view.table(rows), "backtest_table", "Settings A and B line by line", column_config=_COLUMNS)
        with st.popover("How counted", type="tertiary", key="backtest_counted"):
            for place, row in enumerate(rows):
                layout.say(f"{row.name}: {row.help}", key=f"counted_{place}")
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Precision and recall over the threshold", "curve"):
        if found.a.judged.rows:
            layout.chart(view.curve_drawing(found.a, found.b), "backtest_curve")
        else:
            layout.quiet("No verdicts yet: the curve needs decided cases or labels.", "no_curve")
    with right, layout.boxed("Cases by week", "weekly"):
        layout.chart(view.weekly_drawing(found.a, found.b), "backtest_weekly")
    for name, title, accounts in (
        ("new", "New accounts: only B brings them up", found.only_b),
        ("gone", "Only A brings them up", found.only_a),
    ):
        with layout.boxed(f"{title} ({accounts.height:,})", name):
            if accounts.is_empty():
                layout.quiet("None.", f"none_{name}")
            else:
                layout.table(
                    view.account_rows(accounts, here.workspace.services.titles()), f"accounts_{name}", title, height=220
                )


def candidates(here: Here, b: Setting) -> None:
    """Propose B as a candidate, and let a second person make one live."""
    found = here.workspace.governance.candidates()
    with layout.boxed("Candidates", "candidates"):
        for candidate in found:
            _candidate(here, candidate)
        if not found:
            layout.quiet("Nobody proposed a candidate yet.", "no_candidates")
        if Role.ANALYST not in here.who.person.roles:
            return
        with st.form("propose_setting", border=False, width=640):
            reason = st.text_input("What is setting B for?", key="candidate_reason", max_chars=300)
            key = layout.once(f"candidate_{len(found)}")
            if st.form_submit_button("Propose B as candidate (shadow)", key="candidate_go"):
                command = ProposeThresholds(idempotency_key=key, value=stored_setting(b), reason=reason)
                state.act(lambda: here.workspace.governance.propose_thresholds(here.token, command))
                st.rerun()


def _candidate(here: Here, candidate: Any) -> None:
    names = {**here.workspace.people.names(here.token), here.who.person.person_id: "you"}
    told = view.candidate_view(candidate, names, here.who.person.person_id, here.now)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"candidate_{told.event_id}"):
        st.badge("live" if told.is_live else "shadow", color="green" if told.is_live else "orange")
        with st.container(gap=None):
            layout.say(told.title)
            layout.quiet(told.detail, f"candidate_detail_{told.event_id}")
        if told.can_approve:
            command = ApproveThresholds(idempotency_key=layout.once(f"live_{told.event_id}"), event_id=told.event_id)
            run = here.workspace.governance.approve_thresholds
            st.button(
                "Make live",
                key=f"live_{told.event_id}",
                on_click=lambda: state.act(lambda: run(here.token, command)),
            )
