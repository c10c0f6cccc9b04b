"""The periods a reader can choose, by the words that stand in the address."""

from __future__ import annotations

from datetime import datetime, timedelta

_SPANS = {"7 days": 7, "28 days": 28, "90 days": 90, "a year": 365}
THIS_MONTH, LAST_MONTH = "this month", "last month"
NAMES = (*_SPANS, THIS_MONTH, LAST_MONTH)
USUAL = "28 days"


def span_of(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the half-open span of a period; the running hour counts whole, so that one hour asks one question."""
    until = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if name == THIS_MONTH:
        return first, until
    if name == LAST_MONTH:
        return (first - timedelta(days=1)).replace(day=1), first
    return until - timedelta(days=_SPANS.get(name, _SPANS[USUAL])), until
