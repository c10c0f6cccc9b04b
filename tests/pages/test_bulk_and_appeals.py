"""Bulk and appeals without a browser: from the choice to the report, and from the complaint to its answer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.workflows.appeal_intake import Filing, file_from_outside
from data.home import Home
from data.moments import of_micros
from data.records import Role
from data.tables import appeal_outcomes, appeals, bulk_events, bulks, cases, decision_events, decisions
from tests.analytics.workflows.bulk_world import BulkWorld
from tests.delivery_world import Clock
from tests.pages.conftest import SignIn
from tests.pages.rooms import keyed, visit, words


@pytest.fixture
def world(tmp_path: Path) -> BulkWorld:
    world = BulkWorld(Home(tmp_path), Clock(datetime.now(UTC)))
    world.cases(33)
    return world


def home(world: BulkWorld) -> Path:
    return Path(str(world.ledger.file)).parents[1]


def opened(signed_in: SignIn, world: BulkWorld, role: Role) -> AppTest:
    """Open the newest bulk as somebody of a role."""
    app = signed_in(home(world), role)
    app.query_params["bulk_id"] = world.rows(bulks)[-1].bulk_id
    return visit(app, "bulk")


def sound(app: AppTest) -> AppTest:
    assert [one.value for one in app.exception] == []
    return app


def test_a_bulk_by_its_page_from_the_choice_to_the_report(signed_in: SignIn, world: BulkWorld) -> None:
    """U-09 to U-13: frozen, sampled, approved by somebody else, started, followed, done."""
    app = sound(visit(signed_in(home(world), Role.REVIEWER), "bulk"))
    assert "33 accounts, proposed: 99 likes" in words(app)
    assert "Needs the approval of a senior reviewer or manager who is not the author." in words(app)

    app = sound(keyed(app.button, "freeze").click().run())
    assert "0 of 30 sampled cases decided" in words(app)
    world.clock.at = datetime.now(UTC)
    world.sample(world.rows(bulks)[0].bulk_id)
    app = sound(opened(signed_in, world, Role.REVIEWER))
    assert not [one for one in app.button if str(one.key).endswith("start_bulk")]

    sound(keyed(opened(signed_in, world, Role.SENIOR_REVIEWER).button, "approve_bulk").click().run())
    app = opened(signed_in, world, Role.REVIEWER)
    app = sound(keyed(app.button, "start_bulk").click().run())
    assert [one.label for one in app.button if "Stop" in one.label] == [":red[Stop the run]"]

    world.clock.at = datetime.now(UTC)
    world.run()
    app = sound(opened(signed_in, world, Role.MANAGER))
    assert "3 of 3 cases seen to, 3 decided." in words(app)
    assert [row.event for row in world.rows(bulk_events)] == ["previewed", "approved", "executing", "done"]
    assert len(world.rows(decisions, bulk_id=world.rows(bulks)[0].bulk_id)) == 3


def test_the_stop_of_a_running_bulk_says_what_it_cancelled(signed_in: SignIn, world: BulkWorld) -> None:
    """U-13."""
    bulk_id = world.freeze()
    world.sample(bulk_id)
    world.approve(bulk_id)
    world.start(bulk_id)
    world.run(most=1)

    app = sound(keyed(opened(signed_in, world, Role.MANAGER).button, "stop_bulk").click().run())

    assert "3 actions cancelled" in words(app)
    assert "1 decision taken back" in words(app)
    assert {row.state for row in world.rows(cases, lane="queue")} == {"open"}


def test_a_manager_sees_lists_and_puts_none_together(signed_in: SignIn, world: BulkWorld) -> None:
    app = sound(visit(signed_in(home(world), Role.MANAGER), "bulk"))

    assert "Reviewers put lists together" in words(app)
    assert not [one for one in app.button if "Freeze" in one.label]


def appealed(world: BulkWorld) -> str:
    """Decide a bulk's sample and let one owner complain about it."""
    world.sample(world.freeze())
    one = world.rows(decisions)[0]
    filing = Filing(decision_id=one.decision_id, text="It was **me**. <img src=http://evil.test/x>", channel="webhook")
    return file_from_outside(world.ledger, filing, of_micros(one.decided_at)).appeal_id


def test_an_appeal_is_answered_by_its_page(signed_in: SignIn, world: BulkWorld) -> None:
    """P-18: read as it was written, decided with grounds, given back."""
    appeal_id = appealed(world)
    app = sound(visit(signed_in(home(world), Role.SENIOR_REVIEWER), "appeals"))
    assert "1 appeal waiting" in words(app)
    assert "It was **me**. <img src=http://evil.test/x>" in [one.value for one in app.text]
    assert "theo" not in words(app).lower()

    app = sound(keyed(app.button, "appeal_overturned").click().run())
    assert "The grounds are missing" in words(app)
    app.text_area(key=f"grounds_{appeal_id}").set_value("The owner's phone made them.")
    app = sound(keyed(app.button, "appeal_overturned").click().run())

    assert "nobody waits for an answer" in words(app)
    assert [(row.outcome, row.grounds) for row in world.rows(appeal_outcomes)] == [
        ("overturned", "The owner's phone made them.")
    ]
    assert [row.event for row in world.rows(decision_events)] == ["overturned"]


def test_an_appeal_is_taken_in_by_its_page(signed_in: SignIn, world: BulkWorld) -> None:
    world.sample(world.freeze())
    one = world.rows(decisions)[0]
    app = sound(visit(signed_in(home(world), Role.SENIOR_REVIEWER), "appeals"))
    app.text_input(key="appeal_decision").set_value(one.decision_id)
    app.text_area(key="appeal_words").set_value("By telephone: it was me.")

    app = sound(keyed(app.button, "file_appeal").click().run())

    assert "The appeal is filed" in words(app)
    assert [(row.decision_id, row.channel) for row in world.rows(appeals)] == [(one.decision_id, "page")]
