"""The data page, as an analyst loads a log with it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.workflows.people import add_demo_people
from data.home import Home
from data.ledger import Ledger
from data.records import Role
from data.warehouse import snapshot_info
from tests.pages.conftest import SignIn
from tests.pages.rooms import keyed, visit, words

PLAIN = "engagement_id,kind,actor_id,target_id,at\ne1,like,a,b,2026-01-01T00:00:00Z\ne2,like,a,c,2026-01-02T00:00:00Z\n"
FOREIGN = "who,what,ts\n![x](https://example.org/x.png),5,1767225600\n7,5,\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    ledger = Ledger.open(Home(tmp_path))
    add_demo_people(ledger, now=datetime.now(UTC))
    ledger.close()
    (tmp_path / "inbox").mkdir()
    return tmp_path


def looked_at(app: AppTest, name: str) -> AppTest:
    app.text_input(key="folder").set_value(name)
    return keyed(app.button, "look_folder").click().run()


def ended(app: AppTest) -> AppTest:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        app.run()
        if app.success or app.error:
            return app
        time.sleep(0.3)
    raise AssertionError(words(app))


def test_an_analyst_loads_a_log_of_the_inbox_and_sees_it_listed(signed_in: SignIn, home: Path) -> None:
    (home / "inbox" / "engagements.csv").write_text(PLAIN)

    app = looked_at(visit(signed_in(home, Role.ANALYST), "data"), "engagements.csv")
    assert "These columns follow the input contract" in words(app)
    keyed(app.button, "load").click().run()
    app = ended(app)

    assert [one.value for one in app.exception] == []
    newest = Home(home).newest_snapshot()
    assert newest is not None
    assert snapshot_info(newest).engagements == 2
    assert "holds 2 engagements" in words(app).replace("\\", "")


def test_a_bad_log_is_refused_with_its_lines_and_changes_nothing(signed_in: SignIn, home: Path) -> None:
    """X-02, X-17: the missing time is named by its line; the cell with markup is shown as text."""
    (home / "inbox" / "log.csv").write_text(FOREIGN)

    app = looked_at(visit(signed_in(home, Role.ANALYST), "data"), "log.csv")
    keyed(app.selectbox, "map_engagements_actor_id").set_value("who")
    keyed(app.selectbox, "map_engagements_target_id").set_value("what")
    keyed(app.selectbox, "map_engagements_kind").set_value(" always like")
    keyed(app.selectbox, "mapped_time").set_value("unix_s")
    keyed(app.button, "load").click().run()
    app = ended(app)

    assert Home(home).newest_snapshot() is None
    assert "at (column ts) is missing" in words(app).replace("\\", "")
    faults = next(one.value for one in app.dataframe if "Cause" in one.value.columns)
    assert faults["Line"].to_list() == [3]


def test_nothing_outside_the_inbox_can_be_named(signed_in: SignIn, home: Path) -> None:
    """D.4: neither by dots nor by a link."""
    (home / "secret.csv").write_text(PLAIN)
    (home / "inbox" / "link.csv").symlink_to(home / "secret.csv")

    for name in ("../secret.csv", str(home / "secret.csv"), "link.csv"):
        app = looked_at(visit(signed_in(home, Role.ANALYST), "data"), name)
        assert "That is not in the inbox" in words(app)


@pytest.mark.parametrize(("button", "hint"), [("look_files", "at least one file"), ("look_folder", "name of a folder")])
def test_a_press_with_nothing_chosen_says_what_to_choose(signed_in: SignIn, home: Path, button: str, hint: str) -> None:
    app = keyed(visit(signed_in(home, Role.ANALYST), "data").button, button).click().run()

    assert [hint in one.value for one in app.warning] == [True]
    assert [one.value for one in app.exception] == []
