"""What a log line may hold (T-09, X-24)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from analytics.logs import configure


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    configure()
    yield capsys
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "canary",
    [
        "ana.canary@example.org",
        "@canary_handle",
        "203.0.113.77",
        "2001:db8:85a3::8a2e:370:7334",
        "whsec_Q0FOQVJZ",
        "Bearer CANARY.token",
    ],
)
def test_nothing_that_names_a_person_or_opens_a_door_is_logged(lines: pytest.CaptureFixture[str], canary: str) -> None:
    structlog.get_logger("x").warning(f"refused {canary}", cause=f"because of {canary}", where=ValueError(canary))

    told = lines.readouterr()
    assert told.out == ""
    assert canary not in told.err
    assert told.err.count("(hidden)") == 3


def test_a_value_under_a_secret_name_is_never_logged(lines: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("x").info("signed in", session_token="canary", person_id="demo-rita")

    told = lines.readouterr().err
    assert "canary" not in told
    assert "person_id='demo-rita'" in told
