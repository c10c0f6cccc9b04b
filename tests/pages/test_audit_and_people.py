"""The audit and people pages, pressed as an administrator presses them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from analytics.workflows.people import People
from data.home import Home
from data.ledger import Ledger
from data.records import Role
from tests.pages.conftest import SignIn
from tests.pages.rooms import press, visit, words


def person(home: Path, person_id: str) -> object:
    ledger = Ledger.open(Home(home))
    people = People(ledger, lambda: datetime.now(UTC))
    found = {one.person.person_id: one for one in people.listed(people.sign_in_demo("demo-lena").token)}
    ledger.close()
    return found[person_id]


def test_an_administrator_changes_roles_and_the_person_is_out(signed_in: SignIn, home: Path) -> None:
    signed_in(home, Role.REVIEWER)
    app = visit(signed_in(home, Role.ADMIN), "people")
    app.selectbox(key="who").set_value("demo-rita").run()
    app.multiselect(key="roles_demo-rita").set_value([Role.ANALYST])
    press(app, "Change roles")
    assert "1 sign-in ended" in words(app).replace("\\", "")
    found = person(home, "demo-rita")
    assert (found.person.roles, found.sessions) == ({Role.ANALYST}, 0)


def test_a_refused_change_is_one_sentence(signed_in: SignIn, home: Path) -> None:
    app = visit(signed_in(home, Role.ADMIN), "people")
    app.selectbox(key="who").set_value("demo-kit").run()
    press(app, "Keep out")
    assert "Nobody changes their own rights" in words(app)
    assert [one.value for one in app.exception] == []


def test_out_in_and_out_again_are_three_changes(signed_in: SignIn, home: Path) -> None:
    app = visit(signed_in(home, Role.ADMIN), "people")
    app.selectbox(key="who").set_value("demo-rita").run()
    for label, is_active in (("Keep out", False), ("Let in again", True), ("Keep out", False)):
        press(app, label)
        assert person(home, "demo-rita").person.is_active is is_active


def test_a_manager_sees_people_and_changes_nothing(signed_in: SignIn, home: Path) -> None:
    app = visit(signed_in(home, Role.MANAGER), "people")
    assert [one.label for one in app.button] == []
    assert app.dataframe[0].value.shape == (9, 6)


def test_the_audit_page_lists_filters_and_verifies(signed_in: SignIn, home: Path) -> None:
    app = visit(signed_in(home, Role.MANAGER), "audit")
    assert app.dataframe[0].value["What"].tolist() == ["Sign in", "Add demo people"]
    app.selectbox(key="verb").set_value("SignIn").run()
    assert app.dataframe[0].value["Who"].tolist() == ["Max Verhoeven"]
    app.text_input(key="subject").set_value("nothing").run()
    assert "No row fits here." in words(app)
    press(app, "Verify now")
    assert "every rule of the ledger holds" in words(app)
