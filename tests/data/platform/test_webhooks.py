"""T-10, X-18: a message from outside counts only when it is signed, fresh, whole and of the expected shape."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from data.platform.signing import sign
from data.platform.webhooks import WebhookError, read_webhook
from tests.delivery_world import NOON, SECRET

OLD_SECRET = "whsec_" + base64.b64encode(b"the secret before the last change").decode()
APPEAL = {"type": "appeal.filed", "decision_id": "d-1", "account_id": "a-1", "text": "It was me."}
BODY = json.dumps(APPEAL)


def status_of(headers: dict[str, str], body: bytes) -> int:
    try:
        read_webhook((SECRET, OLD_SECRET), headers, body, NOON)
    except WebhookError as error:
        return error.status
    return 200


def test_a_signed_message_is_read() -> None:
    incoming = read_webhook((SECRET,), sign(SECRET, "m-1", NOON, BODY), BODY.encode(), NOON)
    assert (incoming.message_id, incoming.appeal.decision_id, incoming.appeal.text) == ("m-1", "d-1", "It was me.")


def test_while_a_secret_is_changed_both_are_known() -> None:
    assert status_of(sign(OLD_SECRET, "m-1", NOON, BODY), BODY.encode()) == 200
    stranger = "whsec_" + base64.b64encode(b"somebody else's secret, 32 bytes").decode()
    assert status_of(sign(stranger, "m-1", NOON, BODY), BODY.encode()) == 401


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_a_header_it_is_refused(missing: str) -> None:
    headers = sign(SECRET, "m-1", NOON, BODY)
    del headers[missing]
    assert status_of(headers, BODY.encode()) == 401


@pytest.mark.parametrize("signature", ["v1,", "v1,AAAA", "AAAA", "v2,AAAA", "v1,é", ",", "v1," + "A" * 2_000])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    assert status_of(sign(SECRET, "m-1", NOON, BODY) | {"webhook-signature": signature}, BODY.encode()) == 401


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_a_changed_header_is_refused(name: str) -> None:
    headers = sign(SECRET, "m-1", NOON, BODY)
    assert status_of(headers | {name: headers[name] + "1"}, BODY.encode()) == 401


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_right_signature_of_another_time_is_refused(minutes: int) -> None:
    assert status_of(sign(SECRET, "m-1", NOON + timedelta(minutes=minutes), BODY), BODY.encode()) == 400


def test_one_changed_byte_is_refused() -> None:
    assert status_of(sign(SECRET, "m-1", NOON, BODY), BODY.replace("me", "us").encode()) == 401


def test_ten_megabytes_are_refused_unread() -> None:
    assert status_of({}, b"x" * 10_000_000) == 413


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        BODY.replace("appeal.filed", "decision.made"),
        BODY[:-1] + ', "text": "Another text."}',
        json.dumps(APPEAL | {"role": "admin"}),
        json.dumps(APPEAL | {"text": ""}),
        json.dumps(APPEAL | {"text": "x" * 10_001}),
        json.dumps(APPEAL | {"text": 5}),
        '{"text":' * 1_000 + "1" + "}" * 1_000,
        "[" * 100_000,
    ],
)
def test_a_signed_message_of_another_shape_is_refused(body: str) -> None:
    assert status_of(sign(SECRET, "m-1", NOON, body), body.encode()) == 400


def test_bytes_that_are_not_text_are_refused() -> None:
    assert status_of(sign(SECRET, "m-1", NOON, "x"), b"\xff\xfe") == 401
