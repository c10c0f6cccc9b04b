"""The one way out to the platform: sign an action, send it once, say what the answer means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

import httpx

from data.platform.settings import Call
from data.platform.signing import sign

LONGEST_DETAIL = 300
LONGEST_RECEIPT = 2_000


class Result(StrEnum):
    """What one answer of the platform means for the action (DESIGN, platform contract)."""

    DELIVERED = "delivered"
    ALREADY_ABSENT = "already_absent"
    NOT_ECHOED = "not_echoed"
    IN_FLIGHT = "in_flight"
    BODY_CHANGED = "body_changed"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    SLOW_DOWN = "slow_down"
    UNKNOWN = "unknown"


_BY_STATUS: dict[int, Result] = {
    404: Result.ALREADY_ABSENT,
    409: Result.IN_FLIGHT,
    422: Result.BODY_CHANGED,
    401: Result.FORBIDDEN,
    403: Result.FORBIDDEN,
    408: Result.SLOW_DOWN,
    425: Result.SLOW_DOWN,
    429: Result.SLOW_DOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The typed result of one call; `status` is None when no answer came."""

    result: Result
    status: int | None
    detail: str
    receipt: str = ""
    retry_after_seconds: float | None = None


class _AnswerTooLargeError(Exception):
    """The answer went past the cap."""


class Connector:
    """Sends actions to one platform. Not for use by several threads at once: each worker holds its own."""

    def __init__(
        self,
        address: str,
        secrets: Sequence[str],
        call: Call,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = f"{address.rstrip('/')}/v1/actions"
        self._secret = secrets[0]
        self._call = call
        self._clock = clock
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(call.read_seconds, connect=call.connect_seconds),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the platform."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(self, action_id: str, body: str) -> Reply:
        """One call; whatever the network does, an answer of known meaning comes back within the total time."""
        return self._runner.run(self._send(action_id, body))

    async def _send(self, action_id: str, body: str) -> Reply:
        headers = sign(self._secret, action_id, self._clock(), body) | {"content-type": "application/json"}
        try:
            async with asyncio.timeout(self._call.total_seconds):
                status, retry_after, raw = await self._exchange(body.encode(), headers)
        except (TimeoutError, httpx.TimeoutException):
            return _unknown("no answer in time")
        except _AnswerTooLargeError:
            return _unknown("the answer was too large")
        except (httpx.TransportError, httpx.DecodingError) as error:
            return _unknown(f"the line failed: {type(error).__name__}")
        return classify(action_id, status, raw, _retry_after(retry_after, self._clock()))

    async def _exchange(self, body: bytes, headers: dict[str, str]) -> tuple[int, str | None, bytes]:
        async with self._client.stream("POST", self._url, content=body, headers=headers) as response:
            raw = bytearray()
            async for part in response.aiter_bytes():
                raw += part
                if len(raw) > self._call.longest_answer_bytes:
                    raise _AnswerTooLargeError
            return response.status_code, response.headers.get("retry-after"), bytes(raw)


def classify(action_id: str, status: int, raw: bytes, retry_after_seconds: float | None = None) -> Reply:
    """Say what a complete answer means, by the table of the platform contract."""
    if 200 <= status < 300:
        return _success(action_id, status, raw)
    if status >= 500:
        return Reply(
            result=Result.UNKNOWN, status=status, detail=f"status {status}", retry_after_seconds=retry_after_seconds
        )
    result = _BY_STATUS.get(status, Result.REFUSED)
    return Reply(result=result, status=status, detail=_excerpt(status, raw), retry_after_seconds=retry_after_seconds)


def _success(action_id: str, status: int, raw: bytes) -> Reply:
    answer = _parsed(raw)
    if not isinstance(answer, dict):
        return Reply(result=Result.UNKNOWN, status=status, detail="the answer is not a JSON object")
    if answer.get("id") != action_id:
        return Reply(result=Result.NOT_ECHOED, status=status, detail="a success that does not name our action")
    receipt = json.dumps(answer, sort_keys=True)[:LONGEST_RECEIPT]
    return Reply(result=Result.DELIVERED, status=status, detail="", receipt=receipt)


def _unknown(detail: str) -> Reply:
    return Reply(result=Result.UNKNOWN, status=None, detail=detail)


def _parsed(raw: bytes) -> Any:  # Any: whatever the platform sent
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _excerpt(status: int, raw: bytes) -> str:
    """Keep the platform's error code alone: an answer may repeat names and texts that are not for our log."""
    answer = _parsed(raw)
    code = answer.get("error") if isinstance(answer, dict) else None
    is_code = isinstance(code, str) and code.replace("_", "").isalnum() and len(code) <= 60
    return f"status {status}: {code}" if is_code else f"status {status}"


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds to wait, from a number or an HTTP date; nonsense counts as not given."""
    if not text:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max(0.0, (at - now).total_seconds())
