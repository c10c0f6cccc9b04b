"""Delivery settings: data/reference/delivery.toml, with single values replaced by the home's own delivery.toml."""

from __future__ import annotations

import random
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import ConfigError

REFERENCE = Path(__file__).parent.parent / "reference" / "delivery.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Removal(_Section):
    delay_seconds: float = Field(ge=0)
    jitter_seconds: float = Field(ge=0)

    def not_before(self, undo_until: datetime, rng: random.Random) -> datetime:
        """When a removal may leave: after the undo window, the delay and a random share of the jitter."""
        return undo_until + timedelta(seconds=self.delay_seconds + rng.uniform(0, self.jitter_seconds))


class Retry(_Section):
    base_seconds: float = Field(gt=0)
    cap_seconds: float = Field(gt=0)
    longest_retry_after_seconds: float = Field(ge=0)
    max_attempts: int = Field(ge=1)

    def wait_seconds(self, attempts: int, retry_after: float | None, rng: random.Random) -> float:
        """Full jitter, never shorter than what the platform asked for."""
        drawn = rng.uniform(0, min(self.cap_seconds, self.base_seconds * 2.0 ** min(attempts, 60)))
        return drawn + min(retry_after or 0.0, self.longest_retry_after_seconds)


class Claim(_Section):
    lease_seconds: float = Field(gt=0)


class Circuit(_Section):
    failures_to_open: int = Field(ge=1)
    cooling_seconds: float = Field(gt=0)
    longest_cooling_seconds: float = Field(gt=0)


class Pause(_Section):
    removals_per_hour: int = Field(ge=1)
    times_usual: float = Field(ge=1)


class Call(_Section):
    connect_seconds: float = Field(gt=0)
    read_seconds: float = Field(gt=0)
    total_seconds: float = Field(gt=0)
    longest_answer_bytes: int = Field(ge=1)


class DeliverySettings(_Section):
    """How patient, how fast and how careful the worker is."""

    removal: Removal
    retry: Retry
    claim: Claim
    circuit: Circuit
    pause: Pause
    call: Call


def load_settings(home: Path | None = None) -> DeliverySettings:
    """Read the reviewed defaults, with the home's own values over them."""
    values = tomllib.loads(REFERENCE.read_text())
    own = home / "delivery.toml" if home else None
    if own and own.exists():
        _replace(values, own)
    try:
        return DeliverySettings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"delivery.toml cannot be used: {_first(error)}.", "Correct or delete the value.") from error


def _replace(values: dict[str, Any], own: Path) -> None:
    try:
        changes = tomllib.loads(own.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{own.name} in the home folder is not TOML: {error}.", "Correct or delete it.") from error
    for section, entries in changes.items():
        if not isinstance(entries, dict):
            raise ConfigError(f"{own.name}: {section} stands outside a section.", "Put it under [retry] or a sister.")
        values.setdefault(section, {}).update(entries)


def _first(error: ValidationError) -> str:
    fault = error.errors()[0]
    return ".".join(str(part) for part in fault["loc"]) + ": " + fault["msg"]
