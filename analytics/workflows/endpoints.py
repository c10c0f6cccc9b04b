"""The HTTP answers beside the pages, for machines: health, metrics, and the platform's signed messages."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.metrics import CONTENT_TYPE, health, prometheus_text
from data.errors import CommandError, StorageError
from data.moments import micros
from data.platform.webhooks import LONGEST_BODY, Incoming, WebhookError, read_webhook

log = structlog.get_logger("endpoints")

Clock = Callable[[], datetime]
# Takes an appeal in, once per message id, and returns the sentence for the sender.
Intake = Callable[[Incoming], str]


def routes(ledger: LedgerLike, secrets: Sequence[str], intake: Intake, clock: Clock) -> list[Route]:
    """Build the routes that the web app mounts beside its pages."""
    answers = Endpoints(ledger, secrets, intake, clock)
    return [
        Route("/healthz", answers.alive),
        Route("/readyz", answers.ready),
        Route("/metrics", answers.metrics),
        Route("/hooks/appeals", answers.appeal, methods=["POST"]),
    ]


class Endpoints:
    """The answers; none of them shows an account, a person or a stack trace."""

    def __init__(self, ledger: LedgerLike, secrets: Sequence[str], intake: Intake, clock: Clock) -> None:
        self._ledger = ledger
        self._secrets = secrets
        self._intake = intake
        self._clock = clock

    async def alive(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Answer 503 with the reasons when a person must look."""
        if not _may_watch(request):
            return JSONResponse({"error": "forbidden"}, 403)
        try:
            problems = await run_in_threadpool(self._problems)
        except (DBAPIError, StorageError):
            problems = ("The ledger cannot be read.",)
        return JSONResponse({"status": "look" if problems else "ok", "problems": problems}, 503 if problems else 200)

    async def metrics(self, request: Request) -> Response:
        if not _may_watch(request):
            return JSONResponse({"error": "forbidden"}, 403)
        return PlainTextResponse(await run_in_threadpool(self._figures), media_type=CONTENT_TYPE)

    async def appeal(self, request: Request) -> Response:
        """Take in one signed message; a repeat of its id is answered like the first and does nothing."""
        body = await _capped(request)
        try:
            incoming = read_webhook(self._secrets, request.headers, body, self._clock())
            sentence = await run_in_threadpool(self._intake, incoming)
        except WebhookError as error:
            log.warning("webhook refused", status=error.status)
            return JSONResponse({"error": error.message}, error.status)
        except CommandError as error:
            return JSONResponse({"error": error.message}, 422)
        except (DBAPIError, StorageError):
            return JSONResponse({"error": "Not saved; send it again."}, 503, headers={"Retry-After": "30"})
        return JSONResponse({"id": incoming.message_id, "message": sentence})

    def _problems(self) -> tuple[str, ...]:
        with self._ledger.read() as connection:
            return health(connection, micros(self._clock())).problems

    def _figures(self) -> str:
        with self._ledger.read() as connection:
            return prometheus_text(connection, micros(self._clock()))


def _may_watch(request: Request) -> bool:
    """Let a monitor in by token, or, where none is set, from this machine and not through a proxy."""
    token = os.environ.get("UNBOUGHT_METRICS_TOKEN", "")
    if token:
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode())
    is_local = request.client is not None and request.client.host in ("127.0.0.1", "::1")
    return is_local and "x-forwarded-for" not in request.headers and "forwarded" not in request.headers


async def _capped(request: Request) -> bytes:
    """Read at most one byte more than is allowed; the length check follows."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            break
    return bytes(body[: LONGEST_BODY + 1])
