"""One leased case, from its reasons to the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from analytics import charts
from analytics.views import case as view
from analytics.views import decision
from analytics.workspace import Case, Lease
from pages._desk import bar, flow, panels, screen
from pages._kit.state import Here


def show(here: Here, lease: Lease) -> None:
    """Lay out the case that this person holds."""
    desk = here.workspace.desk
    case, file = desk.case(lease.case_id), desk.file(here.token, lease.case_id)
    shown = flow.on_screen(lease, case.version, file, here.now)
    plan = desk.plan(here.token, case.case_id, flow.to_remove(shown), flow.reason(shown))
    seen = view.case_view(case, file, plan, here.now, here.zone)
    screen.header(here, seen, case, lease, file.number)
    left, right = st.columns([10, 11], gap="medium")
    with left, st.container(key="desk_left"):
        alike = desk.look_alikes(here.token, case.case_id)
        panels.show(here, case, alike)
        told, draw = _opinion(case, file, is_blind=seen.is_blind)
        screen.reasons(seen)
        screen.opinion(told)
        panels.look_alikes_button(here, alike)
    with right, st.container(key="desk_right"):
        if told is not None and flow.is_open(flow.SHAP):
            screen.explanation(draw)
        else:
            drawing = charts.activity(file.activity, file.marks, zone=here.zone, is_blind=seen.is_blind)
            screen.activity(here, drawing, view.marks_text(file.marks, here.zone))
        screen.rows(here, file.engagements, shown)
    is_hidden = shown.is_blind and not flow.choice(case.case_id).is_changed
    bar.decision_bar(here, shown, decision.plan_view(plan, here.zone, is_hidden=is_hidden), plan.notice)


def _opinion(
    case: Case, file: Any, *, is_blind: bool
) -> tuple[view.Opinion | None, Callable[[], charts.Drawing | None]]:
    """Return the machine's opinion and what draws it, or nothing while the case must be decided without them."""
    if is_blind:
        return None, lambda: None
    told = view.opinion(case.score, None, None, file.model_version, parts=file.contributions, raw_score=file.raw_score)
    return told, lambda: charts.explanation(file.contributions, file.base, file.raw_score, height=280)


def undo(here: Here) -> None:
    """Offer to take the last decision back while its window is open."""
    last = here.workspace.desk.undoable(here.token)
    if last is not None:
        left = decision.undo_left(last[2], here.now)
        if left:
            bar.undo_bar(here, last[0], last[1], left)
