"""Calls from pages of somebody else."""

from __future__ import annotations

import httpx
import pytest
import websockets
from websockets.exceptions import InvalidStatus

from tests.bench.streamlit_wire import run_apart
from tests.browser.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.process]


async def connected(address: str, **options: object) -> int:
    """Open the websocket of the pages; returns the status it was answered with."""
    url = address.replace("http", "ws", 1) + "/_stcore/stream"
    try:
        async with websockets.connect(url, subprotocols=["streamlit"], proxy=None, **options):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_a_foreign_page_cannot_open_the_websocket(product: Served) -> None:
    """X-19, T-04."""
    own = run_apart(connected(product.address, origin=product.address))
    foreign = run_apart(connected(product.address, origin="https://evil.invalid"))

    assert (own, foreign) == (101, 403)


def test_a_foreign_name_for_this_server_is_refused(product: Served) -> None:
    """X-19: a name that was bent to this address reaches neither the websocket nor a page."""
    port = product.address.rpartition(":")[2]
    evil = f"evil.invalid:{port}"
    answers = [
        httpx.get(f"{product.address}{path}", headers={"Host": evil}, trust_env=False).status_code
        for path in ("/", "/_stcore/health", "/desk", "/metrics")
    ]
    ours = httpx.get(product.address, headers={"Host": f"localhost:{port}"}, trust_env=False).status_code

    assert answers == [400] * 4
    assert ours == 200
    assert run_apart(connected(product.address, additional_headers={"Host": evil}, origin=f"http://{evil}")) == 403


@pytest.mark.parametrize("headers", [{}, {"X-Xsrftoken": "guess"}, {"Origin": "https://evil.invalid"}])
def test_an_upload_needs_the_token_of_its_page(product: Served, headers: dict[str, str]) -> None:
    """X-19: the upload address takes nothing without the token that only our own page knows."""
    answer = httpx.put(
        f"{product.address}/_stcore/upload_file/session/file",
        headers=headers,
        files={"file": ("a.csv", b"account_id\n1\n", "text/csv")},
        trust_env=False,
    )

    assert answer.status_code in (400, 403)


def test_the_sign_in_address_gives_nothing_to_a_foreign_page(product: Served) -> None:
    """X-19: without a ticket there is no session, and no answer may be read by another origin."""
    answer = httpx.post(
        f"{product.address}/session", content="guess", headers={"Origin": "https://evil.invalid"}, trust_env=False
    )

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
