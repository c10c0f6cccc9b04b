"""The parts of the operations page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.views import health as view
from pages._kit import layout
from pages._kit.state import Here


def problems(status: Any) -> None:
    """Say what needs a person, first."""
    for place, text in enumerate(status.problems):
        with st.container(key=f"problem_{place}"):
            st.warning(layout.literal(text))
    if not status.problems:
        st.success("Nothing needs a person.")


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
