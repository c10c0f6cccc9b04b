"""The sandbox platform as a process of its own keeps its promises across a kill."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from data.platform.connector import Connector, Result
from data.platform.contract import action_body
from data.platform.secret_files import webhook_secrets
from data.platform.settings import load_settings
from data.records import ActionKind
from tests.process.processes import kill, start, until

pytestmark = pytest.mark.process


def is_up(home: Path, address: str | None = None) -> str | None:
    file = home / "sandbox" / "address"
    if not file.exists() or file.read_text().strip() == address:
        return None
    found = file.read_text().strip()
    try:
        return found if httpx.get(f"{found}/v1/health", trust_env=False).is_success else None
    except httpx.TransportError:
        return None


def test_a_receipt_outlives_the_platform_process(tmp_path: Path) -> None:
    body = action_body(ActionKind.RESET_PASSWORD, "account-1", "d-1")
    address, receipts = None, []
    for _ in range(2):
        process = start("-m", "data.platform.sandbox", "--home", str(tmp_path), home=tmp_path, log=tmp_path / "log")
        try:
            address = until(lambda before=address: is_up(tmp_path, before))
            with Connector(address, webhook_secrets(tmp_path), load_settings().call) as connector:
                reply = connector.send("action-1", body)
            assert reply.result is Result.DELIVERED
            receipts.append(reply.receipt)
            counters = httpx.get(f"{address}/v1/effects", trust_env=False).json()["accounts"]["account-1"]
        finally:
            kill(process)
    assert receipts[0] == receipts[1]
    assert counters == {"sessions_revoked": 1, "password_reset": 1, "link_sent": 1}
