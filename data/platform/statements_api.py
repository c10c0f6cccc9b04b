"""The client of the EU database of statements of reasons: batches of at most 100, all or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from data.errors import PlatformError

LONGEST_BATCH = 100
LONGEST_DETAIL = 500
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class Verdict(StrEnum):
    """What the database said to a whole batch."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BatchReply:
    """The answer to a batch; `faults` names the places of the statements that stopped it."""

    verdict: Verdict
    faults: dict[int, str] = field(default_factory=dict)
    detail: str = ""


class StatementsApi:
    """One account at one database."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address.rstrip("/")
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def submit(self, statements: Sequence[str]) -> BatchReply:
        """Send up to 100 statements, each as JSON text."""
        body = '{"statements":[' + ",".join(statements) + "]}"
        headers = {"content-type": "application/json"}
        try:
            response = self._client.post(f"{self._address}/api/v1/statements", content=body, headers=headers)
        except httpx.TransportError as error:
            return BatchReply(Verdict.UNKNOWN, detail=f"the line failed: {type(error).__name__}")
        self._refuse_bad_token(response)
        if response.status_code == 201:
            return BatchReply(Verdict.ACCEPTED)
        if response.status_code == 422:
            return _invalid(response)
        return BatchReply(Verdict.UNKNOWN, detail=f"status {response.status_code}")

    def exists(self, puid: str) -> bool | None:
        """Whether the database holds this statement: it answers 302 for yes and 404 for no; None is no answer."""
        try:
            response = self._client.get(f"{self._address}/api/v1/statement/existing-puid/{quote(puid, safe='')}")
        except httpx.TransportError:
            return None
        self._refuse_bad_token(response)
        return {302: True, 404: False}.get(response.status_code)

    def _refuse_bad_token(self, response: httpx.Response) -> None:
        if response.status_code in (401, 403):
            raise PlatformError("The statements database does not accept our token.", "Renew its token.")


def _invalid(response: httpx.Response) -> BatchReply:
    try:
        answer: Any = response.json()
    except ValueError:
        return BatchReply(Verdict.UNKNOWN, detail="a refusal that is not JSON")
    errors = answer.get("errors") if isinstance(answer, dict) else None
    named = errors.items() if isinstance(errors, dict) else ()
    faults = {
        int(found[1]): json.dumps(fault, sort_keys=True)[:LONGEST_DETAIL]
        for name, fault in named
        if (found := re.fullmatch(r"statement_(\d{1,3})", name))
    }
    detail = "" if faults else json.dumps(errors, sort_keys=True)[:LONGEST_DETAIL]
    return BatchReply(Verdict.INVALID, faults, detail)
