"""Standard Webhooks signatures, for both directions: what we send and what is sent to us."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from data.errors import UnboughtError

TOLERANCE = timedelta(minutes=5)


class SignatureError(UnboughtError):
    """The message does not carry a signature of ours."""


class StaleSignatureError(UnboughtError):
    """The signature is right, but of another time."""


def sign(secret: str, message_id: str, at: datetime, body: str) -> dict[str, str]:
    """Make the three headers that prove a message comes from a holder of the secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at.astimezone(UTC), body),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return the message id, once any of the secrets signed exactly this body within five minutes of now."""
    message_id, stamp, signatures = (_header(headers, name) for name in ("id", "timestamp", "signature"))
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise SignatureError("The webhook-timestamp header is not a whole number of seconds.")
    at = datetime.fromtimestamp(int(stamp), UTC)
    if not any(_matches(secret, message_id, at, body, signatures) for secret in secrets):
        raise SignatureError("The signature does not match.")
    if abs(now - at) > TOLERANCE:
        raise StaleSignatureError("The message was signed more than five minutes away from now.")
    return message_id


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"webhook-{name}", "")
    if not value or len(value) > 1_000:
        raise SignatureError(f"The webhook-{name} header is missing or too long.")
    return value


def _matches(secret: str, message_id: str, at: datetime, body: bytes, signatures: str) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    expected = _decoded(Webhook(secret).sign(message_id, at, text))
    return any(hmac.compare_digest(expected, _decoded(given)) for given in signatures.split() if given[:3] == "v1,")


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""
