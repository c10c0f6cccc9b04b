"""The emergency code on the sign-in page, and the look on the operations page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.workflows.break_glass import break_glass
from data.home import Home
from data.ledger import Ledger
from data.records import Role
from data.tables import people
from tests.pages.conftest import SignIn
from tests.pages.rooms import ROOT, as_the_server_runs_it, press, title, visit, words


@pytest.fixture
def home(home: Path) -> Path:
    """Let one more administrator in, by a login."""
    ledger = Ledger.open(Home(home))
    with ledger.write() as connection:
        row = {"person_id": "ada", "name": "Ada Long", "subject": "ada@example.org", "roles": "admin", "created_at": 1}
        connection.execute(people.insert().values(row))
    ledger.close()
    return home


def code_for(home: Path) -> str:
    ledger = Ledger.open(Home(home))
    code = break_glass(ledger, subject="ada@example.org", reason="<b>down</b>", now=datetime.now(UTC))
    ledger.close()
    return code


def sign_in_page(monkeypatch: pytest.MonkeyPatch, home: Path) -> AppTest:
    monkeypatch.setenv("UNBOUGHT_HOME", str(home))
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def test_no_code_is_asked_for_before_there_is_one(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    with as_the_server_runs_it():
        app = sign_in_page(monkeypatch, home)
    assert [one.key for one in app.text_input] == []


def test_a_code_lets_that_person_in_and_a_wrong_one_nobody(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    code = code_for(home)
    with as_the_server_runs_it():
        app = sign_in_page(monkeypatch, home)
        app.text_input(key="emergency_code").set_value("invented")
        app = press(app, "Sign in with the code")
        assert "not signed in" in words(app)
        app.text_input(key="emergency_code").set_value(f" {code} ")
        app = press(app, "Sign in with the code")

    assert [one.value for one in app.exception] == []
    assert title(app) == "Operations"


def test_somebody_else_looks_on_the_operations_page(signed_in: SignIn, home: Path) -> None:
    code_for(home)
    app = visit(signed_in(home, Role.MANAGER), "operations")
    assert "Ada Long" in words(app)
    (note,) = app.text_input
    note.set_value("It was Ada")
    app = press(app, "I looked")

    assert "The alarm is off" in words(app)
    assert [one.value for one in app.exception] == []
    assert [one.label for one in app.text_input] == []
