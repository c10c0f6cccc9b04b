"""Text that a spreadsheet would run as a formula gets an apostrophe in front, and loses it when it is read back."""

from __future__ import annotations

import re

import polars as pl

# = + - @ and their full-width and small forms, tab, carriage return and NUL, at the start of the cell or of a line in
# it, also behind blanks, quotes and marks of no width. An apostrophe of the text's own is doubled, so that the first
# one always is ours.
_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\t\r\x00"
DANGEROUS = rf"^'|^\n|(?:^|[\r\n])[\s\"\x{{200b}}\x{{feff}}]*[{_STARTS}]"
_DANGEROUS_TEXT = re.compile(DANGEROUS.replace("\\x{200b}", "\u200b").replace("\\x{feff}", "\ufeff"))


def guard(text: str) -> str:
    """Put the apostrophe before what could be taken for a formula."""
    return f"'{text}" if _DANGEROUS_TEXT.search(text) else text


def unguard(text: str) -> str:
    """Take our own apostrophe off again."""
    return text[1:] if text.startswith("'") and _DANGEROUS_TEXT.search(text[1:]) else text


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Guard every text column and every column name; numbers and times cannot be formulas."""
    columns = [
        pl.when(pl.col(name).str.contains(DANGEROUS))
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(pl.col(name))
        .alias(guard(name))
        if kind == pl.String
        else pl.col(name).alias(guard(name))
        for name, kind in frame.schema.items()
    ]
    return frame.select(columns)


def unguarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Undo `guarded` on the text columns of a file that was read back."""
    return frame.select(
        pl.col(name).map_elements(unguard, return_dtype=pl.String).alias(unguard(name))
        if kind == pl.String
        else pl.col(name)
        for name, kind in frame.schema.items()
    )
