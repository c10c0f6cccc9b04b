"""The desk without a browser: take, decide, undo, skip; what is refused is said and changes nothing."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from data.records import Role
from tests.browser.facts import facts, leased_by, with_roles
from tests.pages.conftest import SignIn
from tests.pages.rooms import PERSON_OF, words

RITA = PERSON_OF[Role.REVIEWER]


def keyed(app: AppTest, start: str) -> list[str]:
    return [str(one.key) for one in app.button if str(one.key).startswith(start)]


def press(app: AppTest, start: str) -> AppTest:
    return app.button(key=keyed(app, start)[0]).click().run()


def taken(signed_in: SignIn, home: Path) -> tuple[AppTest, str]:
    """Open the desk with a case on it."""
    app = signed_in(home, Role.REVIEWER)
    app.query_params["lane"] = "queue"
    app.run()
    if keyed(app, "start"):
        press(app, "start")
    return app, leased_by(home, RITA)[0]


def test_a_confirmation_writes_everything_and_shows_the_next_case(signed_in: SignIn, demo_home: Path) -> None:
    app, case = taken(signed_in, demo_home)

    app = press(app, f"confirm_{case}")

    assert [one.value for one in app.exception] == []
    assert facts(demo_home, case).is_whole
    assert leased_by(demo_home, RITA) != [case]
    assert keyed(app, "undo_")


def test_an_undo_takes_it_back_before_anything_left(signed_in: SignIn, demo_home: Path) -> None:
    """U-05, F-11."""
    app, case = taken(signed_in, demo_home)
    app = press(app, f"reject_{case}")

    app = press(app, "undo_")

    assert facts(demo_home, case).undone == 1
    assert [one.value for one in app.error] == []


def test_a_row_taken_out_is_left_out_of_the_plan(signed_in: SignIn, demo_home: Path) -> None:
    """U-07."""
    app, case = taken(signed_in, demo_home)
    app.toggle(key="plain_rows").set_value(True).run()
    ticked = [one for one in app.checkbox if one.value]
    ticked[0].uncheck().run()

    assert "1 row taken out" in words(app)
    assert app.button(key=f"confirm_{case}").disabled
    assert not app.button(key=f"part_{case}").disabled
    press(app, f"part_{case}")
    assert facts(demo_home, case).is_whole


def test_a_skip_asks_for_no_decision(signed_in: SignIn, demo_home: Path) -> None:
    """P-08."""
    app, case = taken(signed_in, demo_home)

    press(app, f"skip_{case}")

    assert facts(demo_home, case).is_absent
    assert leased_by(demo_home, RITA) != [case]


def test_who_lost_the_right_meanwhile_is_refused(signed_in: SignIn, demo_home: Path) -> None:
    """X-21."""
    app, case = taken(signed_in, demo_home)
    with_roles(demo_home, RITA, "analyst")
    try:
        app = press(app, f"confirm_{case}")
    finally:
        with_roles(demo_home, RITA, "reviewer")

    assert "no longer have this right" in words(app)
    assert facts(demo_home, case).is_absent
