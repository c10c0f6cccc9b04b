"""One line per step, key=value, on standard error; whatever could name a person or open a door is taken out (X-24)."""

from __future__ import annotations

import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

HIDDEN = "(hidden)"
_TELLING = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\w@])@[\w.]{2,30}"),
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    re.compile(r"(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]+:){7})[0-9a-f:]{6,}(?![\w:])", re.IGNORECASE),
    re.compile(r"\bwhsec_[\w+/=]+"),
    re.compile(r"(?i)\bbearer\s+\S+"),
)
# A value under such a name is never written, whatever it is.
_SECRET_NAMES = re.compile(r"(?i)token|secret|password|cookie|handle|authorization|email")
Event = MutableMapping[str, Any]


def configure() -> None:
    """Set logging up for this process; called once by every entry point."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=True),
        ],
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """Take out of every value what could name a person or open a door."""
    return {name: HIDDEN if _SECRET_NAMES.search(name) else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:  # Any: whatever is logged
    if not isinstance(value, str):
        return value if isinstance(value, int | float | bool) or value is None else _clean(str(value))
    for telling in _TELLING:
        value = telling.sub(HIDDEN, value)
    return value
