"""The reviewed numbers of data/reference/thresholds.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.detection.bands import Thresholds
from data.errors import ConfigError
from data.records import KIND_CODES, Kind

SHIPPED = Path(__file__).parents[2] / "data" / "reference" / "thresholds.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run was made with; stored in its manifest."""

    version: str
    thresholds: Thresholds
    queue_score: float
    queue_proposed: int
    audit_share: float
    gate_engagements: int
    gate_share: float
    plain: dict[str, Any]  # Any: the file as it was read

    def scored_of(self, engagements: int) -> int:
        """How many engagements of a log of this size are scored one by one."""
        rest = max(0, engagements - self.gate_engagements)
        return min(engagements, self.gate_engagements + int(self.gate_share * rest))


def load_settings(path: Path = SHIPPED) -> Settings:
    """Read and check the file; a missing or senseless number is refused by name."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return _settings(told)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path.name} cannot be used: {error}.", "Restore it from the repository.") from error


def approved_over(shipped: Settings, approved: Mapping[str, Any]) -> Settings:
    """Lay the numbers that two people agreed on over the shipped ones; the version names the candidate."""
    changed = {name: {**shipped.plain[name], **approved.get(name, {})} for name in ("remove", "review", "queue")}
    version = f"{shipped.version}+{str(approved.get('candidate', ''))[-8:]}"
    try:
        return _settings({**shipped.plain, **changed, "version": version})
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"The approved thresholds cannot be used: {error}.", "Propose and approve another candidate."
        ) from error


def effective(settings: Settings, thresholds: Thresholds) -> dict[str, Any]:
    """What a run's manifest tells: the numbers in force, with removals as late as the model's own test asked for."""
    remove = {kind.value: thresholds.remove[KIND_CODES[kind]] for kind in Kind}
    return {**settings.plain, "remove": remove, "asked": settings.plain["remove"]}


def _settings(told: dict[str, Any]) -> Settings:
    evidence, queue, gate = told["evidence"], told["queue"], told["gate"]
    return Settings(
        version=str(told["version"]),
        thresholds=Thresholds(
            remove=_by_kind(told["remove"]),
            review=_by_kind(told["review"]),
            family_p=_share(evidence["family"]),
            family_p_poor=_share(evidence["family_in_poor_logs"]),
            lockstep_p_value=_share(evidence["lockstep_p_value"]),
            no_evidence_cap=_share(evidence["without_evidence"]),
        ),
        queue_score=_share(queue["score"]),
        queue_proposed=int(queue["proposed"]),
        audit_share=_share(queue["audit_share"]),
        gate_engagements=int(gate["engagements"]),
        gate_share=_share(gate["share"]),
        plain=told,
    )


def _by_kind(levels: dict[str, Any]) -> dict[int, float]:
    return {KIND_CODES[kind]: _share(levels[kind.value]) for kind in Kind}


def _share(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= 1.1:
        raise ValueError(f"{value} is not between 0 and 1")
    return number
