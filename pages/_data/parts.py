"""The parts of the data page. The address names the upload, so that a reload goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from analytics.views import loading as view
from analytics.workflows.loading import StartLoad
from pages._kit import layout, state
from pages._kit.state import Here

_UPLOAD = "upload"
_MOST_MB = 25


def snapshots(here: Here) -> None:
    """List what is stored, the newest first."""
    with layout.boxed("Loaded logs, newest first", "snapshots"):
        found = here.workspace.loading.snapshots(here.token)
        if not found:
            layout.quiet("Nothing is loaded yet.", "no_snapshots")
            return
        layout.table(view.snapshot_rows(found, here.zone), "snapshot_rows", "Loaded logs with what they hold")


def bring(here: Here) -> None:
    """Take files, or the name of a folder on the machine."""
    with layout.boxed("Load a log", "bring"), st.container(horizontal=True, gap="medium"):
        with st.form("bring_files", border=False, width=460):
            files = st.file_uploader(
                "Parquet, CSV or JSONL: at most 5 files and 25 MB",
                type=["parquet", "pq", "csv", "jsonl", "ndjson"],
                accept_multiple_files=True,
                max_upload_size=_MOST_MB,
                key="files",
            )
            if _is_asked("Look at the files", "look_files", files, "Choose at least one file first."):
                _go(lambda: here.workspace.loading.receive(here.token, [(one.name, one.getvalue()) for one in files]))
        with st.form("bring_folder", border=False, width=460):
            name = st.text_input("Or a folder in the inbox of the machine", key="folder", max_chars=300)
            layout.quiet(f"The inbox is {here.workspace.loading.inbox}.", "inbox")
            hint = "Write the name of a folder in the inbox first."
            if _is_asked("Look at the folder", "look_folder", name.strip(), hint):
                _go(lambda: here.workspace.loading.point(here.token, name))


def _is_asked(words: str, key: str, chosen: Any, hint: str) -> bool:
    """Lay out the button of a form; pressed with nothing chosen it says what to choose."""
    is_pressed = st.form_submit_button(words, key=key)
    if is_pressed and not chosen:
        st.warning(hint)
    return is_pressed and bool(chosen)


def _go(take: Any) -> None:
    found = state.attempt(take)
    if found is not None:
        st.query_params[_UPLOAD] = found.upload_id
    st.rerun()


def upload(here: Here) -> None:
    """Show the upload of the address: its first rows, how to read it, and how its load goes."""
    upload_id = st.query_params.get(_UPLOAD)
    if not upload_id:
        return
    if here.workspace.loading.state(here.token, upload_id).state != "waiting":
        _load(here, upload_id)
        return
    files = here.workspace.loading.look(here.token, upload_id)
    for place, one in enumerate(files):
        with layout.boxed(f"{layout.literal(layout.foreign(one.name, 80))}: its first rows", f"sample_{place}"):
            layout.table(view.sample_rows(one), f"sample_rows_{place}", "The first rows of the file", height=200)
    _choose(here, upload_id, files)


def _choose(here: Here, upload_id: str, files: Sequence[Any]) -> None:
    """Say how the columns are to be read, then load."""
    plain = view.is_plain(files)
    with layout.boxed("How to read it", "mapping"):
        if plain:
            layout.say("These columns follow the input contract; nothing needs to be said.")
        is_mapped = st.toggle("Say what the columns are", value=not plain, key="is_mapped")
        mapping = _mapping(files) if is_mapped else ""
        skip = st.checkbox("Leave out rows that cannot be used, and count them", key="skip_bad_rows")
        command = StartLoad(
            idempotency_key=layout.once(f"load_{upload_id}_{mapping}_{skip}"),
            upload_id=upload_id,
            mapping=mapping,
            skip_bad_rows=skip,
        )
        # Not as a callback: that would load with the choices of the run before.
        if st.button("Load", key="load", type="primary"):
            _start(here, command)
            st.rerun()


def _start(here: Here, command: StartLoad) -> None:
    state.act(lambda: here.workspace.loading.start(here.token, command))


def _mapping(files: Sequence[Any]) -> str:
    names = list(dict.fromkeys(name for one in files for name in one.columns))
    with st.container(horizontal=True, gap="small"):
        table = st.selectbox("These rows are", view.TABLES, index=1, key="mapped_table", width=200)
        time = st.selectbox(
            "Times are written as", list(view.TIMES), format_func=view.TIMES.__getitem__, key="mapped_time", width=260
        )
        zone = st.text_input("Zone of times without one", key="mapped_zone", placeholder="Europe/Berlin", width=220)
    columns = {}
    with st.grid(4, gap="small", min_column_width=220):
        for column in view.fields(table):
            among = view.options(column, names)
            columns[column.name] = st.selectbox(
                column.name + (" (needed)" if column.required else ""),
                among,
                index=among.index(view.likely(column, names)),
                format_func=_shown,
                key=f"map_{table}_{column.name}",
            )
    written = view.mapping_text(view.Chosen(table=table, columns=columns, time=time, zone=zone.strip()), names)
    with st.expander("As a mapping file", key="mapping_text"):
        st.code(written, language="toml")
    return written


@st.fragment(run_every=1.0)
def _load(here: Here, upload_id: str) -> None:
    """Say how the load goes; the page is drawn anew when it ends."""
    found = here.workspace.loading.state(here.token, upload_id)
    with layout.boxed("Loading", "load_state"):
        if found.is_running:
            st.progress(found.share, text=layout.literal(view.told(found)))
            st.session_state["load_seen"] = upload_id
            return
        if st.session_state.pop("load_seen", None) == upload_id:
            st.rerun()
        (st.success if found.state == "loaded" else st.error)(layout.literal(view.told(found)))
        if found.faults:
            layout.table(view.fault_rows(found.faults), "fault_rows", "Faults by file and line")
        if found.state == "loaded":
            layout.quiet("The next detection looks at it.", "after_load")
        st.button("Load another log", key="another", on_click=_forget)


def _forget() -> None:
    st.query_params.pop(_UPLOAD, None)


def _shown(option: str) -> str:
    return layout.literal(view.shown(option))
