"""The oversight page, pressed as a manager presses it, and the audit page behind its numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.workflows.investigation import LookUp
from analytics.workspace import Workspace
from data.records import Role
from tests.pages.conftest import SignIn
from tests.pages.rooms import press, visit, words


def protect(app: AppTest, ids: str, reason: str) -> AppTest:
    app.text_area(key="protect_ids").set_value(ids)
    app.text_input(key="protect_reason").set_value(reason)
    return press(app, "Protect")


def protected(app: AppTest) -> list[str]:
    return [row for frame in app.dataframe if "State" in frame.value.columns for row in frame.value["State"]]


def test_a_manager_protects_accounts_and_releases_one(signed_in: SignIn, home: Path) -> None:
    """T-01."""
    app = protect(visit(signed_in(home, Role.MANAGER), "oversight"), "a1\n a2 \n\na1", "Works here")
    assert "2 accounts added to the protected ones" in words(app).replace("\\", "")
    assert protected(app) == ["protected", "protected"]
    assert app.text_area(key="protect_ids").value == ""
    app.selectbox(key="release_id").set_value("a2")
    app.text_input(key="release_reason").set_value("Left")
    app = press(app, "Release")

    assert "Released; it counts from" in words(app)
    assert sorted(one.split()[0] for one in protected(app)) == ["protected", "until"]
    assert app.selectbox(key="release_id").options == ["a1"]


def test_a_list_without_a_reason_is_one_sentence_and_stays_in_the_field(signed_in: SignIn, home: Path) -> None:
    app = protect(visit(signed_in(home, Role.MANAGER), "oversight"), "a1", " ")

    assert "Say why they are protected" in words(app)
    assert (protected(app), app.text_area(key="protect_ids").value) == ([], "a1")
    assert [one.value for one in app.exception] == []


def test_a_look_without_a_case_is_told_with_who_and_why(signed_in: SignIn, home: Path) -> None:
    workspace = Workspace.open(home)
    token = workspace.people.sign_in_demo("demo-ana").token
    workspace.investigation.look_up(token, LookUp(idempotency_key="k", account_id="ex-partner", reason="curious"))
    workspace.ledger.close()
    app = visit(signed_in(home, Role.MANAGER), "oversight")

    told = words(app).replace("\\", "")
    assert "1 look-up of accounts that never had a case, by Ana Brandt." in told
    (looks,) = [
        frame.value for frame in app.dataframe if "Reason" in frame.value.columns and "Who" in frame.value.columns
    ]
    assert looks.iloc[0].to_dict() | {"When": ""} == {
        "When": "",
        "Who": "Ana Brandt",
        "Account": "ex-partner",
        "Case": "never had one",
        "Reason": "curious",
    }


@pytest.mark.parametrize("day", ["", "2026-02-30", "yesterday", "0001-01-01", "9999-12-31", "' or 1=1 --"])
def test_an_address_without_a_real_day_means_today(signed_in: SignIn, home: Path, day: str) -> None:
    """X-11."""
    app = signed_in(home, Role.MANAGER)
    app.query_params["day"] = day
    app = visit(app, "oversight")

    assert [one.value for one in app.exception] == []
    assert "at work" in words(app)


def test_a_day_without_anybody_says_so(signed_in: SignIn, home: Path) -> None:
    app = visit(signed_in(home, Role.MANAGER), "oversight")
    app = app.date_input(key="day").set_value(datetime.now(UTC).date() - timedelta(days=9)).run()

    assert "Nobody left an entry on this day" in words(app)


def test_the_audit_page_lists_one_day(signed_in: SignIn, home: Path) -> None:
    """P-13: where the numbers of a day lead."""
    app = visit(signed_in(home, Role.MANAGER), "audit")
    assert any("What" in frame.value.columns for frame in app.dataframe)
    app = app.date_input(key="day").set_value(datetime.now(UTC).date() - timedelta(days=9)).run()

    assert "No row fits here" in words(app)
    assert [one.value for one in app.exception] == []
