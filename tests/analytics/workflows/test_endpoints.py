"""The answers for machines: health and figures for the operator, and X-18 end to end over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from httpx import Client
from starlette.applications import Starlette

from analytics.workflows.endpoints import routes
from data.errors import InvalidCommandError
from data.platform import switches
from data.platform.signing import sign
from data.platform.webhooks import Incoming
from data.records import ActionKind
from tests.delivery_world import NOON, SECRET, Clock, LocalLedger, ServedApp, decide, micros

APPEAL = {"type": "appeal.filed", "decision_id": "d-1", "account_id": "a-1", "text": "It was me."}


@pytest.fixture
def taken() -> dict[str, str]:
    """Appeals taken in, by message id."""
    return {}


@pytest.fixture
def client(ledger: LocalLedger, clock: Clock, taken: dict[str, str]) -> Iterator[Client]:
    def intake(incoming: Incoming) -> str:
        if incoming.appeal.decision_id == "unknown":
            raise InvalidCommandError("There is no such decision.")
        taken.setdefault(incoming.message_id, incoming.appeal.text)
        return "The appeal is filed."

    app = Starlette(routes=routes(ledger, (SECRET,), intake, clock))
    server = ServedApp(app)
    yield server.client
    server.close()


def send(client: Client, message: dict[str, str], message_id: str = "m-1") -> int:
    body = json.dumps(message)
    return client.post("/hooks/appeals", content=body, headers=sign(SECRET, message_id, NOON, body)).status_code


def test_a_signed_appeal_is_taken_in_and_a_repeat_of_its_id_does_nothing(client: Client, taken: dict[str, str]) -> None:
    """X-18."""
    assert [send(client, APPEAL), send(client, APPEAL)] == [200, 200]
    assert send(client, APPEAL, "m-2") == 200
    assert taken == {"m-1": "It was me.", "m-2": "It was me."}


def test_what_is_not_signed_too_large_or_unknown_is_refused(client: Client, taken: dict[str, str]) -> None:
    """X-18."""
    assert client.post("/hooks/appeals", content=json.dumps(APPEAL)).status_code == 401
    assert client.post("/hooks/appeals", content=b"x" * 10_000_000).status_code == 413
    assert client.get("/hooks/appeals").status_code == 405
    assert send(client, APPEAL | {"decision_id": "unknown"}) == 422
    assert taken == {}


def test_readiness_names_what_is_stuck(client: Client, ledger: LocalLedger) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["The worker shows no sign of life."])
    with ledger.write() as connection:
        switches.beat(connection, "w", micros(NOON), {})
    assert client.get("/readyz").json() == {"status": "ok", "problems": []}
    assert client.get("/healthz").json() == {"status": "ok"}


def test_figures_are_for_this_machine_or_a_holder_of_the_token(
    client: Client, ledger: LocalLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger.write() as connection:
        decide(connection, [ActionKind.WARN])
    assert 'unbought_actions{kind="warn",state="queued"} 1.0' in client.get("/metrics").text
    for path in ("/metrics", "/readyz"):
        assert client.get(path, headers={"x-forwarded-for": "203.0.113.9"}).status_code == 403
    monkeypatch.setenv("UNBOUGHT_METRICS_TOKEN", "watch")
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer watch"}).status_code == 200
