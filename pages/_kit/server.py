"""The web server around the pages: the sign-in cookie, security headers, and the answers for machines."""

from __future__ import annotations

import gc
import secrets
import sys
import threading
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from analytics import logs
from pages._kit import amended

COOKIE = "unbought_session"
# A ticket is spent by the browser at once; a stolen one is worthless soon after.
TICKET_SECONDS = 60
SWITCH_SECONDS = 0.0005
# As long as a session may last at most; the ledger decides when it really ends.
COOKIE_SECONDS = 8 * 3600
_LONGEST_TICKET = 200

# The pages load nothing from anywhere else, so whatever an account writes cannot make a browser call out.
_SOURCES = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
POLICY = "; ".join(_SOURCES)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class Tickets:
    """Short-lived, single-use exchange of a ticket for the session it stands for: scripts never hold the session."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def issue(self, token: str) -> str:
        """Return a ticket that can be spent once for this session."""
        ticket, now = secrets.token_urlsafe(32), time.monotonic()
        with self._lock:
            self._held = {name: held for name, held in self._held.items() if held[1] > now}
            self._held[ticket] = (token, now + TICKET_SECONDS)
        return ticket

    def spend(self, ticket: str) -> str | None:
        """Return the session of a ticket that was never spent and is still good."""
        with self._lock:
            token, until = self._held.pop(ticket, ("", 0.0))
        return token if until > time.monotonic() else None

    def is_spent(self, ticket: str) -> bool:
        with self._lock:
            return ticket not in self._held


TICKETS = Tickets()


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Open the workspace before the first visitor waits for it."""
    from pages._kit import cache  # noqa: PLC0415 - the caches are chosen when the server has started

    # Without this the first address a visitor opens would run its page past the frame, as in old multipage apps.
    PagesManager.uses_pages_directory = False
    logs.configure()
    await run_in_threadpool(cache.workspace)
    amended.amend()
    threading.Thread(target=_load_the_rest, daemon=True).start()
    # A page gives the interpreter away at every query; five milliseconds to get it back, the default, add up.
    sys.setswitchinterval(SWITCH_SECONDS)
    yield


def wait_for_tables() -> None:
    """Wait until what tables are drawn with is loaded; a chart drawn meanwhile would meet half of it."""
    import_module("pandas")


def _load_the_rest() -> None:
    """Load what tables and intervals are made with while the first browser still fetches the frame."""
    wait_for_tables()
    import_module("scipy.special")
    # What was loaded by now stays, and need not be looked through again for garbage.
    gc.collect()
    gc.freeze()


def session_routes() -> list[BaseRoute]:
    """Build what is answered beside the pages: the sign-in cookie."""
    return [
        Route("/session", _keep, methods=["POST"]),
        Route("/session", _drop, methods=["DELETE"]),
    ]


def middleware() -> list[Middleware]:
    """Build what every answer passes through; where names are set, no other name is answered (X-19)."""
    names = list(st.get_option("server.allowedHosts") or ())
    guard = [Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)] if names else []
    return [*guard, Middleware(SecurityHeaders)]


async def _keep(request: Request) -> Response:
    """Turn a ticket into an HttpOnly cookie, so that a reload keeps the sign-in and no script can read it."""
    ticket = (await request.body())[: _LONGEST_TICKET + 1].decode("ascii", "replace")
    token = TICKETS.spend(ticket)
    if token is None:
        return JSONResponse({"error": "This ticket was used or is too old."}, 403)
    answer = Response(status_code=204)
    is_https = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    answer.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=is_https)
    return answer


async def _drop(_: Request) -> Response:
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE)
    return answer


class SecurityHeaders:
    """Add the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(message)
            await send(message)

        await self._app(scope, receive, with_headers)


def _add(message: MutableMapping[str, Any]) -> None:
    known = {name.lower() for name, _ in message.get("headers", ())}
    message["headers"] = [*message.get("headers", ()), *(pair for pair in HEADERS if pair[0] not in known)]
