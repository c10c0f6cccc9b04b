"""S-26: every page for everybody who may see it: empty home, one case, a home at work; and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.records import Role
from tests.pages.conftest import SignIn
from tests.pages.rooms import NAMES, PERSON_OF, ROLES_OF, TITLES, title, visit, words

NO_WORKER = "The worker that delivers is silent"


def test_every_page_of_the_menu_is_there() -> None:
    assert [name for name in NAMES if not (Path(__file__).parents[2] / "pages" / f"{name}.py").exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_to_do_when_nothing_is_loaded(signed_in: SignIn, empty_home: Path, name: str) -> None:
    for role in ROLES_OF[name]:
        app = visit(signed_in(empty_home, role), name)

        assert [one.value for one in app.exception] == []
        assert title(app) in (TITLES[name], "")
        assert len(words(app)) > 20


@pytest.mark.parametrize("name", NAMES)
def test_a_page_draws_a_world_at_work(signed_in: SignIn, demo_home: Path, name: str) -> None:
    for role in ROLES_OF[name]:
        app = visit(signed_in(demo_home, role), name)

        assert [one.value for one in app.exception] == []
        assert title(app) == TITLES[name]
        # No worker runs beside these tests, and the page of deliveries is right to say so.
        assert [one.value for one in app.error if not one.value.startswith(NO_WORKER)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_draws_a_world_with_one_case(signed_in: SignIn, one_case_home: Path, name: str) -> None:
    """Where a figure is counted from one row, and a list has one line."""
    app = visit(signed_in(one_case_home, Role(ROLES_OF[name][0])), name)

    assert [one.value for one in app.exception] == []
    assert title(app) == TITLES[name]
    assert [one.value for one in app.error if not one.value.startswith(NO_WORKER)] == []


@pytest.mark.parametrize("name", NAMES)
def test_nobody_else_reaches_it(signed_in: SignIn, demo_home: Path, name: str) -> None:
    """S-23, T-03: a page outside the menu cannot be opened by its file either."""
    for role in set(PERSON_OF) - {Role(one) for one in ROLES_OF[name]}:
        app = signed_in(demo_home, role)
        with pytest.raises(Exception, match=f"{name}"):
            visit(app, name)


def test_nobody_is_asked_for_anything_before_the_sign_in(monkeypatch: pytest.MonkeyPatch, demo_home: Path) -> None:
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    monkeypatch.setenv("UNBOUGHT_HOME", str(demo_home))
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60).run()

    assert app.title[0].value == "Who is at the desk?"
    assert len([one for one in app.button if one.label == "Sign in"]) == 9
