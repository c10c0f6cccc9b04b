"""The parts of the query page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.views import query as view
from analytics.views.words import Role
from analytics.workspace import ExportQuery, ProposeCases, QueryResult, SaveView
from pages._kit import layout, state
from pages._kit.state import Here

_MANY = 500


def columns() -> Any:
    return st.columns([3, 1], gap="medium")


def tables() -> None:
    """List what can be asked for."""
    with layout.boxed("Tables", "tables"):
        for name, names in view.TABLES.items():
            with st.expander(name, key=f"table_{name}"):
                layout.quiet(names, f"columns_{name}")


def kept(here: Here) -> None:
    """List saved queries and examples; choosing one writes it into the box."""
    with layout.boxed("Saved and examples", "kept"):
        for saved in here.workspace.investigation.views("query"):
            _choice(saved.name, saved.content, f"saved_{saved.view_id}")
        for name, sql in view.EXAMPLES.items():
            _choice(name, sql, f"example_{name}")


def _choice(name: str, sql: str, key: str) -> None:
    def choose() -> None:
        st.session_state["sql"] = sql

    st.button(layout.literal(name), key=key, on_click=choose, type="tertiary")


def ask(here: Here) -> QueryResult | None:
    """Lay out the box and run what is asked; the last answer of this tab stays until the next."""
    with st.form("ask", border=False):
        sql = st.text_area("One SELECT", key="sql", height=180, max_chars=20_000, label_visibility="collapsed")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            is_asked = st.form_submit_button("Run", key="run", type="primary")
            layout.quiet("Ends after ten seconds; at most 10,000 rows; every query is kept with your name.", "rules")
    if is_asked and sql.strip():
        with st.spinner("Asking…"):
            state.attempt(lambda: here.workspace.query.run(here.token, sql))
    found: QueryResult | None = here.workspace.query.last(here.token)
    if found is None:
        layout.quiet("Ask something, or take an example from the right.", "nothing_asked")
        return None
    text = view.told(found.outcome, found.message, found.rows.height, found.seconds)
    if not found.is_answered:
        st.error(layout.literal(text))
        if place := view.fault(found.message):
            st.code(place, language=None)
        return found
    layout.quiet(text, "answered")
    layout.table(view.result_rows(found.rows), "result", "The rows of the query", height=320)
    return found


def chart(found: QueryResult) -> None:
    """Draw the result where a number goes with a time or a name."""
    suited = view.suited(found.rows)
    if suited is None:
        return
    with layout.boxed("Chart", "chart"):
        with st.container(horizontal=True, gap="small"):
            names = list(found.rows.columns)
            x = st.selectbox("Across", names, index=names.index(suited.x), key="chart_x", width=220)
            y = st.selectbox("Up", names, index=names.index(suited.y), key="chart_y", width=220)
        if x != y and found.rows.schema[y].is_numeric():
            layout.chart(view.result_drawing(found.rows, x, y), "result_chart")
        else:
            layout.quiet("Choose a column with numbers to go up.", "no_chart")


def propose(here: Here, found: QueryResult) -> None:
    """Turn the accounts of the result into proposed cases; a reviewer decides, nobody else (P-12)."""
    column = found.person_column
    if column is None or Role.ANALYST not in here.who.person.roles:
        return
    names = found.rows[column].drop_nulls().unique(maintain_order=True).to_list()
    with layout.boxed("Propose for review", "propose"), st.form("propose", border=False):
        most = min(len(names), _MANY)
        count = st.number_input(
            f"The first accounts of column {column}", 1, max(most, 1), min(12, most), key="propose_count"
        )
        reason = st.text_input("What should reviewers look for?", key="propose_reason", max_chars=300)
        key = layout.once(f"propose_{found.query_id}")
        if st.form_submit_button("Propose cases", key="propose_go", disabled=not names):
            command = ProposeCases(
                idempotency_key=key, query_id=found.query_id, pseudonyms=tuple(names[: int(count)]), reason=reason
            )
            state.act(lambda: here.workspace.query.propose(here.token, command))
            st.rerun()


def export(here: Here, found: QueryResult) -> None:
    """Keep the query, or take its rows along; rows about fewer than five people stay here."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="query_keep"):
        for kind, name in (("csv", "CSV"), ("parquet", "Parquet")):
            command = ExportQuery(idempotency_key=layout.once(f"{kind}_{found.query_id}"), sql=found.sql, kind=kind)
            st.download_button(
                name,
                lambda told=command: here.workspace.query.export(here.token, told).body,
                f"query.{kind}",
                key=f"export_{kind}",
                on_click="ignore",
                help="Rows about fewer than five people are left out; the export is kept with your name.",
            )
        with st.popover("Save this query", type="tertiary", key="save_query"), st.form("save_query_form", border=False):
            name = st.text_input("Name", key="query_name", max_chars=80)
            if st.form_submit_button("Save", key="query_save"):
                told = SaveView(
                    idempotency_key=layout.once(f"save_{found.query_id}"), page="query", name=name, content=found.sql
                )
                state.act(lambda: here.workspace.investigation.save_view(here.token, told))
                st.rerun()


def history(here: Here) -> None:
    """List what was asked before; a manager sees everybody's."""
    is_manager = Role.MANAGER in here.who.person.roles
    asked = here.workspace.query.history(here.token, everybody=is_manager)
    with layout.boxed("Asked before", "history"):
        if not asked:
            layout.quiet("Nothing yet.", "no_history")
            return
        names = {here.who.person.person_id: here.who.person.name}
        layout.table(
            view.history_rows(asked, names, here.now), "query_history", "Queries, the newest first", height=260
        )
