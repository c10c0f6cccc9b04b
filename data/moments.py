"""Moments as they are stored: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Return the stored form of an aware moment, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def of_micros(value: int) -> datetime:
    """Return the moment that is stored like this, in UTC."""
    return EPOCH + timedelta(microseconds=value)
