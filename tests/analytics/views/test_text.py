"""X-03: hostile text can be seen for what it is and takes no more room than other text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.views.text import counted, letter_by_letter, listed, number, paragraphs, plain, share, shares


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨RLO⟩b"),
        ("a\u200bb", "a⟨ZWSP⟩b"),
        ("a\x00b", "a␀b"),
        ("a\nb\tc", "a␊b␉c"),
        ("\u0301a", "◌\u0301a"),
        ("\ud800", "\ufffd"),
        ("<b>x</b>", "<b>x</b>"),
        ("Zoë 李", "Zoë 李"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("\u3164", "⟨U+3164⟩"),
        ("", ""),
        (None, ""),
    ],
)
def test_what_cannot_be_seen_gets_a_visible_placeholder(text: str | None, shown: str) -> None:
    assert plain(text) == shown


def test_ten_thousand_marks_stay_one_letter() -> None:
    assert plain("e" + "\u0301" * 10_000 + "x") == "e" + "\u0301" * 4 + "x"


def test_text_is_cut_after_two_hundred_letters() -> None:
    assert plain("x" * 201) == "x" * 200 + "…"
    assert plain("x" * 200) == "x" * 200


@given(st.text(alphabet=st.characters(), max_size=400))
def test_nothing_shown_can_flip_the_line_or_break_it(text: str) -> None:
    shown = plain(text)

    assert {unicodedata.category(letter) for letter in shown} & {"Cc", "Cs", "Zl", "Zp"} == set()
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


# Half of it from what most names are made of, so that both ways through are taken, and marks on the last letter shown.
_USUAL = st.characters(codec="ascii") | st.sampled_from("Zoë李ñ👩\u200d💻\u0301\u3164\u00a0\u2028🇮")


@given(st.text(alphabet=_USUAL | st.characters(), max_size=30), st.integers(1, 12))
def test_the_short_way_for_usual_text_shows_what_the_long_way_shows(text: str, limit: int) -> None:
    assert plain(text, limit) == letter_by_letter(text, limit)


def test_longer_text_keeps_its_lines_and_nothing_else() -> None:
    assert paragraphs("one\r\ntwo\u202e\x00\n\nthree") == "one\ntwo⟨RLO⟩␀\n\nthree"
    assert paragraphs("x\n" * 100).count("\n") == 60


def test_numbers_carry_separators_and_a_dash_where_there_is_none() -> None:
    assert (number(1204), number(None), number(0.256, 2), share(0.956)) == ("1,204", "\u2013", "0.26", "95.6 %")


def test_counts_and_lists_read_as_a_person_would_say_them() -> None:
    assert (counted(1, "like"), counted(412, "like"), counted(2, "try", "tries")) == ("1 like", "412 likes", "2 tries")
    assert (listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])) == (
        "",
        "a",
        "a and b",
        "a, b and c",
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0.838, 0.134, 0.026, 0.002], ["84 %", "13 %", "3 %", "under 1 %"]),
        ([1 / 3] * 3, ["34 %", "33 %", "33 %"]),
        ([1.0], ["100 %"]),
        ([0.5, 0.25], ["50 %", "25 %"]),
        ([], []),
    ],
)
def test_shares_of_one_whole_add_up(values: list[float], told: list[str]) -> None:
    assert shares(values) == told
