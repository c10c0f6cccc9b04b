"""The prepared home, built once for all tests that need a world at work."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.browser.prepared import prepare  # noqa: PLC0415 - imports the whole product

    return prepare(tmp_path_factory.mktemp("prepared") / "home")
