"""Coordination: which accounts act together beyond chance and beyond shared interest, and in which engagements."""

from analytics.detection.coordination.coordinate import CoordinationResult, coordinate
from analytics.detection.coordination.settings import CoordinationSettings

__all__ = ["CoordinationResult", "CoordinationSettings", "coordinate"]
