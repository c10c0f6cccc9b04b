"""The app without a browser: one empty home, one at work, and a tab signed in as anybody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics.workflows.people import add_demo_people
from data.home import Home
from data.records import Role
from tests.ledger_fixtures import new_ledger
from tests.pages.one_case import keep_one_case
from tests.pages.rooms import as_the_server_runs_it, tab_of

SignIn = Callable[[Path, Role], AppTest]
LONGEST_RUN = 60


@pytest.fixture(autouse=True)
def _as_the_server_runs_it() -> Iterator[None]:
    with as_the_server_runs_it():
        yield


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which people are known and nothing was loaded."""
    folder = tmp_path_factory.mktemp("empty")
    ledger = new_ledger(Home(folder))
    add_demo_people(ledger, now=datetime.now(UTC))
    ledger.close()
    return folder


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> Path:
    """An empty home that the test may change."""
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def demo_home(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(prepared_home, tmp_path_factory.mktemp("demo") / "home"))


@pytest.fixture(scope="session", params=["waiting", "decided"])
def one_case_home(
    request: pytest.FixtureRequest, prepared_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A home with a log, a run and a single case: one that waits, or one that was decided and enforced."""
    folder = tmp_path_factory.mktemp("one") / "home"
    shutil.copytree(prepared_home, folder, ignore=shutil.ignore_patterns("ledger"))
    keep_one_case(prepared_home, folder, is_decided=request.param == "decided")
    return folder


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[SignIn]:
    """Open the app in a home as somebody of a role."""
    st.cache_resource.clear()

    def opened(home: Path, role: Role) -> AppTest:
        monkeypatch.setenv("UNBOUGHT_HOME", str(home))
        return tab_of(home, role, longest_run=LONGEST_RUN).run()

    yield opened
    st.cache_resource.clear()
