"""Stored reasons as sentences, each with its weight in a word."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.views.text import plain
from analytics.views.words import STRENGTHS
from data.records import Direction, Evidence


def sentences(evidence: Sequence[Evidence], direction: Direction) -> tuple[str, ...]:
    """Write the reasons of one direction in their order; what was not seen has no weight."""
    found = [one for one in evidence if one.direction is direction]
    if direction is Direction.NOT_SEEN:
        return tuple(plain(one.sentence, 300) for one in found)
    return tuple(f"{STRENGTHS[one.strength]}: {plain(one.sentence, 300)}" for one in found)
