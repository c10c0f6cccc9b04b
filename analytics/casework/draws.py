"""Chance that can be repeated: a number from what is drawn for, never from when or how often it was asked."""

from __future__ import annotations

import hashlib


def draw(purpose: str, *names: str) -> float:
    """Return an even number from 0 up to 1 that belongs to these names."""
    digest = hashlib.sha256("\x1f".join((purpose, *names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def is_drawn(share: float, purpose: str, *names: str) -> bool:
    return draw(purpose, *names) < share
