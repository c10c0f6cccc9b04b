"""The parts of the quality page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.statistics.definitions import DEFINITIONS
from analytics.views import health as view
from analytics.views.words import Role
from pages._kit import layout
from pages._kit.state import Here
from pages._statistics import parts as statistics
from pages._statistics.parts import Asked

FIGURES = ("M-06", "M-07", "M-07a", "M-09", "M-08", "M-16", "M-12", "SLA")


def figures(asked: Asked) -> None:
    """Lay out the single figures; each opens its rows."""
    with st.grid(4, gap="medium", min_column_width=230):
        for name in FIGURES:
            statistics.figure(asked, DEFINITIONS[name])


def tables(asked: Asked) -> None:
    """Lay out what stands beside the figures."""
    here = asked.here
    found = here.workspace.quality.look(here.token, asked.period)
    answers(found)
    services(here, found)
    overturns(found)
    load(here, found)
    people(here, found)


def answers(found: Any) -> None:
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Known answers by policy version", "policies"):
        if found.policies.is_empty():
            layout.quiet("No case with a known answer was decided in this period.", "no_policies")
        else:
            layout.table(
                view.policy_rows(found.policies),
                "quality_policies",
                "Known answers by policy version",
                column_config=_shares(),
            )
    with right, layout.boxed("Put aside, by reason", "skips"):
        if found.skips.is_empty():
            layout.quiet("No case was put aside in this period.", "no_skips")
        else:
            layout.table(view.skip_rows(found.skips), "quality_skips", "Cases put aside, by reason")


def services(here: Here, found: Any) -> None:
    """Lay out services whose cases are judged otherwise than before: what people decide teaches the model (T-13)."""
    with layout.boxed("Verdicts by service, before this period and in it", "shifts"):
        if found.services.is_empty():
            layout.quiet("No service was judged often enough both before and in this period.", "no_shifts")
            return
        if found.services["is_moved"].any():
            layout.quiet("One that moved: is a rule read anew, or does somebody favour a service? Ask first.", "moved")
        layout.table(
            view.shift_rows(found.services, here.workspace.services.titles()),
            "quality_shifts",
            "Verdicts by service, before and in this period",
        )


def overturns(found: Any) -> None:
    """Lay out overturns by what the decision was made with."""
    with layout.boxed("Overturned on appeal", "overturns"):
        if found.overturns["reason"].is_empty():
            layout.quiet("No appeal was decided in this period.", "no_overturns")
            return
        for place, (column, title) in zip(st.columns(2, gap="medium") * 2, view.OVERTURNS.items(), strict=True):
            with place:
                rows = view.overturn_rows(found.overturns[column], column)
                told = f"Overturned appeals by {title.lower()}"
                layout.table(rows, f"overturns_{column}", told, column_config=_shares())


def load(here: Here, found: Any) -> None:
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Opened and decided", "flow"):
        layout.chart(view.flow_drawing(found.flow), "quality_flow")
    with right, layout.boxed("If the coming days are like the last fourteen", "forecast"):
        layout.chart(view.forecast_drawing(found.forecast, found.waiting, here.now), "quality_forecast")


def people(here: Here, found: Any) -> None:
    """Show managers the pace of people beside their known answers; it is no ranking (P-09)."""
    if Role.MANAGER not in here.who.person.roles:
        return
    with layout.boxed("Reviewers, by name", "people"):
        if found.people.is_empty():
            layout.quiet("Nobody has enough decisions in this period to say anything.", "no_people")
            return
        layout.quiet("For load and training, never a target: pace means nothing without the answers beside it.", "pace")
        layout.table(
            view.people_rows(found.people, here.workspace.people.names(here.token)),
            "quality_people",
            "Reviewers by name",
        )


def _shares() -> dict[str, Any]:
    """Let shares, which are text with their unit, stand to the right as the numbers they are."""
    return {name: st.column_config.TextColumn(alignment="right") for name in ("Share", "95 % interval")}
