"""The parts of the appeals page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from analytics.views import appeals as view
from analytics.views.words import AppealState
from analytics.workspace import DecideAppeal, FileAppeal
from pages._kit import filters, layout, state
from pages._kit.state import Here

WAITING, ALL = "waiting", "all"
LONGEST_GROUNDS, LONGEST_TEXT = 2_000, 10_000


def chosen(here: Here, waiting: Sequence[Any]) -> tuple[Sequence[Any], str]:
    """Return the appeals of the filter, which lives in the address, and the one that is open; a link opens its own."""
    words = {WAITING: "Waiting for an answer", ALL: "All, answered ones too"}
    with st.container(horizontal=True, gap="small", key="appeal_choice"):
        which = filters.choice("show", words, title="Which appeals")
        shown = here.workspace.appeals.list(here.token, None) if which == ALL else waiting
        return shown, _pick(here, shown) if shown else ""


def _pick(here: Here, shown: Sequence[Any]) -> str:
    # Only the opened appeal shows the name of the account; lists do without (D.5).
    options = {one.appeal_id: view.option(one, "", here.now) for one in shown}
    asked, ids = st.query_params.get("appeal_id"), list(options)
    picked = st.selectbox(
        "Appeal",
        ids,
        index=ids.index(asked) if asked in options else 0,
        format_func=lambda appeal_id: options.get(appeal_id, appeal_id),
        key=f"appeal_{len(ids)}_{ids[0]}",
        label_visibility="collapsed",
        width=420,
    )
    return str(picked)


def one(here: Here, appeal_id: str) -> None:
    """Lay one complaint beside what was done, and the answer below."""
    complaint = here.workspace.appeals.open(here.token, appeal_id)
    seen = view.appeal_view(complaint, here.zone)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        with layout.boxed("What the owner says", "complaint"):
            layout.say(seen.who, key="strong_appeal_who")
            layout.quiet(seen.filed, "appeal_filed")
            layout.say(seen.text, key="appeal_text")
        _answer(here, appeal_id, seen)
    with right:
        _done(complaint, seen)


def _done(complaint: Any, seen: view.AppealView) -> None:
    with layout.boxed("What was decided and done", "done"):
        layout.say(seen.decision, key="strong_appeal_decision")
        layout.say(seen.removed)
        layout.say(f"Done so far: {', '.join(seen.done) or 'nothing has left yet'}.")
        layout.rows_link(
            "Every step of it", "pages/deliveries.py", "appeal_steps", decision_id=complaint.decision.decision_id
        )
    for title, sentences, key in (
        ("What spoke for it", seen.reasons_for, "for"),
        ("What spoke against it", seen.reasons_against, "against"),
    ):
        if sentences:
            with layout.boxed(title, f"appeal_{key}"):
                for place, sentence in enumerate(sentences):
                    layout.say(sentence, key=f"appeal_{key}_{place}")


def _answer(here: Here, appeal_id: str, seen: view.AppealView) -> None:
    """Take the answer, unless it is given or this person had a part in the decision (P-18)."""
    with layout.boxed("Your answer", "answer"):
        if seen.outcome:
            layout.say(f"This appeal was {seen.outcome}.", key="strong_appeal_outcome")
            return
        if not here.workspace.appeals.may_decide(here.token, appeal_id):
            layout.say("You took part in this decision, so somebody else answers this appeal.", key="appeal_not_yours")
            return
        layout.say(f"If it is overturned: {seen.if_overturned}.", key="appeal_if_overturned")
        with st.form(f"answer_{appeal_id}", border=False):
            grounds = f"grounds_{appeal_id}"
            st.text_area(
                "Grounds", key=grounds, max_chars=LONGEST_GROUNDS, height=90, help="Kept with the answer, not sent."
            )
            with st.container(horizontal=True, gap="small"):
                for words, outcome in (("Uphold", AppealState.UPHELD), ("Overturn", AppealState.OVERTURNED)):
                    st.form_submit_button(
                        words, key=f"appeal_{outcome.value}", on_click=_send, args=(here, appeal_id, outcome, grounds)
                    )


def _send(here: Here, appeal_id: str, outcome: AppealState, grounds: str) -> None:
    """Send one answer; pressed twice it counts once, changed in between it is another command."""
    words = str(st.session_state.get(grounds) or "")
    key = layout.once(f"answer_{appeal_id}_{outcome.value}_{words}")
    command = DecideAppeal(idempotency_key=key, appeal_id=appeal_id, outcome=outcome, grounds=words)
    state.act(lambda: here.workspace.appeals.execute(here.token, command))


def table(here: Here, shown: Sequence[Any]) -> None:
    with layout.boxed(f"All of them ({len(shown):,})", "appeals_list"):
        rows = view.rows(shown, {}, here.now, here.zone)
        layout.table(rows, "appeal_rows", "Appeals, those that wait longest first")


def take_in(here: Here) -> None:
    """Take in a complaint that came by letter or telephone."""
    with st.expander("Take an appeal in", key="take_appeal_in"):
        layout.quiet(
            "For complaints that reach you outside the platform. The notice ends its words on appeals with the number.",
            "take_in",
        )
        with st.form("take_in", border=False, clear_on_submit=False):
            st.text_input(
                "Number of the decision",
                key="appeal_decision",
                value=st.query_params.get("decision_id", "")[:64],
                max_chars=64,
            )
            st.text_area("What the owner says", key="appeal_words", max_chars=LONGEST_TEXT, height=90)
            st.form_submit_button("File the appeal", key="file_appeal", on_click=_file, args=(here,))


def _file(here: Here) -> None:
    decision_id = str(st.session_state.get("appeal_decision") or "").strip()
    words = str(st.session_state.get("appeal_words") or "")
    key = layout.once(f"file_{decision_id}_{words}")
    command = FileAppeal(idempotency_key=key, decision_id=decision_id, text=words)
    state.act(lambda: here.workspace.appeals.execute(here.token, command))
