"""Who is who in the demo, and which pages there are, as tests name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from analytics.workflows.people import People
from app import PAGES
from data.home import Home
from data.ledger import Ledger
from data.records import Role

ROOT = Path(__file__).parent.parent.parent
PERSON_OF = {
    Role.REVIEWER: "demo-rita",
    Role.SENIOR_REVIEWER: "demo-sena",
    Role.ANALYST: "demo-ana",
    Role.MANAGER: "demo-max",
    Role.ADMIN: "demo-kit",
}
NAMES = [page.name for page in PAGES]
TITLES = {page.name: page.title for page in PAGES}
ROLES_OF = {page.name: sorted(page.roles) for page in PAGES}


@contextmanager
def as_the_server_runs_it() -> Iterator[None]:
    """AppTest keeps the widgets' own functions in the session, which the check of the real server would refuse.

    The server does not take the folder of pages for its menu either.
    """
    begin, name = PagesManager.__init__, "runner.enforceSerializableSessionState"

    def without_a_folder(manager: PagesManager, *told: Any, **named: Any) -> None:
        PagesManager.uses_pages_directory = False
        begin(manager, *told, **named)

    PagesManager.__init__ = without_a_folder  # type: ignore[method-assign]
    config.set_option(name, False)
    try:
        yield
    finally:
        PagesManager.__init__ = begin  # type: ignore[method-assign]
        config.set_option(name, True)


def tab_of(home: Path, role: Role, *, longest_run: float) -> AppTest:
    """Return a tab that somebody of a role signed in to, not yet drawn; UNBOUGHT_HOME must name the home."""
    ledger = Ledger.open(Home(home))
    token = People(ledger, lambda: datetime.now(UTC)).sign_in_demo(PERSON_OF[role]).token
    ledger.close()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=longest_run)
    app.session_state["sign_in_token"] = token
    return app


def visit(app: AppTest, name: str) -> AppTest:
    """Go to a page of the menu."""
    return app.switch_page(f"pages/{name}.py").run()


def opened(app: AppTest, key: str) -> AppTest:
    """Click on what opens: a popover is laid out when somebody looks into it."""
    app.session_state[key] = True
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    """Press the one button that is called so."""
    (button,) = [one for one in app.button if one.label == label]
    return button.click().run()


def title(app: AppTest) -> str:
    return str(app.header[0].value) if app.header else ""


def words(app: AppTest) -> str:
    """Everything that is written on the page."""
    kinds = (app.text, app.error, app.success, app.warning, app.info, app.markdown, app.caption)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def keyed(widgets: Iterable[Any], key: str) -> Any:
    """Return the widget with this key; a form's button carries its form's name as well."""
    found = [one for one in widgets if str(one.key) == key or str(one.key).endswith(f"-{key}")]
    assert found, f"no widget {key!r} among {[one.key for one in widgets]}"
    return found[0]
