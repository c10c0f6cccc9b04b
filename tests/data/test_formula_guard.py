"""T-07, X-12: no cell that we write is run by a spreadsheet, and every cell comes back as it was."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.workflows.export_csv import csv_bytes
from data.formula_guard import guard, guarded, unguard, unguarded

DANGEROUS = (
    "=1+1",
    "+1",
    "-1",
    "@sum",
    "\tx",
    "\rx",
    "\x00x",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    ' "\n=1+1',
    '"=1',
    "harmless\n=1",
    "  =1",
    "\u200b=1",
    "'=1",
    "'plain",
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_every_dangerous_start_gets_an_apostrophe(text: str) -> None:
    assert guard(text) == f"'{text}"
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["", "anna", "a=b", "3-4", "x@y", "3 Nov - 5 Nov", "日本"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert guard(text) == text


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    assert unguard(guard(text)) == text


@given(st.lists(st.text(alphabet="=+-@'\" \n\rab\t\u200b\uff1d,", max_size=8), min_size=1, max_size=6))
def test_a_table_comes_back_through_a_csv_reader_and_the_columns_agree_with_the_function(texts: list[str]) -> None:
    frame = pl.DataFrame({"=name": texts, "n": range(len(texts))}, schema_overrides={"n": pl.Int64})
    cells = list(csv.reader(io.StringIO(csv_bytes(frame).decode(), newline="")))

    assert [row[0] for row in cells[1:]] == [guard(text) for text in texts]
    assert cells[0] == ["'=name", "n"]
    assert unguarded(guarded(frame)).equals(frame)


def test_every_cell_is_quoted_and_lines_end_as_the_rfc_says() -> None:
    assert csv_bytes(pl.DataFrame({"a": ['x"y', None], "b": [1, 2]})) == b'"a","b"\r\n"x""y","1"\r\n"","2"\r\n'


def test_negative_numbers_are_numbers_and_not_formulas() -> None:
    assert csv_bytes(pl.DataFrame({"a": [-5]})) == b'"a"\r\n"-5"\r\n'
