"""The server around the pages: the session never reaches a script or an address, and nothing foreign is loaded."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from pages._kit.server import COOKIE, TICKETS, middleware, session_routes
from tests.delivery_world import ServedApp


@pytest.fixture(scope="module")
def served() -> Iterator[ServedApp]:
    served = ServedApp(Starlette(routes=session_routes(), middleware=middleware()))
    yield served
    served.close()


@pytest.fixture
def browser(served: ServedApp) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.address, trust_env=False) as client:
        yield client


def test_a_ticket_becomes_a_cookie_that_scripts_cannot_read(browser: httpx.Client) -> None:
    """D.2."""
    answer = browser.post("/session", content=TICKETS.issue("the session"))

    told = answer.headers["set-cookie"].lower()
    assert answer.status_code == 204
    assert browser.cookies[COOKIE] == '"the session"'
    assert "httponly" in told
    assert "samesite=lax" in told
    assert answer.content == b""


def test_a_ticket_is_spent_once(browser: httpx.Client) -> None:
    ticket = TICKETS.issue("the session")

    answers = [browser.post("/session", content=ticket).status_code for _ in range(3)]

    assert answers == [204, 403, 403]


@pytest.mark.parametrize("ticket", [b"", b"guess", b"\xff" * 10_000])
def test_nobody_signs_in_with_a_guess(browser: httpx.Client, ticket: bytes) -> None:
    answer = browser.post("/session", content=ticket)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_an_old_ticket_is_worthless(monkeypatch: pytest.MonkeyPatch, browser: httpx.Client) -> None:
    ticket = TICKETS.issue("the session")
    monkeypatch.setattr(TICKETS, "_held", {ticket: ("the session", 0.0)})

    assert browser.post("/session", content=ticket).status_code == 403


def test_the_cookie_is_secure_where_the_browser_speaks_https(browser: httpx.Client) -> None:
    answer = browser.post("/session", content=TICKETS.issue("s"), headers={"x-forwarded-proto": "https"})

    assert "secure" in answer.headers["set-cookie"].lower()


def test_signing_out_clears_the_cookie(browser: httpx.Client) -> None:
    assert "max-age=0" in browser.delete("/session").headers["set-cookie"].lower()


@pytest.mark.parametrize(("method", "path"), [("POST", "/session"), ("GET", "/nowhere"), ("DELETE", "/session")])
def test_every_answer_forbids_foreign_sources(browser: httpx.Client, method: str, path: str) -> None:
    """X-01, X-02: even a page that drew an image of somebody else's could not fetch it."""
    headers = browser.request(method, path).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert policy["frame-ancestors"] == "'none'"
    assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")
