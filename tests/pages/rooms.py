"""Who is who in the demo, and which pages there are, as tests name them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from app import PAGES
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


def visit(app: AppTest, name: str) -> AppTest:
    """Go to a page of the menu."""
    return app.switch_page(f"pages/{name}.py").run()


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
