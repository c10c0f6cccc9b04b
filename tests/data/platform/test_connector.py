"""One call, one meaning: the table of the platform contract, met over a real socket."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from uuid6 import uuid7

from data.platform.connector import Connector, Result, classify
from data.platform.contract import action_body
from data.platform.settings import load_settings
from data.records import ActionKind
from tests.delivery_world import IMPATIENT, NOTICE, SECRET, SandboxServer


@pytest.fixture
def patience() -> dict[str, float]:
    """The platform hangs here."""
    return IMPATIENT


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        ({"answer": "status", "status": 500}, Result.UNKNOWN),
        ({"answer": "status", "status": 503}, Result.UNKNOWN),
        ({"answer": "drop"}, Result.UNKNOWN),
        ({"answer": "hang", "seconds": 0.6}, Result.UNKNOWN),
        ({"answer": "slow", "seconds": 4}, Result.UNKNOWN),
        ({"answer": "huge"}, Result.UNKNOWN),
        ({"answer": "not_json"}, Result.UNKNOWN),
        ({"answer": "no_echo"}, Result.NOT_ECHOED),
        ({"answer": "wrong_echo"}, Result.NOT_ECHOED),
        ({"answer": "status", "status": 301}, Result.REFUSED),
        ({"answer": "status", "status": 400}, Result.REFUSED),
        ({"answer": "status", "status": 410}, Result.REFUSED),
        ({"answer": "status", "status": 401}, Result.FORBIDDEN),
        ({"answer": "status", "status": 403}, Result.FORBIDDEN),
        ({"answer": "status", "status": 404}, Result.ALREADY_ABSENT),
        ({"answer": "status", "status": 408}, Result.SLOW_DOWN),
        ({"answer": "status", "status": 425}, Result.SLOW_DOWN),
        ({"answer": "status", "status": 429}, Result.SLOW_DOWN),
        ({"answer": "status", "status": 409}, Result.IN_FLIGHT),
        ({"answer": "status", "status": 422}, Result.BODY_CHANGED),
    ],
)
@pytest.mark.parametrize("applies", [True, False])
def test_every_answer_has_one_meaning_and_a_repeat_never_acts_twice(
    sandbox: SandboxServer, connector: Connector, fault: dict[str, Any], result: Result, applies: bool
) -> None:
    """C.4: whatever came back, sending again under the same id ends with exactly one effect."""
    account_id, action_id = f"account-{uuid7()}", str(uuid7())
    body = action_body(ActionKind.WARN, account_id, "d-1", notice=NOTICE)
    sandbox.misbehave(fault | {"applies": applies, "account_id": account_id})
    assert connector.send(action_id, body).result is result
    again = connector.send(action_id, body)
    while again.result is Result.IN_FLIGHT:
        again = connector.send(action_id, body)
    assert again.result is Result.DELIVERED
    assert action_id in again.receipt
    assert sandbox.effects(account_id) == {"warned": 1}


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0", 0.0), ("-5", None), ("soon", None), ("", None), ("1e9", None)]
)
def test_retry_after_in_seconds_is_read_and_nonsense_is_ignored(
    sandbox: SandboxServer, connector: Connector, header: str, seconds: float | None
) -> None:
    account_id = f"account-{uuid7()}"
    sandbox.misbehave({"answer": "status", "status": 429, "retry_after": header, "account_id": account_id})
    reply = connector.send(str(uuid7()), action_body(ActionKind.WARN, account_id, "d-1", notice=NOTICE))
    assert reply.retry_after_seconds == seconds


def test_retry_after_as_a_date_is_read(sandbox: SandboxServer, connector: Connector) -> None:
    account_id = f"account-{uuid7()}"
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    sandbox.misbehave({"answer": "status", "status": 503, "retry_after": at, "account_id": account_id})
    reply = connector.send(str(uuid7()), action_body(ActionKind.WARN, account_id, "d-1", notice=NOTICE))
    assert reply.retry_after_seconds is not None
    assert 60 < reply.retry_after_seconds <= 90


def test_nobody_listening_is_an_unknown_outcome() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with Connector(address, (SECRET,), load_settings().call) as connector:
        assert connector.send("id", "{}").result is Result.UNKNOWN


def test_proxy_variables_of_the_machine_are_not_followed(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with sandbox.connector() as connector:
        body = action_body(ActionKind.RESET_PASSWORD, f"account-{uuid7()}", "d-1")
        assert connector.send(str(uuid7()), body).result is Result.DELIVERED


def test_the_detail_of_a_refusal_repeats_no_text_of_the_platform() -> None:
    """X-24: an answer may carry names; only a short error code is kept."""
    raw = b'{"error": "account Jane Doe <jane@example.org> is unknown", "name": "Jane"}'
    assert classify("id", 400, raw).detail == "status 400"
    assert classify("id", 400, b'{"error": "bad_body"}').detail == "status 400: bad_body"


def test_an_answer_nested_too_deep_is_an_unknown_outcome() -> None:
    assert classify("id", 200, b"[" * 100_000).result is Result.UNKNOWN
