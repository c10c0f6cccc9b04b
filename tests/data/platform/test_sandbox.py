"""The sandbox platform keeps the contract: signed calls, one effect an id, effects in order, faults on demand."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from uuid6 import uuid7

from data.platform.contract import action_body
from data.platform.signing import sign
from data.records import ActionKind
from tests.delivery_world import NOON, NOTICE, SECRET, SandboxServer


def post(sandbox: SandboxServer, action_id: str, body: str, **headers: str) -> httpx.Response:
    signed = sign(SECRET, action_id, datetime.now(UTC), body) | headers
    return httpx.post(f"{sandbox.address}/v1/actions", content=body, headers=signed, trust_env=False, timeout=5)


def act(sandbox: SandboxServer, kind: ActionKind, account_id: str, **more: Any) -> dict[str, Any]:
    body = action_body(kind, account_id, "d-1", **more)
    answer: dict[str, Any] = post(sandbox, str(uuid7()), body).raise_for_status().json()
    return answer


@pytest.fixture
def account() -> str:
    return f"account-{uuid7()}"


def test_the_same_id_and_body_get_the_same_receipt_and_no_second_effect(sandbox: SandboxServer, account: str) -> None:
    body = action_body(ActionKind.WARN, account, "d-1", notice=NOTICE)
    action_id = str(uuid7())
    answers = [post(sandbox, action_id, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json()["id"] == action_id
    assert answers[0].content == answers[1].content == answers[2].content
    assert sandbox.effects(account) == {"warned": 1}


def test_the_same_id_with_another_body_is_refused_without_effect(sandbox: SandboxServer, account: str) -> None:
    action_id = str(uuid7())
    post(sandbox, action_id, action_body(ActionKind.WARN, account, "d-1", notice=NOTICE)).raise_for_status()
    other = post(sandbox, action_id, action_body(ActionKind.SUSPEND, account, "d-1", ends_at=NOON))
    assert other.status_code == 422
    assert sandbox.effects(account) == {"warned": 1}


def test_a_second_call_while_the_first_is_in_flight_is_told_so(sandbox: SandboxServer, account: str) -> None:
    sandbox.misbehave({"answer": "hang", "applies": True, "seconds": 0.5, "account_id": account})
    action_id, body = str(uuid7()), action_body(ActionKind.WARN, account, "d-1", notice=NOTICE)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(post, sandbox, action_id, body)
        while not sandbox.effects(account):
            pass
        assert post(sandbox, action_id, body).status_code == 409
        assert first.result().status_code == 200
    assert sandbox.effects(account) == {"warned": 1}


def test_a_reset_revokes_sessions_before_the_password_and_the_link(sandbox: SandboxServer, account: str) -> None:
    act(sandbox, ActionKind.RESET_PASSWORD, account)
    assert sandbox.order_of_effects(account) == ["sessions_revoked", "password_reset", "link_sent"]


def test_every_reversal_takes_its_action_back(sandbox: SandboxServer, account: str) -> None:
    act(sandbox, ActionKind.REMOVE_ENGAGEMENTS, account, engagement_ids=("like-1", "like-2", "like-3"))
    act(sandbox, ActionKind.LIMIT, account, ends_at=NOON)
    act(sandbox, ActionKind.SUSPEND, account, ends_at=NOON)
    standing = sandbox.get(f"/v1/accounts/{account}")
    assert standing["removed"] == ["like-1", "like-2", "like-3"]
    assert (standing["is_limited"], standing["is_suspended"]) == (True, True)
    act(sandbox, ActionKind.RESTORE_ENGAGEMENTS, account, engagement_ids=("like-1", "like-3"))
    act(sandbox, ActionKind.LIFT_LIMIT, account)
    act(sandbox, ActionKind.REINSTATE, account)
    standing = sandbox.get(f"/v1/accounts/{account}")
    assert (standing["removed"], standing["restored"]) == (["like-2"], ["like-1", "like-3"])
    assert (standing["is_limited"], standing["is_suspended"]) == (False, False)
    counters = sandbox.get("/v1/effects", account_id=account)
    assert counters["engagements"] == {"engagements_removed": 3, "engagements_restored": 2}


def test_a_target_that_is_gone_is_404_and_a_half_gone_chunk_says_how_many(sandbox: SandboxServer, account: str) -> None:
    sandbox.misbehave(absent_engagements=[f"{account}-gone"], absent_accounts=[f"{account}-left"])
    kind = ActionKind.REMOVE_ENGAGEMENTS
    gone = action_body(kind, account, "d-1", engagement_ids=(f"{account}-gone",))
    assert post(sandbox, str(uuid7()), gone).status_code == 404
    left = action_body(ActionKind.RESET_PASSWORD, f"{account}-left", "d-1")
    assert post(sandbox, str(uuid7()), left).status_code == 404
    half = act(sandbox, kind, account, engagement_ids=(f"{account}-gone", "like-1"))
    assert (half["engagements"], half["absent"]) == (1, 1)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"webhook-signature": ""}, 401),
        ({"webhook-signature": "v1,AAAA"}, 401),
        ({"webhook-signature": "not a signature"}, 401),
        ({"webhook-id": "another"}, 401),
        ({"webhook-timestamp": "soon"}, 401),
    ],
)
def test_an_unsigned_or_wrongly_signed_call_changes_nothing(
    sandbox: SandboxServer, account: str, change: dict[str, str], status: int
) -> None:
    body = action_body(ActionKind.WARN, account, "d-1", notice=NOTICE)
    assert post(sandbox, str(uuid7()), body, **change).status_code == status
    assert sandbox.effects(account) == {}


def test_a_right_but_old_signature_changes_nothing(sandbox: SandboxServer, account: str) -> None:
    body = action_body(ActionKind.WARN, account, "d-1", notice=NOTICE)
    old = sign(SECRET, str(uuid7()), datetime.now(UTC) - timedelta(minutes=6), body)
    answer = httpx.post(f"{sandbox.address}/v1/actions", content=body, headers=old, trust_env=False)
    assert answer.status_code == 400
    assert sandbox.effects(account) == {}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '{"kind":"warn"}',
        '{"account_id":"a","kind":"erase"}',
        '{"account_id":"a","kind":"warn","engagement_ids":["1"]}',
        '{"account_id":"a","kind":"remove_engagements"}',
        '{"account_id":"a","kind":"remove_engagements","engagement_ids":["1","1"]}',
        '{"account_id":"a","kind":"limit","ends_at":"2026-01-01T00:00:00"}',
        json.dumps({"account_id": "a", "kind": "remove_engagements", "engagement_ids": [str(n) for n in range(1_001)]}),
    ],
)
def test_a_body_that_breaks_the_contract_is_400(sandbox: SandboxServer, body: str) -> None:
    assert post(sandbox, str(uuid7()), body).status_code == 400


def test_a_body_over_the_cap_is_413(sandbox: SandboxServer) -> None:
    assert post(sandbox, str(uuid7()), "x" * 1_000_001).status_code == 413


def test_a_fault_is_used_up_and_meets_only_the_requests_it_names(sandbox: SandboxServer, account: str) -> None:
    sandbox.misbehave({"answer": "status", "status": 502, "kind": "warn", "account_id": account})
    act(sandbox, ActionKind.RESET_PASSWORD, account)
    act(sandbox, ActionKind.WARN, f"{account}-other", notice=NOTICE)
    warn = action_body(ActionKind.WARN, account, "d-1", notice=NOTICE)
    assert [post(sandbox, "warn-" + account, warn).status_code for _ in range(2)] == [502, 200]


def test_an_unknown_fault_is_refused(sandbox: SandboxServer) -> None:
    answer = httpx.post(f"{sandbox.address}/v1/faults", json={"faults": [{"answer": "explode"}]}, trust_env=False)
    assert answer.status_code == 400
    assert sandbox.get("/v1/faults") == {"faults": []}
