"""Account, services, query and back-test without a browser: what is asked for, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from analytics.workspace import Workspace
from data.records import Role
from data.tables import lookups, service_events, settings_events
from tests.browser.facts import reading, waiting_accounts
from tests.pages.conftest import SignIn
from tests.pages.rooms import keyed, visit, words


def count(home: Path, table: object) -> int:
    with reading(home) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_an_account_without_a_case_is_opened_for_a_reason_only(signed_in: SignIn, demo_home: Path) -> None:
    """T-01: the reason is kept with the name."""
    account = waiting_accounts(demo_home)[-1]
    app = signed_in(demo_home, Role.ANALYST)
    app.query_params["account_id"] = account
    app = visit(app, "account")
    before = count(demo_home, lookups)
    app = keyed(app.button, "why_go").click().run()
    assert (count(demo_home, lookups), len(app.error)) == (before, 1)

    keyed(app.text_input, "why_reason").set_value("its followers asked about it")
    app = keyed(app.button, "why_go").click().run()

    assert [one.value for one in app.exception] == []
    assert count(demo_home, lookups) == before + 1
    assert "its followers asked about it" not in str(app.query_params)


def test_a_service_is_named_by_analysts_and_not_by_readers(signed_in: SignIn, demo_home: Path) -> None:
    app = visit(signed_in(demo_home, Role.ANALYST), "services")
    app = keyed(app.button, "service_open").click().run()
    keyed(app.text_input, "service_name").set_value("Dawn follows")
    app = keyed(app.button, "service_name_go").click().run()
    named = count(demo_home, service_events)
    assert "Dawn follows" in words(app)

    app = visit(signed_in(demo_home, Role.MANAGER), "services")
    app = keyed(app.button, "service_open").click().run()
    keyed(app.text_input, "service_name").set_value("Mine")
    app = keyed(app.button, "service_name_go").click().run()
    assert "no longer have this right" in words(app)
    assert count(demo_home, service_events) == named


def test_a_query_that_is_no_single_select_is_refused(signed_in: SignIn, demo_home: Path) -> None:
    """X-06 on the page: one plain sentence, no rows, nothing else runs."""
    app = visit(signed_in(demo_home, Role.ANALYST), "query")
    keyed(app.text_area, "sql").set_value("select 1; drop table accounts")
    app = keyed(app.button, "run").click().run()

    assert [one.value for one in app.exception] == []
    assert len(app.error) == 1
    assert len(app.dataframe) <= 1


def test_a_candidate_needs_a_second_person(signed_in: SignIn, demo_home: Path) -> None:
    """The one who proposed is offered no button to make it live."""
    before = count(demo_home, settings_events)
    app = visit(signed_in(demo_home, Role.ANALYST), "backtest")
    keyed(app.text_input, "candidate_reason").set_value("fewer cases a day")
    app = keyed(app.button, "candidate_go").click().run()
    assert count(demo_home, settings_events) == before + 1
    assert [one.key for one in app.button if str(one.key).startswith("live_")] == []

    app = visit(signed_in(demo_home, Role.MANAGER), "backtest")
    live = [one for one in app.button if str(one.key).startswith("live_")]
    live[-1].click().run()
    assert count(demo_home, settings_events) == before + 2


def test_the_score_of_an_account_is_explained_when_somebody_asks(signed_in: SignIn, demo_home: Path) -> None:
    app = signed_in(demo_home, Role.ANALYST)
    app.query_params["account_id"] = Workspace.open(demo_home).files.reader().rows("export_flags")["account_id"][0]
    app = visit(app, "account")
    if any(one.key == "why_reason" for one in app.text_input):
        keyed(app.text_input, "why_reason").set_value("to see its reasons")
        app = keyed(app.button, "why_go").click().run()
    told = words(app)
    assert "Why it has this score" in told
    assert "What speaks" not in told

    app = keyed(app.toggle, "show_why").set_value(True).run()

    assert [one.value for one in app.exception] == []
    assert "What speaks for it" in words(app)


def test_a_reviewer_is_offered_no_look_up_and_told_which_accounts_open(signed_in: SignIn, demo_home: Path) -> None:
    """T-01: a reviewer sees the accounts of own cases, so nothing asks them for a reason in vain."""
    app = visit(signed_in(demo_home, Role.REVIEWER), "account")
    assert "accounts of the cases that you hold" in words(app)
    assert [one.key for one in app.text_input] == []

    app.query_params["account_id"] = waiting_accounts(demo_home)[-1]
    app = app.run()
    assert "does not open to you" in words(app)
    assert [one.key for one in app.text_input] == []


def test_explore_is_narrowed_by_days_and_by_group_without_a_drag(signed_in: SignIn, demo_home: Path) -> None:
    """R-01 (WCAG 2.5.7), P-10: both are in the filter bar and in the address."""
    app = visit(signed_in(demo_home, Role.ANALYST), "explore")
    whole, field = found(app), keyed(app.date_input, "span")
    first, last = field.value
    app = field.set_value((first + timedelta(days=3), first + timedelta(days=5))).run()
    assert found(app) != whole
    assert (first + timedelta(days=3)).isoformat() in str(app.query_params["since"])

    app = keyed(app.button, "whole_log").click().run()
    assert found(app) == whole
    assert keyed(app.date_input, "span").value == (first, last)

    group = keyed(app.selectbox, "group_id").options[1]
    app = keyed(app.selectbox, "group_id").select(group).run()
    assert found(app) != whole
    assert str(app.query_params["group_id"]).strip("[']") == group.removeprefix("Group ")
    assert [one.value for one in app.exception] == []


def test_a_saved_filter_of_explore_may_hold_the_words_of_its_choices(signed_in: SignIn, demo_home: Path) -> None:
    """P-10: views that were saved while addresses held words open as they did."""
    told = []
    for kind in ("like", "likes"):
        app = signed_in(demo_home, Role.ANALYST)
        app.query_params["kinds"] = kind
        app = visit(app, "explore")
        assert keyed(app.multiselect, "kinds").value == ["like"]
        told.append(found(app))
    assert told[0] == told[1]


def found(app: AppTest) -> str:
    return next(line for line in words(app).splitlines() if " engagements from " in line)
