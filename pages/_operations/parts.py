"""The parts of the operations page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.views import health as view
from analytics.workspace import ReviewEmergency
from pages._kit import layout, state
from pages._kit.state import Here


def problems(status: Any) -> None:
    """Say what needs a person, first."""
    for place, text in enumerate(status.problems):
        with st.container(key=f"problem_{place}"):
            st.warning(layout.literal(text))
    if not status.problems:
        st.success("Nothing needs a person.")


def emergencies(here: Here) -> None:
    """Show who signed in past the identity provider, for somebody else to look at."""
    for one in here.workspace.emergencies.listed(here.token):
        with layout.boxed("Emergency sign-in", one.emergency_id), st.form(one.emergency_id, border=False, width=640):
            layout.say(view.emergency(one, here.zone), key=f"strong_{one.emergency_id}")
            layout.quiet(view.emergency_due(one, here.now), f"due_{one.emergency_id}")
            st.text_input("What did you find?", key=f"note_{one.emergency_id}", max_chars=300)
            st.form_submit_button("I looked", on_click=_looked, args=(here, one.emergency_id))
        layout.rows_link("All they did", "pages/audit.py", f"did_{one.emergency_id}", person=one.person_id)


def _looked(here: Here, emergency_id: str) -> None:
    note = st.session_state.get(f"note_{emergency_id}") or ""
    key = layout.once(f"looked {emergency_id} {note}")
    command = ReviewEmergency(idempotency_key=key, emergency_id=emergency_id, note=note)
    state.act(lambda: here.workspace.emergencies.review(here.token, command))


def readings(here: Here, status: Any) -> None:
    """Lay out the readings."""
    with st.grid(4, gap="medium", min_column_width=220):
        for place, reading in enumerate(view.readings(status, here.now)):
            with st.container(gap=None, key=f"reading_{place}"):
                layout.say(reading.name, key=f"weight_reading_{place}")
                layout.say(reading.value, key=f"figure_value_reading_{place}")
                layout.quiet(reading.under, f"under_reading_{place}")


def room(status: Any) -> None:
    """Show the room of the disk and what takes it."""
    disk = status.disk
    with layout.boxed("Room", "room"):
        layout.say(f"{view.size(disk.free)} free of {view.size(disk.total)}.")
        if disk.taken:
            layout.table(view.disk_rows(disk.taken), "operations_disk", "Folders of the home by size", width=420)
    layout.quiet("The same figures for machines: /metrics (Prometheus) and /readyz, without personal data.", "machines")
