"""Statements of reasons reach the database once each, against a local server that follows the published rules."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from uuid6 import uuid7

from analytics.workflows.submit_statements import SubmissionReport, submit_statements
from data.errors import PlatformError
from data.ledger import Ledger
from data.platform.sandbox.statements import TOKEN, faults_of
from data.platform.statements_api import StatementsApi
from data.records import ActionKind
from data.tables import audit, decision_events, statement_submissions, statements
from tests.delivery_world import NOON, Clock, LocalLedger, SandboxServer, decide, micros
from tests.ledger_fixtures import Staffed
from tests.process.processes import ROOT

GOOD = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "Inauthentic engagement",
    "incompatible_content_explanation": "Engagement made by a third-party service is not allowed.",
    "content_type": ["CONTENT_TYPE_OTHER"],
    "content_type_other": "Like",
    "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "decision_facts": "2 likes were made by a third-party service.",
    "source_type": "SOURCE_VOLUNTARY",
    "automated_detection": "Yes",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    "content_date": "2026-11-01",
    "application_date": "2026-11-24",
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SandboxServer]:
    server = SandboxServer(tmp_path / "statements.sqlite")
    yield server
    server.close()


@pytest.fixture
def api(database: SandboxServer) -> Iterator[StatementsApi]:
    with StatementsApi(database.address, TOKEN) as api:
        yield api


def write(
    ledger: LocalLedger | Ledger, count: int, *, undo_seconds: float = 0, at: datetime = NOON, **changes: Any
) -> list[str]:
    """Decide, and leave one statement a decision in the ledger."""
    with ledger.write() as connection:
        ids = [
            decide(connection, [ActionKind.WARN], undo_seconds=undo_seconds, at=at).decision_id for _ in range(count)
        ]
        for decision_id in ids:
            content = json.dumps(GOOD | {"puid": decision_id} | changes)
            row = {
                "puid": decision_id,
                "decision_id": decision_id,
                "content": content,
                "created_at": micros(Clock().at),
            }
            connection.execute(insert(statements).values(row))
    return ids


def results(ledger: LocalLedger) -> dict[str, list[str]]:
    query = select(statement_submissions).order_by(statement_submissions.c.submission_id)
    found: dict[str, list[str]] = {}
    with ledger.read() as connection:
        for row in connection.execute(query):
            found.setdefault(row.puid, []).append(row.result)
    return found


def test_every_statement_is_submitted_once_in_batches(
    ledger: LocalLedger, api: StatementsApi, database: SandboxServer, clock: Clock
) -> None:
    write(ledger, 230)
    assert submit_statements(ledger, api, now=clock) == SubmissionReport(accepted=230)
    assert submit_statements(ledger, api, now=clock) == SubmissionReport()
    assert database.get("/api/v1/count") == {"statements": 230}


def test_sending_again_what_our_records_lost_creates_nothing(
    ledger: LocalLedger, api: StatementsApi, database: SandboxServer, clock: Clock, tmp_path: Path
) -> None:
    """The database took the batch and the answer was lost: the look-up says so."""
    ids = write(ledger, 3)
    with ledger.read() as connection:
        api.submit(list(connection.scalars(select(statements.c.content).where(statements.c.puid != ids[1]))))
    assert submit_statements(ledger, api, now=clock) == SubmissionReport(accepted=1, already_there=2)
    assert database.get("/api/v1/count") == {"statements": 3}


def test_one_bad_statement_does_not_hold_its_batch_back(
    ledger: LocalLedger, api: StatementsApi, database: SandboxServer, clock: Clock
) -> None:
    bad, good = write(ledger, 1, category="BOUGHT"), write(ledger, 4)
    assert submit_statements(ledger, api, now=clock) == SubmissionReport(accepted=4, refused=1)
    assert submit_statements(ledger, api, now=clock) == SubmissionReport()
    assert submit_statements(ledger, api, now=clock, with_refused=True) == SubmissionReport(refused=1)
    assert results(ledger) == {bad[0]: ["refused", "refused"]} | {puid: ["accepted"] for puid in good}


def test_nothing_is_submitted_while_it_can_be_undone_or_after_it_was(
    ledger: LocalLedger, api: StatementsApi, clock: Clock
) -> None:
    undone, kept = write(ledger, 2, undo_seconds=30)
    with ledger.write() as connection:
        row = {"event_id": str(uuid7()), "decision_id": undone, "event": "undone", "at": micros(clock())}
        connection.execute(insert(decision_events).values(row | {"person_id": "rita", "detail": "{}"}))
    assert submit_statements(ledger, api, now=clock) == SubmissionReport()
    clock.forward(30)
    assert submit_statements(ledger, api, now=clock) == SubmissionReport(accepted=1)
    assert results(ledger) == {kept: ["accepted"]}


def test_a_database_that_does_not_answer_leaves_all_for_the_next_run(
    ledger: LocalLedger, api: StatementsApi, clock: Clock
) -> None:
    write(ledger, 2)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with StatementsApi(nowhere, TOKEN) as silent:
        assert submit_statements(ledger, silent, now=clock) == SubmissionReport(postponed=2)
    assert submit_statements(ledger, api, now=clock) == SubmissionReport(accepted=2)


def test_a_wrong_token_is_said_in_one_sentence(ledger: LocalLedger, database: SandboxServer, clock: Clock) -> None:
    write(ledger, 1)
    with StatementsApi(database.address, "wrong") as api, pytest.raises(PlatformError, match="token"):
        submit_statements(ledger, api, now=clock)
    assert results(ledger) == {}


def run_submit(office: Staffed, **environment: str) -> subprocess.CompletedProcess[str]:
    told = os.environ | {"UNBOUGHT_HOME": str(office.home.root)} | environment
    command = [sys.executable, "-m", "analytics", "submit", "--json"]
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)


def test_the_command_submits_once_and_says_so_in_the_audit(office: Staffed, database: SandboxServer) -> None:
    """P-15, A.3. What is refused is a non-zero exit, so that a timer notices."""
    named = {"UNBOUGHT_STATEMENTS_URL": database.address, "UNBOUGHT_STATEMENTS_TOKEN": TOKEN}
    yesterday = datetime.now(UTC) - timedelta(days=1)
    write(office.ledger, 3, at=yesterday)
    first, again = run_submit(office, **named), run_submit(office, **named)
    assert (first.returncode, json.loads(first.stdout)["accepted"]) == (0, 3)
    assert (again.returncode, json.loads(again.stdout)["accepted"]) == (0, 0)
    assert database.get("/api/v1/count") == {"statements": 3}
    write(office.ledger, 1, at=yesterday, category="BOUGHT")
    assert run_submit(office, **named).returncode == 1
    with office.ledger.read() as connection:
        told = connection.execute(select(audit.c.after).where(audit.c.verb == "SubmitStatements").order_by(audit.c.seq))
        facts = [json.loads(row.after)["facts"] for row in told]
    assert facts == [{"accepted": 3}, {"refused": 1}]


@pytest.mark.parametrize(
    ("address", "token", "said"),
    [
        ("", "", "No statements database is named."),
        ("https://statements.example", "", "No statements database is named."),
        ("statements.example", "secret", "UNBOUGHT_STATEMENTS_URL is not an address on the web."),
    ],
)
def test_a_database_that_is_not_named_is_one_sentence(office: Staffed, address: str, token: str, said: str) -> None:
    ended = run_submit(office, UNBOUGHT_STATEMENTS_URL=address, UNBOUGHT_STATEMENTS_TOKEN=token)
    assert ended.returncode == 2
    assert said in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"puid": "a b"}, "puid"),
        ({"decision_visibility": None}, "decision_visibility"),
        ({"content_type_other": None}, "content_type_other"),
        ({"incompatible_content_ground": None}, "incompatible_content_ground"),
        ({"decision_facts": "x" * 5_001}, "decision_facts"),
        ({"content_date": "24.11.2026"}, "content_date"),
        ({"application_date": "2019-12-31"}, "application_date"),
        ({"automated_detection": True}, "automated_detection"),
        ({"source_type": None}, "source_type"),
        ({"end_date_account_restriction": "2039-01-01"}, "end_date_account_restriction"),
    ],
)
def test_the_local_database_refuses_what_the_published_rules_refuse(change: dict[str, Any], field: str) -> None:
    """A.3."""
    assert faults_of(GOOD | {"puid": "d-1"}) == {}
    assert field in faults_of(GOOD | {"puid": "d-1"} | change)
