"""X-25: production refuses to start and lists every fault; the demo starts and warns."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from analytics.workflows.people import add_demo_people
from analytics.workflows.start_checks import Start, check_start, demo_faults, platform_time, start_faults
from data.audit_chain import AuditEntry, append_audit
from data.errors import ConfigError
from data.home import Home
from data.ledger import Ledger
from data.platform.secret_files import cookie_secret, webhook_secrets
from data.tables import people
from tests.delivery_world import NOON, SandboxServer
from tests.process.processes import start as start_process

SAFE = {"client.showErrorDetails": "none"}
PLATFORM = {"UNBOUGHT_PLATFORM_URL": "http://platform.example"}


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return a start with nothing wrong in it."""
    home = Home(tmp_path)
    webhook_secrets(home.root)
    cookie_secret(home.root)
    Ledger.open(home).close()
    return Start(home=home, options=SAFE, hosts=["desk.example"], environment=PLATFORM, now=NOON)


def faults(start: Start, platform_says: datetime | None = NOON) -> list[str]:
    return [*start_faults(start, lambda _address: platform_says), *demo_faults(start)]


def test_a_safe_start_has_no_fault(start: Start) -> None:
    assert faults(start) == []


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("client.showErrorDetails", "full", "client.showErrorDetails is full; it must be none."),
        ("server.enableAgentApi", "true", "server.enableAgentApi is true; it must be false."),
        ("server.enableXsrfProtection", "false", "server.enableXsrfProtection is false; it must be true."),
        ("server.enableCORS", "false", "server.enableCORS is false; it must be true."),
    ],
)
def test_an_unsafe_option_is_named(start: Start, option: str, value: str, told: str) -> None:
    assert faults(replace(start, options=SAFE | {option: value})) == [told]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("STREAMLIT_SERVER_ENABLE_AGENT_API", "true", "server.enableAgentApi is true; it must be false."),
        ("STREAMLIT_SERVER_ENABLE_CORS", "false", "server.enableCORS is false; it must be true."),
        ("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full", None),
    ],
)
def test_the_environment_counts_where_the_command_line_is_silent(
    start: Start, variable: str, value: str, told: str | None
) -> None:
    found = faults(replace(start, environment=PLATFORM | {variable: value}))
    assert found == ([told] if told else [])


def test_pages_that_answer_to_any_name_are_a_fault(start: Start) -> None:
    assert faults(replace(start, hosts=[])) == ["The pages answer to any name: set UNBOUGHT_ALLOWED_HOSTS."]


@pytest.mark.parametrize("secret", ["tiny", "changeme" * 8, "a" * 64])
def test_a_weak_secret_is_a_fault_wherever_it_stands(start: Start, secret: str) -> None:
    (told,) = faults(replace(start, environment=PLATFORM | {"UNBOUGHT_COOKIE_SECRET": secret}))
    assert told.startswith("The cookie secret in UNBOUGHT_COOKIE_SECRET is too short or well known")
    assert secret not in told
    (start.home.root / "secrets" / "webhook").write_text(secret)
    (told,) = faults(start)
    assert told.startswith("The webhook secret in ")


@pytest.mark.parametrize("name", ["ledger/ledger.sqlite", "secrets/webhook"])
def test_a_file_others_may_read_is_a_fault(start: Start, name: str) -> None:
    file = start.home.root / name
    file.chmod(0o644)
    assert faults(start) == [f"{file} may be read by others: chmod 600."]


def test_a_newer_schema_is_a_fault(start: Start) -> None:
    ledger = Ledger.open(start.home)
    with ledger.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    ledger.close()
    (told,) = faults(start)
    assert told.startswith("The ledger has schema 9999, which is newer than this program")


def test_a_clock_behind_the_last_audit_row_is_a_fault(start: Start) -> None:
    ledger = Ledger.open(start.home)
    last = int((NOON + timedelta(minutes=5)).timestamp()) * 1_000_000
    with ledger.write() as connection:
        append_audit(connection, AuditEntry(actor_id="a", actor_role="r", verb="V", subject="s"), at=last)
    ledger.close()
    assert faults(start) == []
    assert faults(replace(start, now=NOON - timedelta(seconds=1))) == [
        "The clock is behind the last audit row: set it right.",
    ]


@pytest.mark.parametrize(("minutes", "is_fault"), [(5, False), (-5, False), (6, True), (-6, True)])
def test_a_clock_off_the_platforms_is_a_fault(start: Start, minutes: int, is_fault: bool) -> None:
    told = ["The clock is 6 min off the platform's: set it right."] if is_fault else []
    assert faults(start, NOON + timedelta(minutes=minutes)) == told


def test_a_platform_that_does_not_say_the_time_is_no_fault(start: Start) -> None:
    assert faults(start, None) == []


def test_the_time_comes_from_the_platforms_own_answer(sandbox: SandboxServer) -> None:
    told = platform_time(sandbox.address)
    assert told is not None
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=10)
    assert platform_time("http://127.0.0.1:1") is None


def test_active_demo_identities_and_a_missing_platform_belong_to_the_demo(start: Start) -> None:
    ledger = Ledger.open(start.home)
    add_demo_people(ledger, now=NOON)
    demo = replace(start, environment={})
    assert list(demo_faults(demo)) == [
        "No platform is named, the sandbox would be used: set UNBOUGHT_PLATFORM_URL.",
        "9 demo identities without a password may sign in: deactivate them.",
    ]
    with ledger.write() as connection:
        connection.execute(update(people).values(is_active=False))
    ledger.close()
    assert list(demo_faults(start)) == []


def test_production_refuses_and_lists_every_fault(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBOUGHT_MODE", "production")
    unsafe = replace(start, options={"client.showErrorDetails": "full"}, hosts=[], environment={})
    with pytest.raises(ConfigError) as refused:
        check_start(unsafe, pytest.fail, ask_time=lambda _address: None)
    lines = refused.value.message.split("\n")
    assert lines[0] == "Not started: 3 things are unsafe for production."
    assert lines[1:] == [
        "  - client.showErrorDetails is full; it must be none.",
        "  - The pages answer to any name: set UNBOUGHT_ALLOWED_HOSTS.",
        "  - No platform is named, the sandbox would be used: set UNBOUGHT_PLATFORM_URL.",
    ]
    check_start(start, pytest.fail, ask_time=lambda _address: NOON)


def test_the_demo_starts_and_warns(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNBOUGHT_MODE", raising=False)
    told: list[str] = []
    check_start(replace(start, hosts=[], environment={}), told.append, ask_time=lambda _address: None)
    assert told == ["Warning: The pages answer to any name: set UNBOUGHT_ALLOWED_HOSTS."]


@pytest.mark.process
def test_serve_in_production_ends_with_exit_code_two_before_anything_listens(tmp_path: Path) -> None:
    """X-25, from outside."""
    log = tmp_path / "log"
    process = start_process(
        "-m", "analytics", "serve", "--port", "0", home=tmp_path / "home", log=log, UNBOUGHT_MODE="production"
    )
    try:
        assert process.wait(60) == 2
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert "No platform is named" in log.read_text()
    assert not (tmp_path / "home" / "logs").exists()
