"""The parts of the model page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analytics.views import health as view
from analytics.views.moments import exact
from pages._kit import layout
from pages._kit.state import Here

_NO_VERDICTS = "No verdicts yet: this needs decided cases or labels on engagements of the log."


def facts(health: Any, place: Any) -> None:
    """Say which model it is and how much is known about it."""
    text = f"version {health.model_version}, {health.verdicts:,} engagements with a verdict"
    layout.quiet(text, "facts", place=place, box="content")


def truth(health: Any, services: Mapping[str, str]) -> None:
    """Hold the model against what people found."""
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Does a probability mean what it says?", "reliability"):
        if health.verdicts:
            layout.chart(view.reliability_drawing(health.reliability, health.calibration_error), "model_reliability")
        else:
            layout.quiet(_NO_VERDICTS, "no_reliability")
    with right, layout.boxed("Precision and recall over the threshold", "curve"):
        if health.verdicts:
            layout.chart(view.curve_drawing(health.curve), "model_curve")
        else:
            layout.quiet(_NO_VERDICTS, "no_curve")
    with layout.boxed("Recall by service", "services"):
        if health.services.is_empty():
            layout.quiet("No service has an engagement that people found inauthentic yet.", "no_services")
        else:
            layout.chart(view.services_drawing(health.services, services), "model_services")


def inside(here: Here, health: Any) -> None:
    """Show what the model leans on, and whether its inputs are still what they were."""
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("What it leans on", "weights"):
        if health.features.is_empty():
            layout.quiet("No account was explained in this run.", "no_weights")
        else:
            layout.chart(view.weights_drawing(health.features), "model_weights")
    with right, layout.boxed("Have its inputs moved?", "drift"):
        if health.before_run_id is None:
            layout.quiet("This is the only run kept; the next one will be compared with it.", "no_drift")
        else:
            rows = view.drift_rows(health.drift)
            before = f"Against the detection of {exact(health.before_at, here.zone)}."
            layout.quiet(f"{before} Below 0.10 steady, from 0.25 moved.", "drift_scale")
            layout.table(rows, "model_drift", "Features by how far they moved", height=300)
