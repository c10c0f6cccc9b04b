"""Filters live in the address as codes: what a link carries is what the page at its other end is filtered by."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from data.records import Role
from tests.pages.conftest import SignIn
from tests.pages.rooms import keyed, visit, words


def at(app: AppTest, page: str, **query: str) -> AppTest:
    """Open a page by an address, as a link does."""
    for name, value in query.items():
        app.query_params[name] = value
    return visit(app, page)


def links_to(app: AppTest, page: str) -> list[dict[str, str]]:
    """Return what each link to a page carries."""
    found = [one.proto for one in app.get("page_link")]
    carried = [parse_qs(one.query_string) for one in found if one.page == page]
    return [{name: values[0] for name, values in one.items()} for one in carried]


def told(app: AppTest, name: str) -> list[str]:
    """Return what the address says of one filter."""
    found = app.query_params.get(name, [])
    return [found] if isinstance(found, str) else list(found)


def value(app: AppTest, name: str) -> Any:
    return keyed(app.selectbox, name).value


@pytest.mark.parametrize(
    ("role", "page", "name", "code", "called"),
    [
        (Role.MANAGER, "audit", "person", "demo-rita", "Rita Marlow"),
        (Role.MANAGER, "audit", "verb", "SignIn", "Sign in"),
        (Role.MANAGER, "deliveries", "state", "queued", "waiting"),
        (Role.SENIOR_REVIEWER, "deliveries", "kind", "reset_password", "Reset password, sign out everywhere"),
        (Role.SENIOR_REVIEWER, "appeals", "show", "all", "All, answered ones too"),
        (Role.ADMIN, "people", "who", "demo-theo", None),
        (Role.MANAGER, "statistics", "kind", "like", "likes"),
        (Role.MANAGER, "statistics", "step", "1", None),
    ],
)
def test_a_filter_of_the_address_is_a_code_and_stays_one(
    signed_in: SignIn, demo_home: Path, role: Role, page: str, name: str, code: str, called: str | None
) -> None:
    """P-13: an address means the same when a choice is renamed; kept ones that hold its words still work."""
    app = at(signed_in(demo_home, role), page, **{name: code})
    assert value(app, name) == code
    assert told(app, name) == [code]

    for asked in [called] if called else []:
        app = at(signed_in(demo_home, role), page, **{name: asked})
        assert value(app, name) == code
        assert told(app, name) == [code]


def test_a_choice_is_written_as_its_code_and_none_leaves_the_address(signed_in: SignIn, demo_home: Path) -> None:
    app = visit(signed_in(demo_home, Role.MANAGER), "audit")
    assert "person" not in app.query_params
    app = keyed(app.selectbox, "person").set_value("demo-max").run()
    assert told(app, "person") == ["demo-max"]
    app = keyed(app.selectbox, "person").set_value("any").run()
    assert "person" not in app.query_params


@pytest.mark.parametrize("odd", ["' OR 1=1 --", "", "9" * 400])
def test_a_filter_nobody_knows_counts_as_none(signed_in: SignIn, demo_home: Path, odd: str) -> None:
    """X-11."""
    app = at(signed_in(demo_home, Role.MANAGER), "audit", person=odd, verb=odd, day=odd)

    assert [one.value for one in app.exception] == []
    assert (value(app, "person"), value(app, "verb"), keyed(app.date_input, "day").value) == ("any", "any", None)


def test_the_entries_of_a_person_on_a_day_are_what_the_link_leads_to(signed_in: SignIn, demo_home: Path) -> None:
    """P-13: the link from Oversight, its person and its day."""
    app = visit(signed_in(demo_home, Role.MANAGER), "oversight")
    links = links_to(app, "audit")
    assert {"person": "demo-max", "day": f"{datetime.now(UTC):%Y-%m-%d}"} in links

    for link in links:
        app = at(signed_in(demo_home, Role.MANAGER), "audit", **link)
        assert value(app, "person") == link["person"]
        assert f"{keyed(app.date_input, 'day').value:%Y-%m-%d}" == link["day"]
        (rows,) = [one.value for one in app.dataframe if "What" in one.value.columns]
        assert rows["Who"].nunique() == 1


def found(app: AppTest) -> list[str]:
    return [line for line in words(app).splitlines() if "account" in line or "No waiting case" in line]


def test_a_service_of_the_address_narrows_the_bulk(signed_in: SignIn, demo_home: Path) -> None:
    app = visit(signed_in(demo_home, Role.REVIEWER), "bulk")
    service = next(one for one in keyed(app.selectbox, "service").options if one != "Any service")
    app = keyed(app.selectbox, "service").select(service).run()
    (code,) = told(app, "service")
    assert code.startswith("v-")

    again = at(signed_in(demo_home, Role.REVIEWER), "bulk", service=code)
    assert value(again, "service") == code
    assert found(again) == found(app)
