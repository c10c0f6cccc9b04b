"""The people page in words: who may do what, and who is at work now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import polars as pl

from analytics.views.moments import ago, of_micros
from analytics.views.text import NOTHING, counted, plain
from analytics.views.words import DUTIES, ROLES
from data.records import Person, Role


class Listed(Protocol):
    """One person with their login and sessions."""

    @property
    def person(self) -> Person: ...
    @property
    def subject(self) -> str: ...
    @property
    def sessions(self) -> int: ...
    @property
    def last_seen_at(self) -> int | None: ...


def facts(found: Sequence[Listed]) -> str:
    at_work = sum(1 for one in found if one.sessions)
    demo = sum(1 for one in found if one.person.is_demo and one.person.is_active)
    told = f"{counted(len(found), 'person', 'people')}, {at_work:,} signed in"
    return f"{told}, {counted(demo, 'demo identity', 'demo identities')} without a password" if demo else told


def rows(found: Sequence[Listed], now: datetime) -> pl.DataFrame:
    """Return everybody with their roles; names are literal text."""
    return pl.DataFrame(
        {
            "Name": [plain(one.person.name, 80) for one in found],
            "Roles": [role_words(one.person.roles) for one in found],
            "Login": [_login(one) for one in found],
            "Signed in": [_sessions(one.sessions) for one in found],
            "Last seen": [ago(of_micros(one.last_seen_at), now) for one in found],
            "May sign in": ["yes" if one.person.is_active else "no" for one in found],
        },
        schema=dict.fromkeys(("Name", "Roles", "Login", "Signed in", "Last seen", "May sign in"), pl.String),
    )


def duties() -> list[tuple[str, str]]:
    """List what each role does."""
    return [(ROLES[role], DUTIES[role]) for role in ROLES]


def role_words(roles: Iterable[Role]) -> str:
    held = set(roles)
    return ", ".join(word for role, word in ROLES.items() if role in held) or NOTHING


def choices(found: Sequence[Listed]) -> Mapping[str, str]:
    """Return people by id in the words of a select box."""
    return {one.person.person_id: f"{plain(one.person.name, 60)} · {role_words(one.person.roles)}" for one in found}


def _login(one: Listed) -> str:
    return "demo identity, no password" if one.person.is_demo else plain(one.subject, 80) or NOTHING


def _sessions(count: int) -> str:
    return counted(count, "sign-in") if count else NOTHING
