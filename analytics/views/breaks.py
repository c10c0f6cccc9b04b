"""When to suggest a break: counted for the person's own eyes, kept nowhere (U-14, S-07)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from analytics.views.text import counted

MOST_CASES = 150
_LATER = timedelta(minutes=15)
_LATER_CASES = 25
# Who does nothing at the desk for so long has had a break already.
_AWAY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sitting:
    """How long somebody has been at the desk without a break, and how many cases they went through."""

    since: datetime
    seen_at: datetime
    cases: int = 0
    not_before: datetime | None = None
    most: int = MOST_CASES

    @classmethod
    def begun(cls, now: datetime) -> Sitting:
        return cls(now, now)

    def seen(self, now: datetime) -> Sitting:
        """Return the sitting as it goes on, or a new one after a pause."""
        return Sitting.begun(now) if now - self.seen_at >= _AWAY else replace(self, seen_at=now)

    def after_a_case(self) -> Sitting:
        return replace(self, cases=self.cases + 1)

    def later(self, now: datetime) -> Sitting:
        """Return the sitting with the suggestion put off; as often as one likes."""
        return replace(self, not_before=now + _LATER, most=max(self.most, self.cases) + _LATER_CASES)


def is_due(sitting: Sitting, now: datetime, minutes: int) -> bool:
    """Whether to suggest a break; never when the person turned it off (no minutes)."""
    if not minutes or (sitting.not_before is not None and now < sitting.not_before):
        return False
    return now - sitting.since >= timedelta(minutes=minutes) or sitting.cases >= sitting.most


def suggestion(sitting: Sitting, now: datetime) -> str:
    """Write how long it has been."""
    minutes = int((now - sitting.since).total_seconds() // 60)
    return f"{counted(minutes, 'minute')} and {counted(sitting.cases, 'case')} without a break. A short one helps."
