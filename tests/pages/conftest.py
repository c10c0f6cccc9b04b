"""The app without a browser: one empty home, one at work, and a tab signed in as anybody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from analytics.workflows.people import People, add_demo_people
from data.home import Home
from data.ledger import Ledger
from data.records import Role
from tests.pages.rooms import PERSON_OF, ROOT

SignIn = Callable[[Path, Role], AppTest]
LONGEST_RUN = 60


@pytest.fixture(autouse=True)
def _as_the_server_runs_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AppTest keeps the widgets' own functions in the session, which the check of the real server would refuse.

    The server does not take the folder of pages for its menu either.
    """
    begin = PagesManager.__init__

    def without_a_folder(manager: PagesManager, *told: Any, **named: Any) -> None:
        PagesManager.uses_pages_directory = False
        begin(manager, *told, **named)

    monkeypatch.setattr(PagesManager, "__init__", without_a_folder)
    name = "runner.enforceSerializableSessionState"
    config.set_option(name, False)
    yield
    config.set_option(name, True)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which people are known and nothing was loaded."""
    folder = tmp_path_factory.mktemp("empty")
    ledger = Ledger.open(Home(folder))
    add_demo_people(ledger, now=datetime.now(UTC))
    ledger.close()
    return folder


@pytest.fixture(scope="session")
def demo_home(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(prepared_home, tmp_path_factory.mktemp("demo") / "home"))


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[SignIn]:
    """Open the app in a home as somebody of a role."""
    st.cache_resource.clear()

    def opened(home: Path, role: Role) -> AppTest:
        monkeypatch.setenv("UNBOUGHT_HOME", str(home))
        ledger = Ledger.open(Home(home))
        token = People(ledger, lambda: datetime.now(UTC)).sign_in_demo(PERSON_OF[role]).token
        ledger.close()
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=LONGEST_RUN)
        app.session_state["sign_in_token"] = token
        return app.run()

    yield opened
    st.cache_resource.clear()
