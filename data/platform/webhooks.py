"""What the platform sends to us: signed, once, in exactly the shape that is expected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import UnboughtError
from data.platform.signing import SignatureError, StaleSignatureError, verify

LONGEST_BODY = 1_000_000


class WebhookError(UnboughtError):
    """A message that is not taken in; `status` is the HTTP answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class AppealMessage(BaseModel):
    """An account holder's complaint about one decision, as the platform passes it on."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Literal["appeal.filed"]
    decision_id: str = Field(min_length=1, max_length=64)
    account_id: str = Field(min_length=1, max_length=300)
    text: str = Field(min_length=1, max_length=10_000)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message whose sender is proven; the same id never counts twice."""

    message_id: str
    appeal: AppealMessage


def read_webhook(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> Incoming:
    """Check the signature first, then the shape; the sender is never told more than the kind of fault."""
    if len(body) > LONGEST_BODY:
        raise WebhookError(413, "The message is too large.")
    try:
        message_id = verify(secrets, headers, body, now)
    except StaleSignatureError as error:
        raise WebhookError(400, "The message is too old or too new.") from error
    except SignatureError as error:
        raise WebhookError(401, "The message is not signed by a known sender.") from error
    return Incoming(message_id, _appeal(body))


def _appeal(body: bytes) -> AppealMessage:
    try:
        return AppealMessage.model_validate(json.loads(body, object_pairs_hook=_without_repeats))
    except (ValueError, ValidationError, RecursionError) as error:
        raise WebhookError(400, "The message has another shape than expected.") from error


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: two readers would understand two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is named twice")
    return found
