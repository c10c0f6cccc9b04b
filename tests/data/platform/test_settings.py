"""Delivery settings come from the reviewed file, with single values replaced by the home."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from data.errors import ConfigError
from data.platform.settings import load_settings
from tests.delivery_world import NOON


def test_a_home_replaces_single_values(tmp_path: Path) -> None:
    (tmp_path / "delivery.toml").write_text("[retry]\nmax_attempts = 3\n")
    own, usual = load_settings(tmp_path), load_settings()
    assert own.retry.max_attempts == 3
    assert own.retry.cap_seconds == usual.retry.cap_seconds
    assert own.removal == usual.removal


@pytest.mark.parametrize("text", ["[retry]\nmax_attempts = 0", "[retry]\nspeed = 1", "retry = 3", "[retry", "\xff"])
def test_a_wrong_value_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "delivery.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"delivery\.toml"):
        load_settings(tmp_path)


def test_removals_are_delayed_and_spread_by_default() -> None:
    """A service must not be able to tell a removal from the step that caused it."""
    removal = load_settings().removal
    waits = [removal.not_before(NOON, random.Random(seed)) - NOON for seed in range(200)]
    assert min(waits) >= timedelta(seconds=removal.delay_seconds) >= timedelta(minutes=5)
    assert max(waits) - min(waits) > timedelta(seconds=removal.jitter_seconds * 0.9) > timedelta(minutes=30)


def test_waits_grow_to_the_cap_and_never_undercut_what_the_platform_asks() -> None:
    retry = load_settings().retry
    rng = random.Random(1)
    assert all(retry.wait_seconds(1, None, rng) <= 2 * retry.base_seconds for _ in range(100))
    assert all(retry.wait_seconds(10_000, None, rng) <= retry.cap_seconds for _ in range(100))
    assert all(retry.wait_seconds(tries, 45.0, rng) >= 45.0 for tries in range(1, 100))
    assert len({retry.wait_seconds(5, None, rng) for _ in range(100)}) == 100
