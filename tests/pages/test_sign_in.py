"""Signing in through an identity provider: its word is needed, and not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics.workflows.people import admit_first
from data.errors import ConflictError
from data.home import Home
from data.ledger import Ledger
from tests.pages.rooms import ROOT, title, words

Vouched = Callable[[str], AppTest]


@pytest.fixture
def vouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vouched]:
    """Open the app as somebody whom the provider vouched for, in a home with one administrator, as in production."""
    monkeypatch.setenv("UNBOUGHT_HOME", str(tmp_path))
    monkeypatch.setenv("UNBOUGHT_MODE", "production")
    st.cache_resource.clear()
    ledger = Ledger.open(Home(tmp_path))
    admit_first(ledger, name="Mara Quill", subject="oidc|mara", now=datetime.now(UTC))
    ledger.close()

    def opened(subject: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.secrets["auth"] = {"client_id": "x"}
        app.user = {"is_logged_in": bool(subject), "sub": subject, "email": f"{subject}@example.org"}
        return app.run()

    yield opened
    st.cache_resource.clear()


def test_whom_the_provider_and_the_ledger_know_is_signed_in(vouched: Vouched) -> None:
    app = vouched("oidc|mara")

    assert not app.exception
    assert title(app) == "Operations"


def test_whom_only_the_provider_knows_is_kept_out(vouched: Vouched) -> None:
    """D.2."""
    app = vouched("oidc|stranger")

    assert title(app) == ""
    assert [error.value for error in app.error] == [r"You are not known here\. Ask an administrator to add you\."]
    assert app.button(key="provider_leave")
    assert "oidc|stranger" in words(app)


def test_nobody_is_offered_a_demo_identity_in_production(vouched: Vouched) -> None:
    app = vouched("")

    assert [button.key for button in app.button] == ["provider"]


def test_there_is_one_first_administrator(tmp_path: Path) -> None:
    ledger = Ledger.open(Home(tmp_path))
    admit_first(ledger, name="Mara Quill", subject="oidc|mara", now=datetime.now(UTC))

    with pytest.raises(ConflictError):
        admit_first(ledger, name="Eve", subject="oidc|eve", now=datetime.now(UTC))
    ledger.close()


def test_a_home_without_people_says_how_the_first_one_is_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log may be loaded and scored before anybody is known; the way in is not only a demo."""
    monkeypatch.setenv("UNBOUGHT_HOME", str(tmp_path))
    st.cache_resource.clear()

    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()

    assert not app.exception
    assert "python -m analytics admit" in app.code[0].value
    assert "[auth]" in words(app)
    assert not app.button
