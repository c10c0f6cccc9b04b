"""The parts of the statistics page."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st
from analytics.workspace import Period

from analytics import charts
from analytics.statistics.definitions import DEFINITIONS, Definition, Question, of_question
from analytics.views import statistics as view
from pages._kit import layout
from pages._kit.state import Here

DAYS = {"7": "7 days", "28": "28 days", "90": "90 days", "365": "a year"}


def period(here: Here) -> Period:
    """Let the reader choose the period; it is in the address."""
    chosen = st.segmented_control(
        "Period",
        list(DAYS),
        format_func=DAYS.__getitem__,
        default="28",
        key="days",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    until = here.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return Period(since=until - timedelta(days=int(chosen or 28)), until=until)


def figures(here: Here, period: Period) -> None:
    """Lay out the four questions in their order (P-14)."""
    for question in Question:
        with layout.boxed(question.value, question.name.lower()), st.grid(4, gap="medium", min_column_width=230):
            for definition in of_question(question):
                figure(here, definition, period)


def figure(here: Here, definition: Definition, period: Period) -> None:
    found = here.workspace.statistics.compare(definition.metric_id, period)
    told = view.figure_view(definition, found.now, found.before, is_clear=found.is_clear)
    key = definition.metric_id.replace("-", "").lower()
    with st.container(gap=None, key=f"metric_{key}"):
        layout.say(told.title, key=f"weight_{key}")
        layout.say(told.value, key=f"figure_value_{key}")
        layout.quiet(told.under, f"under_{key}")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if told.rows:
                query = {"figure": told.metric_id, "days": str((period.until - period.since).days)}
                layout.rows_link(told.rows_label, "pages/statistics.py", f"link_{key}", **query)
            with st.popover("How counted", type="tertiary", key=f"counted_{key}"):
                layout.say(told.counted)
                layout.quiet(told.caution, f"caution_{key}")


def rows(here: Here, figure: str, period: Period) -> None:
    """Show exactly the rows that a figure counted (P-13)."""
    definition = DEFINITIONS.get(figure)
    if definition is None:
        layout.empty("There is no such figure.", "Go back to the statistics and choose one.")
        return
    found = here.workspace.statistics.rows_behind(figure, period)
    layout.rows_link("Back to all figures", "pages/statistics.py", "back")
    with layout.boxed(f"{definition.title}: {found.height:,} rows", "figure_rows"):
        layout.say(f"{definition.counted} One row: {definition.row}.")
        layout.table(view.rows(found.head(layout.MOST_ROWS), here.zone), "figure_table", definition.title, height=560)


def activity(here: Here, period: Period) -> None:
    """Draw decisions by outcome and actions by state."""
    frames = here.workspace.statistics.frames()
    decided = view.outcomes_over_time(frames.decisions, period.since, period.until, here.zone)
    done = view.actions_by_state(frames.actions)
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Decisions by outcome", "outcomes"):
        if decided.is_empty():
            layout.empty("Nothing was decided in this period.", "Choose a longer one, or decide a case on the desk.")
        else:
            sentence = f"{int(decided['decisions'].sum()):,} decisions, by day and outcome."
            drawn = charts.stacked_bars(
                decided, x="day", y="decisions", series="outcome", titles=("Day", "Decisions"), sentence=sentence
            )
            layout.chart(drawn, "outcomes_chart")
    with right, layout.boxed("Actions by kind and state", "actions"):
        if done.is_empty():
            layout.empty("No action was taken yet.", "Actions follow a confirmed case.")
        else:
            sentence = f"{int(done['actions'].sum()):,} actions since the beginning, by kind and state."
            drawn = charts.stacked_bars(
                done, x="kind", y="actions", series="state", titles=("Kind", "Actions"), sentence=sentence
            )
            layout.chart(drawn, "actions_chart")
