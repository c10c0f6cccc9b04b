"""Secrets are made once per home and readable by the owner alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.errors import ConfigError
from data.platform.secret_files import cookie_secret, webhook_secrets


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    first = webhook_secrets(tmp_path)
    assert first == webhook_secrets(tmp_path)
    assert first[0].startswith("whsec_")
    assert cookie_secret(tmp_path) not in first
    assert (tmp_path / "secrets" / "webhook").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_two_homes_share_no_secret(tmp_path: Path) -> None:
    assert cookie_secret(tmp_path / "a") != cookie_secret(tmp_path / "b")


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: webhook_secrets(tmp_path), range(50)))) == 1
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["webhook"]


def test_an_environment_variable_replaces_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBOUGHT_WEBHOOK_SECRET", "whsec_bmV3 whsec_b2xk")
    assert webhook_secrets(tmp_path) == ("whsec_bmV3", "whsec_b2xk")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    webhook_secrets(tmp_path)
    (tmp_path / "secrets" / "webhook").write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        webhook_secrets(tmp_path)
