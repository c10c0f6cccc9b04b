"""Statistics, reports, deliveries and people without a browser."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from data.records import Role
from data.tables import people, reports, settings_events
from tests.browser.facts import reading
from tests.pages.conftest import SignIn
from tests.pages.ledger_hand import decide_last_month
from tests.pages.rooms import keyed, opened, visit, words


def rows(home: Path, table: object) -> int:
    with reading(home) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_a_target_carries_who_set_it(signed_in: SignIn, demo_home: Path) -> None:
    before = rows(demo_home, settings_events)
    app = opened(visit(signed_in(demo_home, Role.MANAGER), "statistics"), "counted_m08")
    keyed(app.number_input, "target_value_m08").set_value(5.0)
    app = keyed(app.button, "target_go_m08").click().run()

    assert rows(demo_home, settings_events) == before + 1
    assert "Max" in words(app)


def test_analysts_read_figures_and_set_no_target(signed_in: SignIn, demo_home: Path) -> None:
    app = opened(visit(signed_in(demo_home, Role.ANALYST), "statistics"), "counted_m08")

    assert "Few appeals are no proof of quality." in words(app)
    assert [one.key for one in app.button if str(one.key).startswith("target_go_")] == []


def test_a_figure_that_does_not_exist_is_said_to_be_none(signed_in: SignIn, demo_home: Path) -> None:
    """X-11."""
    app = signed_in(demo_home, Role.MANAGER)
    app.query_params["figure"] = "M-99' or 1=1 --"
    app = visit(app, "statistics")

    assert [one.value for one in app.exception] == []
    assert "There is no such figure." in words(app)


def test_a_month_is_published_once_and_again_only_on_purpose(
    signed_in: SignIn, prepared_home: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(prepared_home, tmp_path / "home"))
    decide_last_month(home)
    app = visit(signed_in(home, Role.MANAGER), "reports")
    assert f"Publish {last_month():%B %Y}" in labels(app)
    app = keyed(app.button, "publish").click().run()
    assert rows(home, reports) == 1

    app = app.selectbox(key="month").set_value(f"{last_month():%Y-%m}").run()
    assert f"{last_month():%B %Y}, published" in app.selectbox(key="month").options
    assert keyed(app.button, "publish").disabled
    app = keyed(app.checkbox, "again").check().run()
    app = keyed(app.button, "publish").click().run()

    assert [one.value for one in app.exception] == []
    assert rows(home, reports) == 2


def test_months_are_offered_from_the_first_decision_on_newest_first(signed_in: SignIn, demo_home: Path) -> None:
    """The prepared home was decided on in the last two days."""
    app = visit(signed_in(demo_home, Role.MANAGER), "reports")
    offered = list(app.selectbox(key="month").options)

    assert offered[0].startswith(f"{datetime.now(UTC):%B %Y}")
    assert len(offered) == len({f"{datetime.now(UTC) - timedelta(days=days):%B %Y}" for days in (0, 2)})


def test_a_reviewer_sees_own_figures_and_no_row_of_a_colleague(signed_in: SignIn, demo_home: Path) -> None:
    """P-09: Theo decided half of the past; what others decided is neither counted nor listed for Rita."""
    app = visit(signed_in(demo_home, Role.REVIEWER), "statistics")
    told = words(app)
    assert "Your own decisions alone." in told
    assert "Agreement of two reviewers" not in told

    app = signed_in(demo_home, Role.REVIEWER)
    app.query_params["figure"] = "M-07"
    assert "You do not see this figure" in words(visit(app, "statistics"))


def last_month() -> datetime:
    return datetime.now(UTC).replace(day=1) - timedelta(days=1)


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def test_roles_are_changed_by_an_administrator(signed_in: SignIn, demo_home: Path) -> None:
    app = visit(signed_in(demo_home, Role.ADMIN), "people")
    app = keyed(app.selectbox, "who").set_value("demo-olu").run()
    keyed(app.multiselect, "roles_demo-olu").set_value([Role.ANALYST, Role.MANAGER])
    app = next(one for one in app.button if one.label == "Change roles").click().run()

    assert [one.value for one in app.error] == []
    with reading(demo_home) as connection:
        found = connection.scalar(select(people.c.roles).where(people.c.person_id == "demo-olu"))
    assert found == "analyst,manager"


def test_nobody_reviews_and_administers_at_once(signed_in: SignIn, demo_home: Path) -> None:
    """D.2."""
    app = visit(signed_in(demo_home, Role.ADMIN), "people")
    app = keyed(app.selectbox, "who").set_value("demo-theo").run()
    keyed(app.multiselect, "roles_demo-theo").set_value([Role.REVIEWER, Role.ADMIN])
    app = next(one for one in app.button if one.label == "Change roles").click().run()

    assert "Nobody reviews and administers at once" in words(app)
