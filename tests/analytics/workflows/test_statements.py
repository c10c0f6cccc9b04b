"""A.3, issue 4 item 8: generated statements are stored once, exported whole, and accepted once by the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import insert

from analytics.casework.statement_model import Statement
from analytics.casework.statements import StatementFacts
from analytics.workflows.statements import export_statements, keep_statement, load_statement_rules
from analytics.workflows.submit_statements import SubmissionReport, submit_statements
from data.errors import ConfigError, StorageError
from data.platform.sandbox.statements import TOKEN, faults_of
from data.platform.statements_api import StatementsApi
from data.records import ActionKind, ReasonCode
from data.tables import decision_events, statements
from tests.analytics.casework.test_statements import LADDER, REMOVING
from tests.analytics.casework.test_statements import facts as facts_of
from tests.analytics.workflows.appealed_world import AppealedWorld
from tests.delivery_world import NOON, Clock, SandboxServer, micros

REMOVALS = ({"like": 1}, {"follow": 2}, {"comment": 3}, {"like": 412, "follow": 96, "comment": 1})


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[AppealedWorld]:
    world = AppealedWorld(tmp_path / "home", clock)
    yield world
    world.ledger.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[StatementsApi]:
    server = SandboxServer(tmp_path / "statements.sqlite")
    with StatementsApi(server.address, TOKEN) as api:
        yield api
    server.close()


def decided(world: AppealedWorld, step: int = 1, **over: object) -> StatementFacts:
    """Confirm and write the statement in the ledger as a decision of that step leaves it."""
    done = world.confirmed([ActionKind.WARN])
    actions, closes = LADDER[step]
    facts = facts_of(decision_id=done.decision_id, actions=actions, closes_account=closes, **over)
    with world.ledger.write() as connection:
        keep_statement(connection, facts, world.clock())
    return facts


def test_the_database_accepts_every_kind_of_statement_and_a_second_submit_creates_nothing(
    world: AppealedWorld, api: StatementsApi
) -> None:
    """Every step of the ladder with every reason and kind, more than one batch of 100."""
    made = [
        decided(world, step, reason=reason, removed=removed)
        for step, reason, removed in product(LADDER, REMOVING, REMOVALS)
    ]
    count = len(made)
    assert count == 5 * 9 * 4

    first = submit_statements(world.ledger, api, now=world.clock)
    second = submit_statements(world.ledger, api, now=world.clock)

    assert first == SubmissionReport(accepted=count)
    assert second == SubmissionReport()
    assert all(api.exists(facts.decision_id) for facts in made[::20])


def test_sending_after_a_lost_answer_creates_nothing_twice(world: AppealedWorld, api: StatementsApi) -> None:
    """The database has it, our ledger does not know: it counts as there already."""
    decided(world)
    (row,) = world.rows(statements)
    api.submit([row.content])

    assert submit_statements(world.ledger, api, now=world.clock) == SubmissionReport(already_there=1)


def test_the_export_is_what_the_database_takes(world: AppealedWorld, tmp_path: Path) -> None:
    kept, undone = decided(world, 4), decided(world)
    with world.ledger.write() as connection:
        row = {"event_id": "e", "decision_id": undone.decision_id, "event": "undone", "at": micros(NOON)}
        connection.execute(insert(decision_events).values(row))
    out = tmp_path / "statements.json"

    assert export_statements(world.home, out) == 1
    (told,) = json.loads(out.read_text())
    assert faults_of(told) == {}
    assert Statement.model_validate_json(json.dumps(told)).puid == kept.decision_id
    assert told["end_date_account_restriction"] == str((NOON + timedelta(days=30)).date())


def test_an_empty_ledger_exports_an_empty_list(world: AppealedWorld, tmp_path: Path) -> None:
    assert export_statements(world.home, tmp_path / "none.json") == 0
    assert json.loads((tmp_path / "none.json").read_text()) == []


def test_an_export_to_nowhere_leaves_nothing_behind(world: AppealedWorld, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"The folder .* does not exist"):
        export_statements(world.home, tmp_path / "no" / "folder.json")


def test_a_decision_that_restricts_nothing_leaves_no_statement(world: AppealedWorld) -> None:
    decided(world, removed={"like": 0})

    assert world.rows(statements) == []


def test_a_mapping_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "statements.toml"
    broken.write_text("not = [toml")
    with pytest.raises(ConfigError, match="cannot be used"):
        load_statement_rules(broken)
    assert ReasonCode.PURCHASED_LIKES in load_statement_rules().reasons
