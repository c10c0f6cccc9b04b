"""Which service made which sessions, for the detection line."""

from __future__ import annotations

import polars as pl

from analytics.detection.service_naming import SERVICE_MEMBER_SCHEMA, SERVICE_SCHEMA
from analytics.detection.services import Hints, ServiceResult, attribute_sessions

__all__ = ["SERVICE_MEMBER_SCHEMA", "SERVICE_SCHEMA", "Attribution", "Hints", "attribute"]

# `sessions`: session_key and service_id of the sessions that a service made.
Attribution = ServiceResult


def attribute(sessions: pl.DataFrame, hints: Hints | None = None, *, seed: int) -> Attribution:
    """Cluster the sessions that look like a service's."""
    return attribute_sessions(sessions, hints, seed=seed)
