"""Who may do what, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics.views import people as view
from data.records import Person, Role

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Listed:
    person: Person
    subject: str = ""
    sessions: int = 0
    last_seen_at: int | None = None


RITA = Listed(
    Person(person_id="r", name="Rita\u202e", roles=frozenset({Role.REVIEWER, Role.ANALYST}), is_demo=True),
    sessions=2,
    last_seen_at=int((NOW - timedelta(minutes=3)).timestamp()) * 1_000_000,
)
ADA = Listed(Person(person_id="a", name="Ada", roles=frozenset({Role.ADMIN}), is_active=False), subject="ada@x.org")


def test_the_table_says_roles_logins_and_sign_ins() -> None:
    assert view.rows([RITA, ADA], NOW).rows() == [
        ("Rita⟨RLO⟩", "Reviewer, Analyst", "demo identity, no password", "2 sign-ins", "3 min ago", "yes"),
        ("Ada", "Administrator", "ada@x.org", "\u2013", "\u2013", "no"),
    ]


def test_the_facts_count_who_is_at_work_and_who_has_no_password() -> None:
    assert view.facts([RITA, ADA]) == "2 people, 1 signed in, 1 demo identity without a password"
    assert view.facts([ADA]) == "1 person, 0 signed in"


def test_choices_name_the_person_and_the_roles() -> None:
    assert view.choices([ADA]) == {"a": "Ada · Administrator"}
