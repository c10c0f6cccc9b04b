"""JSONL: one flat object a line, read line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from data.engine import Connection
from data.ingest.rows import BATCH, LONGEST_LINE, RowTable
from data.ingest.sources import MOST_COLUMNS, Source, check_columns, is_utf8

Faults = list[tuple[int, str]]
Cells = dict[str, str | None]


class _RefusedError(ValueError):
    """Why one line is not a usable object."""


def stage(connection: Connection, source: Source) -> tuple[list[str], Faults]:
    """Stage the readable lines; returns the columns and what makes the other lines unreadable."""
    table, faults, row = RowTable(connection, source.staged), [], 0
    lines, rows, kept = [], [], []
    for line, text in _lines(source):
        row += 1
        try:
            kept.append(_cells(text))
        except _RefusedError as error:
            faults.append((line, str(error)))
            continue
        lines.append(line)
        rows.append(row)
        if len(kept) == BATCH:
            _append(source, table, lines, rows, kept)
            lines, rows, kept = [], [], []
    _append(source, table, lines, rows, kept)
    if row == 0:
        raise source.refusal("it has no rows")
    return table.columns, faults


def objects(source: Source) -> Iterator[Cells]:
    """The readable lines only, for a first look."""
    for _line, text in _lines(source):
        try:
            yield _cells(text)
        except _RefusedError:
            continue


def _append(source: Source, table: RowTable, lines: list[int], rows: list[int], kept: list[Cells]) -> None:
    names = {name: None for cells in kept for name in cells}
    check_columns(source, list(dict.fromkeys([*table.columns, *names])))
    if kept:
        table.append(lines, rows, {name: [cells.get(name) for cells in kept] for name in names})


def _lines(source: Source) -> Iterator[tuple[int, bytes]]:
    with source.path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise source.refusal("the line is longer than 1 MB", line=number)
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield number, line


def _cells(line: bytes) -> Cells:
    try:
        told = json.loads(line.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except _RefusedError:
        raise
    except UnicodeDecodeError as error:
        raise _RefusedError("it is not UTF-8") from error
    except ValueError as error:
        raise _RefusedError("it is not JSON") from error
    except RecursionError as error:
        raise _RefusedError("it is nested too deeply") from error
    if not isinstance(told, dict):
        raise _RefusedError("it is not an object")
    if len(told) > MOST_COLUMNS:
        raise _RefusedError(f"it has more than {MOST_COLUMNS} keys")
    return {str(_cell(name) or ""): _cell(value) for name, value in told.items()}


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        if value and not value.isascii() and not is_utf8(value):
            raise _RefusedError("it has half a character (a lone surrogate)")
        if value and "\0" in value:
            raise _RefusedError("it has a NUL character")
        return value or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    raise _RefusedError("a value is a list or an object")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise _RefusedError("a key comes twice")
    return told


def _no_constant(name: str) -> object:
    raise _RefusedError(f"{name} is not a number")
