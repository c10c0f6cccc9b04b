"""Times in the reader's words: how long ago, how long still, and the exact moment in their zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.views.text import NOTHING
from data import moments as stored

_STEPS = ((365 * 86_400, "y"), (30 * 86_400, "mo"), (86_400, "d"), (3_600, "h"), (60, "min"))


def zone_named(name: str | None) -> ZoneInfo:
    """Return the reader's zone, or UTC where their browser names none that is known."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def span(length: timedelta) -> str:
    """Write a length in its largest whole unit: `4 y`, `3 h`, `40 s`."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in _STEPS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def morning_after(days: int, now: datetime, zone: ZoneInfo) -> datetime:
    """Return eight in the morning, so many days on, where the reader is."""
    there = now.astimezone(zone) + timedelta(days=days)
    return there.replace(hour=8, minute=0, second=0, microsecond=0).astimezone(UTC)


def whole_day(which: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a day begins and when the next one does, where the reader is."""
    begins = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (which, which + timedelta(days=1)))
    since, until = (one.astimezone(UTC) for one in begins)
    return since, until


def ago(at: datetime | None, now: datetime) -> str:
    """Write `3 h ago`; a dash for no moment."""
    if at is None:
        return NOTHING
    if at > now:
        return f"in {span(at - now)}"
    return "now" if now - at < timedelta(seconds=5) else f"{span(now - at)} ago"


def passed(at: datetime | None, now: datetime) -> str:
    """Write how long ago something was done; what was done while the page was being drawn was done just now."""
    return "just now" if at is not None and now - at < timedelta(seconds=5) else ago(at, now)


def day(at: datetime | None, zone: ZoneInfo) -> str:
    """Write `3 Nov 2026`."""
    return NOTHING if at is None else f"{at.astimezone(zone).day} {at.astimezone(zone):%b %Y}"


def short_day(at: datetime | None, zone: ZoneInfo) -> str:
    """Write `3 Nov`, for a moment of the last year."""
    return NOTHING if at is None else f"{at.astimezone(zone).day} {at.astimezone(zone):%b}"


def exact(at: datetime | None, zone: ZoneInfo) -> str:
    """Write `3 Nov 2026 02:14:07`."""
    return NOTHING if at is None else f"{day(at, zone)} {at.astimezone(zone):%H:%M:%S}"


def second(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """Write `3 Nov 02:14:07`, with the year where it is not this one."""
    if at is None:
        return NOTHING
    there = at.astimezone(zone)
    if there.year != now.astimezone(zone).year:
        return exact(at, zone)
    return f"{there.day} {there:%b %H:%M:%S}"


def minute(at: datetime | None, zone: ZoneInfo) -> str:
    """Write `3 Nov 02:14`."""
    return NOTHING if at is None else f"{short_day(at, zone)} {at.astimezone(zone):%H:%M}"


def clock(length: timedelta) -> str:
    """Write what is left as `9:12`; never below zero."""
    seconds = max(0, int(length.total_seconds()))
    hours, rest = divmod(seconds, 3_600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def of_micros(value: int | None) -> datetime | None:
    """Return the moment of a stored time."""
    return None if value is None else stored.of_micros(value)
