"""Fixtures over tests/delivery_world.py; a conftest imports the ones it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.platform.connector import Connector
from tests.delivery_world import PATIENT, Clock, LocalLedger, SandboxServer


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    server = SandboxServer(tmp_path_factory.mktemp("sandbox") / "platform.sqlite")
    yield server
    server.close()


@pytest.fixture
def sandbox(running_sandbox: SandboxServer) -> Iterator[SandboxServer]:
    yield running_sandbox
    running_sandbox.behave()


@pytest.fixture
def patience() -> dict[str, float]:
    """How long the connector waits; modules in which the platform hangs have less."""
    return PATIENT


@pytest.fixture
def connector(sandbox: SandboxServer, patience: dict[str, float]) -> Iterator[Connector]:
    with sandbox.connector(**patience) as connector:
        yield connector


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LocalLedger]:
    ledger = LocalLedger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()
