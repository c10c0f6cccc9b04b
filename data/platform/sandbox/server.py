"""The HTTP side of the sandbox platform: the contract of docs/platform.md, effect counters, fault switches.

Run as a process of its own: `python -m data.platform.sandbox --home DIR`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from data.platform.contract import ActionBody
from data.platform.sandbox.faults import Answer, Fault, Faults
from data.platform.sandbox.statements import statement_routes
from data.platform.sandbox.store import Outcome, Store
from data.platform.signing import SignatureError, StaleSignatureError, verify

LONGEST_BODY = 1_000_000
LONGEST_LOG = 100_000
HUGE_BYTES = 3_000_000


class Sandbox:
    """Everything one running sandbox holds; `in_flight` are the ids whose first request is not answered yet."""

    def __init__(self, store: Store, secrets: tuple[str, ...], clock: Callable[[], datetime]) -> None:
        self.store = store
        self.secrets = secrets
        self.clock = clock
        self.faults = Faults()
        self.in_flight: set[str] = set()
        # every request that carried a right signature, in order: id and status (0: no answer was given)
        self.calls: deque[tuple[str, int]] = deque(maxlen=LONGEST_LOG)


class FaultOrder(BaseModel):
    """The body of POST /v1/faults."""

    model_config = ConfigDict(extra="forbid")

    faults: list[Fault] = Field(default=[])
    absent_accounts: list[str] = Field(default=[])
    absent_engagements: list[str] = Field(default=[])


class Cut(Response):
    """No answer at all: the line is cut."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        scope["unbought.cut"]()
        while (await receive())["type"] != "http.disconnect":
            pass


