"""The parts of the explore page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analytics.charts.investigating import moment_range
from analytics.statistics.exploration import Choices, Filter, Look
from analytics.views import explore as view
from analytics.workspace import SaveView
from pages._kit import filters as filters_of
from pages._kit import layout, state
from pages._kit.filters import ANY
from pages._kit.state import Here

# Bars of these tables can be clicked; the widths suit names of that length.
_TABLES = (("service", "client", "network"), ("country", "kind", "band"), ("cohort", "score", "sure"))


def filters(choices: Choices, services: Mapping[str, str]) -> Filter:
    """Lay out the filter bar; everything in it is in the address."""
    known, address = view.options(choices), dict(st.query_params)
    with st.container(key="explore_filters", gap="xsmall"), st.grid(5, gap="xsmall", min_column_width=200):
        _time(choices, address)
        parts = {
            part: filters_of.choices(part, {one: view.word(one, services) for one in known[part]}, title)
            for part, title in view.PARTS.items()
        }
        _group(choices, address.get("group_id"))
    for name in (*view.IDS, "since", "until"):
        if name in st.query_params:
            layout.keep(name, st.query_params[name])
    wanted, wrong = view.filter_of(parts, dict(st.query_params), choices)
    for number, text in enumerate(wrong):
        layout.quiet(text, f"wrong_{number}")
    return wanted


def _time(choices: Choices, address: Mapping[str, str]) -> None:
    def choose() -> None:
        chosen = st.session_state["span"]
        if len(chosen) == len(("first", "last")):
            told = view.of_days(*chosen, choices)
            for name in ("since", "until"):
                filters_of.choose(name, *([told[name]] if name in told else []))

    first, last = view.days_shown({}, choices)
    shown = view.days_shown(address, choices)
    filters_of.span("span", "First and last day, UTC", shown, first=first, last=last, on_change=choose)


def _group(choices: Choices, asked: str | None) -> None:
    """Offer the groups of the run; one that an older address names fits nothing, and is still what is asked for."""
    names = dict.fromkeys([*choices.names["groups"], *([asked[:300]] if asked else [])])
    words = {ANY: "Any group", **{one: f"Group {layout.foreign(one, 40)}" for one in names}}
    filters_of.choice("group_id", words, title="Group", width="stretch")


def told(here: Here, wanted: Filter, look: Look, place: Any) -> None:
    """Say the filter in words, with ways to widen it again and to keep it."""
    services = here.workspace.services.titles()
    layout.quiet(view.said(wanted, here.zone, services), "said", place=place, box="content")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="explore_steps"):
        layout.say(view.sentence(look, here.zone), key="strong_found", box="content")
        if wanted.since or wanted.until:
            st.button("Whole log", key="whole_log", on_click=_drop, args=("since", "until"), type="tertiary")
        for name, title in view.IDS.items():
            if getattr(wanted, name) and name != "group_id":
                st.button(f"Any {title.lower()}", key=f"any_{name}", on_click=_drop, args=(name,), type="tertiary")
        with st.popover("Saved views", type="tertiary", key="views"):
            _views(here)


def _views(here: Here) -> None:
    saved_views = here.workspace.investigation.views("explore")
    for saved in saved_views:
        query = view.parameters(saved.content)
        layout.rows_link(layout.literal(saved.name), "pages/explore.py", f"view_{saved.view_id}", **query)
    with st.form("save_view", border=False):
        name = st.text_input("Name of this view", key="view_name", max_chars=80)
        key = layout.once(f"save_view_{len(saved_views)}")
        if st.form_submit_button("Save this view", key="view_save"):
            content = view.address(dict(_all_parameters()))
            command = SaveView(idempotency_key=key, page="explore", name=name, content=content)
            if state.act(lambda: here.workspace.investigation.save_view(here.token, command)):
                st.rerun()


def series(here: Here, look: Look) -> None:
    """Draw the series; a drag across it narrows the time."""
    drawing = view.series_drawing(look, here.zone)
    layout.chart(drawing, "explore_series", on_select=lambda: _brushed(here, look), note=False)


def _brushed(here: Here, look: Look) -> None:
    boxes = st.session_state["explore_series"].selection.box
    span = moment_range(boxes[0]["x"]) if boxes else None
    if span:
        since, until = view.narrowed(span, look, here.zone)
        filters_of.choose("since", since)
        filters_of.choose("until", until)


def panels(look: Look, services: Mapping[str, str]) -> None:
    """Draw the tables; a click on a bar narrows to it, with the shift key to more than one (R-01)."""
    for row in _TABLES:
        for place, dimension in zip(st.columns(3, gap="medium"), row, strict=True):
            with place:
                _panel(look, dimension, services)


def _panel(look: Look, dimension: str, services: Mapping[str, str]) -> None:
    if dimension == "sure":
        with layout.boxed("How sure of the proposed", "panel_sure"):
            layout.chart(view.probability_drawing(look), "panel_chart_sure")
        return
    key = f"panel_chart_{dimension}"
    with layout.boxed(view.PANELS[dimension], f"panel_{dimension}"):
        drawing = view.panel_drawing(look, dimension, services)
        layout.chart(drawing, key, on_select=_picker(look, dimension, key), by="points")


def _picker(look: Look, dimension: str, key: str) -> Any:
    def pick() -> None:
        points = st.session_state[key].selection.points
        names = view.chosen_names(look, dimension, [point["point_index"] for point in points])
        if names:
            filters_of.choose(view.PANEL_PARTS[dimension], *names)

    return pick


def people(look: Look) -> None:
    """List the accounts and the served accounts with most of what is proposed."""
    for place, (title, rows, page, name) in zip(
        st.columns(2, gap="medium"),
        (
            ("Accounts with most proposed", look.accounts, "pages/account.py", "account_id"),
            ("Served most by proposed engagement", look.targets, "pages/explore.py", "target_id"),
        ),
        strict=True,
    ):
        with place, layout.boxed(title, f"top_{name}"):
            if rows.is_empty():
                layout.quiet("None under this filter.", f"none_{name}")
            for account_id, count in rows.head(10).iter_rows():
                with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                    here_too = _all_parameters() if page == "pages/explore.py" else {}
                    query = {**view.parameters(view.address(here_too)), name: account_id}
                    layout.rows_link(
                        layout.literal(layout.foreign(account_id, 40)), page, f"{name}_{account_id}", **query
                    )
                    layout.quiet(f"{count:,}", f"{name}_{account_id}", box="content")


def listing(here: Here, wanted: Filter, look: Look) -> None:
    """List the proposed engagements, newest first, page by page."""
    page = int(st.session_state.get("page") or 1)
    rows = here.workspace.explore.page(wanted, page)
    with layout.boxed("Proposed engagements, newest first", "listing"):
        if rows.is_empty():
            layout.quiet("None under this filter.", "none_listed")
            return
        services = here.workspace.services.titles()
        told = view.list_rows(rows, here.zone, services)
        said = [column for column in told.columns if told[column].null_count() < told.height]
        if cut := view.cut(look):
            layout.quiet(cut, "cut_list")
        layout.table(told, "explore_list", "Proposed engagements under the filter", column_order=said)
        st.pagination(view.pages(look), key="page", bind="query-params")


def _drop(*names: str) -> None:
    for name in names:
        filters_of.choose(name)


def _all_parameters() -> dict[str, str | list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}
