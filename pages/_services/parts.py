"""The parts of the services page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.views import services as view
from analytics.workspace import MergeService, NameService, SplitService
from pages._kit import layout, state
from pages._kit.state import Here


def wanted() -> str:
    return str(st.query_params.get("service_id", ""))[:64]


def listing(here: Here) -> None:
    """List the services, the largest first; each opens its detail."""
    services = here.workspace.services.list()
    if services.is_empty():
        layout.empty("The newest run found no service.", "Load a longer log, or one with clients and networks.")
        return
    rows = view.list_rows(services, here.workspace.services.days(), here.now)
    trend = st.column_config.LineChartColumn("Trend", help="Proposed engagements by day")
    chosen = layout.table(
        rows,
        "services_list",
        "Services with customers, catch and trend",
        on_select="rerun",
        selection_mode="single-row",
        # The id is the address of a service and nothing to read; a column that is empty throughout says nothing.
        column_order=[name for name in rows.columns if name != "Service" and _is_said(rows[name])],
        column_config={"Trend": trend},
        height="content",
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="open_service"):
        place = chosen.selection.rows[0] if chosen.selection.rows else 0
        ids = rows["Service"].to_list()
        names = dict(zip(ids, rows["Name"], strict=True))
        picked = st.selectbox("Service", ids, index=place, format_func=names.__getitem__, width=320)
        if st.button("Open", key="service_open", type="primary"):
            st.query_params["service_id"] = picked
            st.rerun()


def _is_said(values: Any) -> bool:
    return values.null_count() < values.len()


def detail(here: Here, service_id: str) -> None:
    """Lay out one service."""
    found = here.workspace.services.life(service_id)
    layout.rows_link("All services", "pages/services.py", "all_services")
    if found is None:
        layout.empty("The newest run does not know this service.", "Choose one from the list.")
        return
    with st.container(horizontal=True, gap="medium", key="service_head"):
        with st.container(gap=None):
            layout.say(view.name_of(found.header), key="strong_service")
            for place, text in enumerate(view.facts(found.header, here.now)):
                layout.say(text, key=f"fact_{place}")
        _names(here, found)
    _charts(found)
    with layout.boxed("Customers and whom they were made to serve", "picture"):
        layout.chart(view.picture_drawing(here.workspace.services.picture(service_id), found.name), "service_picture")
    _members(here, found)


def _names(here: Here, found: Any) -> None:
    """Let a person name the service, join it to another, or take that back; each is kept with their name."""
    with st.container(key="service_names", width=360, gap="small"):
        with st.form("name_service", border=False):
            name = st.text_input("Name", value=found.name if found.is_named else "", key="service_name", max_chars=80)
            key = layout.once(f"name_{found.service_id}_{found.name}")
            if st.form_submit_button("Name it", key="service_name_go"):
                command = NameService(idempotency_key=key, service_id=found.service_id, name=name)
                state.act(lambda: here.workspace.investigation.name_service(here.token, command))
                st.rerun()
        with st.popover("Merge or split", type="tertiary", key="service_merge"):
            _merge(here, found)


def _merge(here: Here, found: Any) -> None:
    merged = found.header["merged_into"]
    key = layout.once(f"merge_{found.service_id}_{merged}")
    if merged:
        whole = here.workspace.services.titles().get(merged, merged)
        layout.say(f"Counts as part of {layout.foreign(whole, 60)}.")
        command = SplitService(idempotency_key=key, service_id=found.service_id)
        run = here.workspace.investigation.split_service
        st.button(
            "Let it stand alone again",
            key="service_split",
            on_click=lambda: state.act(lambda: run(here.token, command)),
        )
        return
    titles = {one: layout.foreign(name, 60) for one, name in here.workspace.services.titles().items()}
    others = [one for one in titles if one != found.service_id]
    with st.form("merge_service", border=False):
        into = st.selectbox("It is really part of", others, format_func=titles.__getitem__, key="service_into")
        if st.form_submit_button("Merge", key="service_merge_go", disabled=not others):
            told = MergeService(idempotency_key=key, service_id=found.service_id, into=str(into))
            state.act(lambda: here.workspace.investigation.merge_service(here.token, told))
            st.rerun()


def _charts(found: Any) -> None:
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Rhythm, UTC", "rhythm"):
        layout.chart(view.rhythm_drawing(found.hours, found.name), "service_rhythm")
    with right, layout.boxed("Customers joining and leaving", "flow"):
        layout.chart(view.flow_drawing(found.flow), "service_flow")
    left, middle, right = st.columns(3, gap="medium")
    with left, layout.boxed("Networks by week", "networks"):
        layout.chart(view.networks_drawing(found.networks), "service_networks")
    with middle, layout.boxed("Countries of the accounts served", "countries"):
        layout.chart(view.countries_drawing(found.countries), "service_countries")
    with right, layout.boxed("After each week of enforcement", "waves"):
        if found.waves.is_empty():
            layout.quiet("No customer of it was confirmed yet.", "no_waves")
        else:
            layout.chart(view.waves_drawing(found.waves), "service_waves")


def _members(here: Here, found: Any) -> None:
    with layout.boxed(f"Customers ({found.members.height:,})", "members"):
        rows = view.member_rows(found.members, here.zone)
        chosen = layout.table(
            rows,
            "service_members",
            "Customers, the busiest first",
            on_select="rerun",
            selection_mode="single-row",
            height=320,
        )
        if rows.height:
            place = chosen.selection.rows[0] if chosen.selection.rows else 0
            account_id = found.members["account_id"][place]
            text = f"Open account {layout.foreign(account_id, 40)}"
            layout.rows_link(layout.literal(text), "pages/account.py", "member", account_id=account_id)
