"""The decision bar: the plan, the notice word for word, the reason, and one key for each outcome."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.views.decision import PlanView, may_be_urgent, reasons
from analytics.views.words import REASONS, SKIP_REASONS, Outcome
from pages._desk import flow
from pages._kit import layout
from pages._kit.keys import KeyMode, Shortcut, pressed
from pages._kit.state import Here

# A note says in a line what the reason does not; a longer story belongs into an escalation.
LONGEST_NOTE = 500


def decision_bar(here: Here, shown: flow.OnScreen, plan: PlanView, notice: Any) -> None:
    """Lay out everything a decision needs; it never scrolls away."""
    with st.container(key="desk_decision", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="desk_plan"):
            if plan.is_empty:
                _nothing_planned()
            else:
                _plan(plan, notice)
        _reason_and_note(here, shown, plan)
        _buttons(here, shown, plan)
    layout.focus("desk_decision", shown.key)


def _nothing_planned() -> None:
    """Say that there is no plan: without a row to remove nobody is warned and nothing is reset."""
    layout.say("Plan: nothing.", key="strong_plan", box="content")
    layout.quiet("No row is ticked: nothing would be removed, nobody warned, no password reset.", "no_plan")


def _plan(plan: PlanView, notice: Any) -> None:
    """Lay out what a confirmation would do, and the message word for word."""
    before = "If you confirm" if plan.is_hidden else "Plan"
    layout.say(f"{before} ({plan.step}): {plan.line}", key="strong_plan", box="content")
    if not plan.is_hidden:
        _notice(notice)
    if plan.is_severe:
        st.badge("cannot be undone once sent", color="red")
    if plan.needs:
        st.badge(plan.needs, color="orange")
    layout.quiet(plan.next_time, "next_time")


def _notice(notice: Any) -> None:
    """Offer the message to read as the owner will read it."""
    # Laid out at once: near the lower edge a popover opens upwards only when its height is known.
    with st.popover("Notice", type="tertiary", key="desk_notice", help="The exact message the owner will get"):
        layout.say(notice.title, key="strong_notice_title")
        layout.say(notice.body, key="notice_text")
        layout.quiet(f"Language {notice.language}, template {notice.template_version}", "notice_version")


def _reason_and_note(here: Here, shown: flow.OnScreen, plan: PlanView) -> None:
    """Lay out the reason, where somebody else holds the password the way to be quick about it, and the note.

    The note comes last: from it the Tab key leads to the buttons.
    """
    is_credential = not plan.is_empty and may_be_urgent(flow.reason(shown), plan)
    places = st.columns([4, 3, 7] if is_credential else [4, 10], gap="small", vertical_alignment="center")
    with places[0]:
        st.selectbox(
            "Reason",
            key=flow.reason_key(shown),
            label_visibility="collapsed",
            help="Goes with a confirmation; 3 and 4 take their own reason unless one of theirs is chosen here.",
            **layout.choices(REASONS, reasons()),
        )
    if is_credential:
        places[1].checkbox(
            "Sign out at once",
            key=flow.urgent_key(shown),
            help="Reset the password and end all sessions without waiting for the undo window. That part stays done.",
        )
    with places[-1]:
        st.text_input(
            "Note",
            key=flow.note_key(shown),
            label_visibility="collapsed",
            placeholder="Note (optional)",
            max_chars=LONGEST_NOTE,
            on_change=flow.keep,
            args=(here, shown),
        )


def _buttons(here: Here, shown: flow.OnScreen, plan: PlanView) -> None:
    keys, part = here.keys, flow.choice(shown.case_id).is_changed
    plan_words, part_words = ("Inauthentic", "Only ticked rows") if shown.is_blind else ("Confirm plan", "Confirm part")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="desk_buttons"):
        _decide(here, shown, (plan_words, Shortcut.CONFIRM, Outcome.CONFIRM), keys, off=part or plan.is_empty)
        _decide(here, shown, (part_words, Shortcut.PART, Outcome.CONFIRM), keys, off=not part or plan.is_empty)
        _decide(here, shown, ("Not inauthentic", Shortcut.REJECT, Outcome.REJECT), keys)
        _decide(here, shown, ("Escalate", Shortcut.ESCALATE, Outcome.ESCALATE), keys)
        st.button(
            "Skip",
            key=f"skip_{shown.case_id}",
            shortcut=pressed(Shortcut.SKIP, keys),
            on_click=flow.skip,
            args=(here, shown),
        )
        st.selectbox(
            "Why skip",
            key=f"skip_reason_{shown.case_id}",
            label_visibility="collapsed",
            width=220,
            **layout.choices(SKIP_REASONS, tuple(SKIP_REASONS)),
        )
        st.button(
            "Help",
            key="desk_help",
            type="tertiary",
            shortcut=pressed(Shortcut.HELP, keys),
            on_click=flow.toggle_panel,
            args=("help",),
        )


def _decide(
    here: Here, shown: flow.OnScreen, what: tuple[str, Shortcut, Outcome], keys: KeyMode, *, off: bool = False
) -> None:
    words, shortcut, outcome = what
    st.button(
        words,
        key=f"{shortcut.name.lower()}_{shown.case_id}",
        type="primary" if shortcut is Shortcut.CONFIRM and not shown.is_blind else "secondary",
        shortcut=pressed(shortcut, keys),
        disabled=off,
        on_click=flow.decide,
        args=(here, shown, outcome),
    )


def undo_bar(here: Here, decision_id: str, words: str, seconds: float) -> None:
    """Keep the last decision undoable for its window, counted down in words (U-05)."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="undo_bar", width="content"):
        layout.quiet(words, "undo", box="content")
        layout.announce(words, decision_id)
        layout.countdown(seconds, "can be undone for", "has been sent on", f"countdown_{decision_id}")
        st.button(
            "Undo",
            key=f"undo_{decision_id}",
            shortcut=pressed(Shortcut.UNDO, here.keys),
            on_click=flow.undo,
            args=(here, decision_id),
        )