def sandbox_app(
    path: Path, secrets: tuple[str, ...], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Callable[[Scope, Receive, Send], Any]:
    """Build the ASGI application over one SQLite file."""
    sandbox = Sandbox(Store(path), secrets, clock)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        sandbox.store.close()

    routes = [
        Route("/v1/actions", _actions, methods=["POST"]),
        Route("/v1/effects", _effects),
        Route("/v1/accounts/{account_id:path}", _standing),
        Route("/v1/log", _log),
        Route("/v1/calls", _calls),
        Route("/v1/faults", _faults, methods=["GET", "POST", "DELETE"]),
        Route("/v1/health", _health),
        *statement_routes(),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.sandbox = sandbox
    return _cuttable(app)


def _cuttable(app: Starlette) -> Callable[[Scope, Receive, Send], Any]:
    async def with_scissors(scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn binds `send` to the request cycle that holds the socket; only there can a line be cut unanswered.
        cycle = getattr(send, "__self__", None)
        if scope["type"] == "http" and cycle is not None:
            scope["unbought.cut"] = cycle.transport.abort
        await app(scope, receive, send)

    return with_scissors


async def _actions(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    raw = await _capped_body(request)
    if raw is None:
        return _error(413, "too_large")
    try:
        action_id = verify(sandbox.secrets, request.headers, raw, sandbox.clock())
    except StaleSignatureError:
        return _error(400, "stale_signature")
    except SignatureError:
        return _error(401, "bad_signature")
    return await _signed_action(sandbox, action_id, raw)


async def _signed_action(sandbox: Sandbox, action_id: str, raw: bytes) -> Response:
    try:
        body = ActionBody.model_validate_json(raw)
    except ValidationError as error:
        sandbox.calls.append((action_id, 400))
        return _error(400, "bad_body", fields=[".".join(map(str, fault["loc"])) for fault in error.errors()[:10]])
    if action_id in sandbox.in_flight:
        sandbox.calls.append((action_id, 409))
        return _error(409, "in_flight")
    sandbox.in_flight.add(action_id)
    try:
        return await _answer(sandbox, action_id, raw, body)
    finally:
        sandbox.in_flight.discard(action_id)


async def _answer(sandbox: Sandbox, action_id: str, raw: bytes, body: ActionBody) -> Response:
    fault = sandbox.faults.take(body)
    outcome = Outcome(200, {})
    if fault is None or fault.applies:
        digest = hashlib.sha256(raw).hexdigest()
        outcome = sandbox.store.apply(action_id, digest, body, time.time_ns() // 1_000)
    if fault is not None:
        sandbox.calls.append((action_id, fault.status if fault.answer is Answer.STATUS else 0))
        return await _misbehave(fault, action_id, outcome)
    sandbox.calls.append((action_id, outcome.status))
    return JSONResponse(outcome.answer, outcome.status)


async def _misbehave(fault: Fault, action_id: str, outcome: Outcome) -> Response:
    if fault.answer is Answer.DROP:
        return Cut()
    if fault.answer is Answer.HANG:
        await asyncio.sleep(fault.seconds)
        return JSONResponse(outcome.answer or {"error": "late"}, outcome.status if outcome.answer else 500)
    if fault.answer is Answer.STATUS:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        return JSONResponse({"error": "fault"}, fault.status, headers=headers)
    return _odd_body(fault, action_id, outcome)


def _odd_body(fault: Fault, action_id: str, outcome: Outcome) -> Response:
    """Answer with a success whose body breaks the contract."""
    if fault.answer is Answer.NO_ECHO:
        return JSONResponse({key: value for key, value in outcome.answer.items() if key != "id"})
    if fault.answer is Answer.WRONG_ECHO:
        return JSONResponse(outcome.answer | {"id": f"not-{action_id}"})
    if fault.answer is Answer.NOT_JSON:
        return PlainTextResponse("<html>It works!</html>")
    if fault.answer is Answer.HUGE:
        return JSONResponse({"id": action_id, "padding": "x" * HUGE_BYTES})
    return StreamingResponse(_drip({"id": action_id}, fault.seconds), media_type="application/json")


async def _drip(answer: Mapping[str, str], seconds: float) -> AsyncIterator[bytes]:
    text = json.dumps(answer).encode()
    for place in range(len(text)):
        yield text[place : place + 1]
        await asyncio.sleep(seconds / len(text))


async def _effects(request: Request) -> Response:
    store: Store = request.app.state.sandbox.store
    account_id = request.query_params.get("account_id")
    counters = store.counters(account_id)
    if account_id is None:
        return JSONResponse(counters | {"accounts": store.by_account()})
    return JSONResponse(counters)


async def _standing(request: Request) -> Response:
    return JSONResponse(request.app.state.sandbox.store.standing(request.path_params["account_id"]))


async def _log(request: Request) -> Response:
    try:
        after = int(request.query_params.get("after", "0"))
        limit = min(int(request.query_params.get("limit", "1000")), LONGEST_LOG)
    except ValueError:
        return _error(400, "bad_number")
    store: Store = request.app.state.sandbox.store
    return JSONResponse({"effects": store.log(request.query_params.get("account_id"), after, limit)})


async def _calls(request: Request) -> Response:
    calls: deque[tuple[str, int]] = request.app.state.sandbox.calls
    return JSONResponse({"calls": [{"id": action_id, "status": status} for action_id, status in calls]})


async def _faults(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    if request.method == "DELETE":
        sandbox.faults.clear()
        sandbox.store.clear_absent()
    elif request.method == "POST":
        try:
            order = FaultOrder.model_validate_json(await request.body())
        except ValidationError as error:
            return _error(400, "bad_fault", fields=[".".join(map(str, fault["loc"])) for fault in error.errors()])
        sandbox.faults.add(order.faults)
        sandbox.store.set_absent("account", order.absent_accounts)
        sandbox.store.set_absent("engagement", order.absent_engagements)
    return JSONResponse({"faults": [fault.model_dump(mode="json") for fault in sandbox.faults.waiting()]})


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _capped_body(request: Request) -> bytes | None:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _error(status: int, code: str, **more: Any) -> JSONResponse:
    return JSONResponse({"error": code, **more}, status)
