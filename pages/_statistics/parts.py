"""The parts of the statistics page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics import charts
from analytics.statistics.definitions import DEFINITIONS, Definition, Question, of_question
from analytics.views import periods
from analytics.views import statistics as view
from analytics.views.figure_rows import Reader, figure_rows
from analytics.views.words import Role
from analytics.workspace import Cut, Dimension, Period, SeenFigures, SetTarget
from pages._kit import filters, layout, state
from pages._kit.state import Here

QUESTIONS = tuple(Question)
# The figure that each section draws over time and splits by part.
_LEADS = {
    Question.HOW_MUCH: "M-02",
    Question.DETECT: "M-04",
    Question.DECIDE: "M-12",
    Question.PEOPLE: "M-08",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, what they see, of which period and part, and on which page; figures open their rows there."""

    here: Here
    seen: SeenFigures
    period: Period
    cut: Cut
    page: str


def asked(here: Here, page: str = "statistics") -> Asked:
    """Let the reader choose the period, and on the statistics page a part."""
    chosen = period(here)
    part = cut(here) if page == "statistics" else Cut()
    return Asked(here, here.workspace.figures.seen_by(here.token), chosen, part, page)


def period(here: Here) -> Period:
    """Let the reader choose the period; it is in the address."""
    chosen = st.segmented_control(
        "Period",
        list(periods.NAMES),
        default=periods.USUAL,
        key="days",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    since, until = periods.span_of(str(chosen or periods.USUAL), here.now)
    return Period(since=since, until=until)


def cut(here: Here) -> Cut:
    """Let the reader look at a part: one service, kind, country or step."""
    found = here.workspace.statistics.values()
    chosen: dict[str, str | None] = {}
    words = part_names(here)
    with st.container(horizontal=True, gap="small", key="statistics_cut"):
        for dimension, title in view.DIMENSIONS.items():
            names = {filters.ANY: f"any {title.lower()}", **{one: words.get(one, one) for one in found[dimension]}}
            code = filters.choice(dimension, names, title=title, width=180)
            chosen[dimension] = None if code == filters.ANY else code
    return here.workspace.statistics.cut_of(chosen)


def part_names(here: Here) -> Mapping[str, str]:
    """Return what the parts of a figure are called."""
    return {
        **view.PART_WORDS,
        **{one: layout.foreign(name, 60) for one, name in here.workspace.services.titles().items()},
    }


def sections(told: Asked) -> None:
    """Lay out the questions with the figures that the reader sees."""
    if told.seen.only is not None:
        layout.quiet("Your own decisions alone.", "own_figures")
    elif told.cut.kind is not None:
        layout.quiet("Engagements of this kind, and cases that are mostly about it.", "kind_note")
    for question in QUESTIONS:
        _section(told, question)


def _section(told: Asked, question: Question) -> None:
    """Lay out one question: its figures, the lead figure over time, and by part (P-14)."""
    with layout.boxed(question.value, question.name.lower()):
        with st.grid(4, gap="medium", min_column_width=230):
            for definition in of_question(question):
                if definition.metric_id in told.seen.shown:
                    figure(told, definition)
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _over_time(told, question)
        with right:
            _by_part(told, question)


def _over_time(told: Asked, question: Question) -> None:
    definition = DEFINITIONS[_LEADS[question]]
    rows = told.seen.over_time(definition.metric_id, told.period, told.cut)
    drawn = view.over_time_drawing(definition, rows, told.here.zone)
    if drawn is None:
        layout.quiet(f"{definition.title}: nothing to draw in this period.", f"flat_{question.name.lower()}")
    else:
        layout.chart(drawn, f"over_time_{question.name.lower()}")


def _by_part(told: Asked, question: Question) -> None:
    definition, key = DEFINITIONS[_LEADS[question]], f"by_{question.name.lower()}"
    dimensions = view.dimension_titles(definition)
    titles = list(dimensions.values())
    title = st.segmented_control(
        f"{definition.title} by", titles, default=titles[0], key=key, bind="query-params", required=True
    )
    dimension = Dimension({name: value for value, name in dimensions.items()}[str(title or titles[0])])
    rows = told.seen.by(definition.metric_id, dimension, told.period, told.cut)
    if rows.is_empty():
        layout.quiet("Nothing was counted in this period.", f"none_{key}")
    else:
        parts = view.part_rows(definition, rows, str(title), part_names(told.here))
        # Text with units, yet read as the numbers it is.
        right = {name: st.column_config.TextColumn(alignment="right") for name in parts.columns[1:]}
        layout.table(parts, f"table_{key}", f"{definition.title} by {title}", column_config=right)
        whole = told.seen.compare(definition.metric_id, told.period, told.cut).now.n
        if left := view.left_out_words(whole, rows, str(title)):
            layout.quiet(left, f"left_{key}")


def figure(asked: Asked, definition: Definition) -> None:
    """Lay out one figure with its interval, its change, its target, its rows and its definition."""
    here = asked.here
    found = asked.seen.compare(definition.metric_id, asked.period, asked.cut)
    told = view.figure_view(definition, found.now, found.before, is_clear=found.is_clear)
    key = definition.metric_id.replace("-", "").lower()
    with st.container(gap=None, key=f"metric_{key}"):
        layout.say(told.title, key=f"weight_{key}")
        layout.say(told.value, key=f"figure_value_{key}")
        layout.quiet(told.under, f"under_{key}")
        target = here.workspace.governance.targets().get(definition.metric_id)
        if target is not None:
            layout.quiet(
                view.target_line(definition, target, here.now, here.workspace.people.names(here.token)), f"target_{key}"
            )
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if told.rows and asked.seen.opens_rows(told.metric_id):
                query = {"figure": told.metric_id, "days": str(st.session_state.get("days") or periods.USUAL)}
                query |= {name: st.query_params[name] for name in view.DIMENSIONS if name in st.query_params}
                layout.rows_link(told.rows_label, f"pages/{asked.page}.py", f"link_{key}", **query)
            with layout.opened("How counted", f"counted_{key}") as is_open:
                if is_open:
                    layout.say(told.counted)
                    layout.quiet(told.caution, f"caution_{key}")
                    if Role.MANAGER in here.who.person.roles:
                        _target(here, definition, key, target)


def _target(here: Here, definition: Definition, key: str, target: Any) -> None:
    """Let a manager set a target; it always says who set it and when."""
    with st.form(f"target_{key}", border=False):
        value = st.number_input(view.target_title(definition), value=None, key=f"target_value_{key}")
        once = layout.once(f"target_{key}_{target.at if target else 0}")
        if st.form_submit_button("Set the target", key=f"target_go_{key}") and value is not None:
            told = view.target_value(definition, float(value))
            command = SetTarget(idempotency_key=once, metric_id=definition.metric_id, value=told)
            state.act(lambda: here.workspace.governance.set_target(here.token, command))
            st.rerun()


def rows(asked: Asked, figure: str) -> None:
    """Show exactly the rows that a figure counted (P-13)."""
    definition = DEFINITIONS.get(figure)
    if definition is None:
        layout.empty("There is no such figure.", "Go back to the statistics and choose one.")
        return
    here = asked.here
    layout.rows_link("Back to all figures", f"pages/{asked.page}.py", "back", days=str(st.session_state.get("days")))
    found = asked.seen.rows_behind(figure, asked.period, asked.cut)
    with layout.boxed(f"{definition.title}: {found.height:,} rows", "figure_rows"):
        layout.say(view.counted_words(definition))
        reader = Reader(
            zone=here.zone,
            people=here.workspace.people.names(here.token),
            services=here.workspace.services.titles(),
        )
        told = figure_rows(figure, found.head(layout.MOST_ROWS), reader)
        layout.table(told, "figure_table", definition.title, height=560)
        if found.height > told.height:
            layout.quiet(f"The first {told.height:,} of {found.height:,} rows.", "figure_cut")


def activity(asked: Asked) -> None:
    """Draw decisions by outcome and actions by state."""
    period, zone = asked.period, asked.here.zone
    decisions, actions = asked.seen.done(period)
    decided = view.outcomes_over_time(decisions, period.since, period.until, zone)
    done = view.actions_by_state(actions)
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Decisions by outcome", "outcomes"):
        if decided.is_empty():
            layout.quiet("Nothing was decided in this period. Choose a longer one.", "no_outcomes")
        else:
            sentence = f"{int(decided['decisions'].sum()):,} decisions, by day and outcome."
            drawn = charts.stacked_bars(
                decided, x="day", y="decisions", series="outcome", titles=("Day", "Decisions"), sentence=sentence
            )
            layout.chart(drawn, "outcomes_chart")
    with right, layout.boxed("Actions by kind and state", "actions"):
        if done.is_empty():
            layout.quiet("No action was taken yet: actions follow a confirmed case.", "no_actions")
        else:
            sentence = f"{int(done['actions'].sum()):,} actions since the beginning, by kind and state."
            drawn = charts.stacked_bars(
                done, x="kind", y="actions", series="state", titles=("Kind", "Actions"), sentence=sentence
            )
            layout.chart(drawn, "actions_chart")
