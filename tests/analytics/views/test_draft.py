"""Drafts survive as text, and text that is no draft counts as none."""

from __future__ import annotations

import pytest

from analytics.views.draft import EMPTY, LONGEST, draft_text, read_draft
from analytics.views.engagements import Choice

IDS = [f"e{place}" for place in range(10)]


def test_spans_name_the_rows() -> None:
    choice = Choice(out=frozenset({"e1", "e2", "e3", "e7"}), added=frozenset({"e9"}))

    text = draft_text("at night", choice, IDS)

    assert text == '{"note":"at night","out":"1-3,7","added":"9"}'
    assert read_draft(text, IDS) == ("at night", choice)


def test_nothing_written_is_nothing_kept() -> None:
    assert draft_text("", Choice(), IDS) == ""
    assert read_draft("", IDS) == ("", Choice())


def test_a_draft_that_is_too_long_keeps_its_note() -> None:
    ids = [f"e{place}" for place in range(4_000)]
    text = draft_text("every second one", Choice(out=frozenset(ids[::2])), ids)

    assert len(text) <= LONGEST
    assert read_draft(text, ids) == ("every second one", Choice())


@pytest.mark.parametrize("text", ["half a note", "[]", '{"out": "99"}', '{"out": "x-y"}', '{"out": 3}', "null"])
def test_what_is_no_draft_counts_as_none(text: str) -> None:
    assert read_draft(text, IDS) == EMPTY
