"""Rows of the audit chain in words, and how far it is anchored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analytics.views import audit as view

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
NAMES = {"demo-rita": "Rita Marlow"}


def micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


@dataclass
class Row:
    seq: int = 7
    at: int = micros(NOW)
    actor_id: str = "demo-rita"
    actor_role: str = "reviewer,senior_reviewer"
    verb: str = "Decide"
    subject: str = "case-1"
    reason_code: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    hash: str = "ab" * 32


@dataclass
class Status:
    rows: int = 120
    last_at: int | None = micros(NOW)
    anchored_seq: int | None = 100
    anchored_at: int | None = micros(NOW - timedelta(minutes=4))


def test_a_row_says_who_did_what_as_what() -> None:
    assert view.rows([Row()], NAMES, NOW, ZONE).row(0) == (
        7,
        "24 Nov 12:00:00",
        "Rita Marlow",
        "Reviewer, Senior reviewer",
        "Decide",
        "case-1",
        "\u2013",
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [("Decide", "Decide"), ("ChangeRoles", "Change roles"), ("RetryAction.refused", "Retry action, refused")],
)
def test_a_verb_in_words(name: str, words: str) -> None:
    assert view.verb(name) == words


def test_hostile_text_in_a_row_is_shown_as_what_it_is() -> None:
    """X-03, T-05: nothing hidden, nothing that turns the line around."""
    row = Row(subject="a\u202eb", actor_id="![x](http://x)", reason_code="c\x00d")
    cells = view.rows([row], {}, NOW, ZONE).row(0)
    assert "\u202e" not in cells[5]
    assert "\x00" not in cells[6]
    assert cells[2] == "![x](http://x)"


def test_everything_a_row_says_is_listed_and_nothing_empty() -> None:
    told = view.details(Row(after={"b": 1, "a": "é"}), ZONE)
    assert told == [
        ("Time", "24 Nov 2026 12:00:00"),
        ("About", "case-1"),
        ("After", '{"a": "é", "b": 1}'),
        ("Hash", "ab" * 32),
    ]


@pytest.mark.parametrize(
    ("status", "text", "is_late"),
    [
        (Status(), "Anchored up to row 100, 4 min ago; 20 rows since.", False),
        (Status(rows=100), "Anchored up to row 100, 4 min ago.", False),
        (
            Status(anchored_at=micros(NOW - timedelta(minutes=16))),
            "Anchored up to row 100, 16 min ago; 20 rows since.",
            True,
        ),
        (Status(rows=100, anchored_at=micros(NOW - timedelta(days=2))), "Anchored up to row 100, 2 d ago.", False),
        (
            Status(anchored_seq=None, anchored_at=None),
            "Not anchored yet; the worker does it within five minutes.",
            False,
        ),
        (
            Status(anchored_seq=None, anchored_at=None, last_at=micros(NOW - timedelta(hours=1))),
            "Not anchored yet; the worker does it within five minutes.",
            True,
        ),
    ],
)
def test_how_far_the_chain_is_anchored(status: Status, text: str, is_late: bool) -> None:
    found = view.anchoring(status, NOW)
    assert (found.text, found.is_late) == (text, is_late)


@dataclass
class Verified:
    faults: tuple[str, ...]
    restores: int = 0
    is_sound: bool = False
    sentence: str = ""


def test_findings_are_cut_and_restores_are_said() -> None:
    report = Verified(tuple(f"Fault {number}." for number in range(25)), restores=2)
    told = view.findings(report)
    assert told[:2] == ["Fault 0.", "Fault 1."]
    assert told[-2:] == ["And 5 more.", "The ledger was put back from a copy 2 times."]
    assert len(told) == 22


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row(reason_code="PURCHASED_LIKES"), "Likes were bought"),
        (
            Row(
                verb="ChangeRoles.refused",
                reason_code="RightsError",
                after={"message": "You no longer have this right."},
            ),
            "You no longer have this right.",
        ),
        (Row(verb="Decide.refused", reason_code="ConflictError"), "ConflictError"),
        (Row(reason_code="=1+1"), "=1+1"),
    ],
)
def test_a_reason_is_said_in_the_words_the_person_read(row: Row, said: str) -> None:
    assert view.rows([row], NAMES, NOW, ZONE)["Reason"].item() == said
