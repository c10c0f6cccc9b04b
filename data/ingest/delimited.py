"""CSV: read by the engine when it is clean; read again row by row, with lines and causes, when it is not."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from data.engine import Connection, EngineError, identifier, literal
from data.ingest.reading import LINE, LONGEST_TEXT, ROW
from data.ingest.rows import BATCH, LONGEST_LINE, RowTable
from data.ingest.sources import Source, check_columns, is_utf8

Faults = list[tuple[int, str]]


def header(source: Source) -> list[str]:
    """The column names of the first line."""
    for _line, cells in records(source):
        check_columns(source, cells)
        return cells
    raise source.refusal("the file is empty")


def stage(connection: Connection, source: Source) -> bool:
    """Stage the whole file at once; False when anything in it needs a closer look."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header(source))
    if _is_odd(source):
        return False
    scan = (
        f"read_csv({literal(source.path)}, auto_detect = false, header = true, delim = ',', quote = '\"', "
        f"escape = '\"', strict_mode = true, columns = {{{columns}}})"
    )
    try:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"create or replace temp table {source.staged} as "
            f"select *, row_number() over () as {LINE}, row_number() over () as {ROW} from {scan}"
        )
    except EngineError:
        return False
    finally:
        connection.execute("set preserve_insertion_order = false")
    return True


def stage_slowly(connection: Connection, source: Source) -> Faults:
    """Stage the readable rows with their lines; returns what makes the others unreadable."""
    names, faults, row = header(source), [], 0
    table = RowTable(connection, source.staged, names)
    lines, rows, kept = [], [], []
    for row, (line, cells) in enumerate(records(source)):
        if row == 0:
            continue
        cause = _cause(names, cells)
        if cause:
            faults.append((line, cause))
            continue
        lines.append(line)
        rows.append(row)
        kept.append(cells)
        if len(kept) == BATCH:
            _append(table, names, lines, rows, kept)
            lines, rows, kept = [], [], []
    _append(table, names, lines, rows, kept)
    if row == 0:
        raise source.refusal("it has a header and no rows")
    return faults


def _append(table: RowTable, names: list[str], lines: list[int], rows: list[int], kept: list[list[str]]) -> None:
    if kept:
        columns = zip(*kept, strict=True)
        cells = {name: [cell or None for cell in column] for name, column in zip(names, columns, strict=True)}
        table.append(lines, rows, cells)


def _cause(names: list[str], cells: list[str]) -> str | None:
    if len(cells) != len(names):
        return f"it has {len(cells)} cells where the header has {len(names)}"
    for name, cell in zip(names, cells, strict=True):
        if len(cell) > LONGEST_TEXT // 4 and len(cell.encode(errors="replace")) > LONGEST_TEXT:
            return f"a cell of {identifier(name)} is longer than 64 KB"
        if not cell.isascii() and not is_utf8(cell):
            return "it is not UTF-8"
        if "\0" in cell:
            return "it has a NUL byte"
    return None


def records(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins; a quote that is never closed refuses the file."""
    lines = _lines(source)
    reader, line = csv.reader(lines, strict=True), 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        cause = "a cell is longer than 64 KB, or a quote is never closed" if "limit" in str(error) else _quoting(error)
        raise source.refusal(cause, line=line) from error


def _quoting(error: csv.Error) -> str:
    return "a quote is never closed" if "unexpected end" in str(error) else "a quote stands inside a cell"


def _lines(source: Source) -> Iterator[str]:
    with source.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise source.refusal("the line is longer than 1 MB", line=number)
            yield line


def _is_odd(source: Source) -> bool:
    """Whether the file holds what the engine takes in silence: a NUL byte, or drops: a line of megabytes."""
    with source.path.open("rb") as file:
        while block := file.read(LONGEST_LINE):
            if b"\0" in block or (len(block) == LONGEST_LINE and b"\n" not in block):
                return True
    return False
