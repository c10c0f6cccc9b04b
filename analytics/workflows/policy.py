"""The reviewed rules of data/reference/policy.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from analytics.casework.policy import Policy, parse_policy
from data.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "data" / "reference" / "policy.toml"


@cache
def load_policy(path: Path = SHIPPED) -> Policy:
    """Read and check the file."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be used: {error}.", "Restore it from the repository.") from error
    return parse_policy(told)
