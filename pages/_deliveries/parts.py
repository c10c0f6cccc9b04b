"""The parts of the deliveries page."""

from __future__ import annotations

import streamlit as st

from analytics.views import deliveries as view
from analytics.views.words import ACTIONS, STATES, ActionKind, ActionState
from analytics.workspace import ActionPage, DeliveryFilter, ResumeDelivery, RetryAction
from pages._kit import filters as filters_of
from pages._kit import layout, state
from pages._kit.filters import ANY
from pages._kit.state import Here


def alarms(here: Here) -> None:
    """Say what keeps actions from leaving; somebody who looked may let them go on."""
    delivering = here.workspace.deliveries.state()
    found = view.alarms(delivering, here.now)
    for number, alarm in enumerate(found):
        show = st.error if alarm.is_stopped else st.warning
        with st.container(key=f"alarm_{number}"):
            show(layout.literal(alarm.text))
    if delivering.is_paused or delivering.needs_person:
        key = layout.once("resume_delivery")
        st.button(
            "Resume delivery", key="resume_delivery", on_click=_send, args=(here, ResumeDelivery(idempotency_key=key))
        )


def filters() -> DeliveryFilter:
    """Lay out the filters; they live in the address, unknown values count as all."""
    states = {ANY: "Any state", **{one.value: word for one, word in STATES.items()}}
    kinds = {ANY: "Any action", **{one.value: word for one, word in ACTIONS.items()}}
    with st.container(horizontal=True, gap="small", key="delivery_filters"):
        chosen = filters_of.choice("state", states, width=160), filters_of.choice("kind", kinds, width=260)
        for name in ("case_id", "account_id", "decision_id"):
            if held := st.query_params.get(name):
                layout.say(f"{name.removesuffix('_id')} {layout.foreign(held, 60)}", box="content", key=f"quiet_{name}")
    return DeliveryFilter(
        state=None if chosen[0] == ANY else ActionState(chosen[0]),
        kind=None if chosen[1] == ANY else ActionKind(chosen[1]),
        case_id=st.query_params.get("case_id"),
        account_id=st.query_params.get("account_id"),
        decision_id=st.query_params.get("decision_id"),
    )


def page() -> int:
    return int(st.session_state.get("page") or 1)


def stuck(here: Here) -> None:
    """List what needs a person first, each with its way out."""
    dead = here.workspace.deliveries.list(DeliveryFilter(state=ActionState.DEAD))
    if not dead.total:
        return
    with layout.boxed(f"Needs a person ({dead.total:,})", "stuck"):
        for decision in view.decisions(dead.actions, here.now, here.zone):
            for step in decision.steps:
                _stuck(here, decision, step)


def _stuck(here: Here, decision: view.DecisionView, step: view.StepView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"stuck_{step.action_id}"):
        st.badge(step.state, color="red")
        layout.say(f"{step.name} · {decision.title}", box="content", key=f"strong_{step.action_id}")
        layout.quiet(f"{step.detail} · {step.when}", f"stuck_{step.action_id}")
        key = layout.once(f"retry_{step.action_id}_{step.when}")
        st.button(
            "Try again",
            key=f"retry_{step.action_id}",
            on_click=_send,
            args=(here, RetryAction(idempotency_key=key, action_id=step.action_id)),
        )


def table(here: Here, found: ActionPage) -> None:
    layout.table(
        view.rows(found.actions, here.now, here.zone),
        "delivery_rows",
        "Actions, newest first, with their state, tries and receipt",
        height=430,
    )
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")


def steps(here: Here, found: ActionPage) -> None:
    """Show one decision's actions in plan order, with every try."""
    decisions = {one.decision_id: one for one in view.decisions(found.actions, here.now, here.zone)}
    with layout.boxed("One decision, step by step", "steps"):
        chosen = st.selectbox(
            "Decision",
            list(decisions),
            format_func=lambda one: view.summary(decisions[one]) if one in decisions else one,
            key="decision",
            label_visibility="collapsed",
        )
        for number, step in enumerate(decisions[chosen].steps, start=1):
            _step(here, number, step)


def _step(here: Here, number: int, step: view.StepView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"step_{step.action_id}"):
        layout.say(f"{number}", box="content", key=f"quiet_number_{step.action_id}")
        st.badge(step.state, color=step.colour)
        layout.say(step.name, box="content", key=f"strong_{step.action_id}_step")
        layout.quiet(f"{step.when} · {step.detail}".rstrip(" ·"), f"step_{step.action_id}")
        with layout.opened("Tries", f"tries_{step.action_id}") as is_open:
            if is_open:
                rows = view.attempt_rows(here.workspace.deliveries.attempts(step.action_id), here.zone)
                layout.table(rows, f"tries_rows_{step.action_id}", "Every try to deliver this action")


def counts(found: dict) -> None:
    with layout.boxed("All actions by kind and state", "counts"):
        layout.table(view.count_rows(found), "count_rows", "Number of actions by kind and state")


def _send(here: Here, command: object) -> None:
    state.act(lambda: here.workspace.delivery.execute(here.token, command))
