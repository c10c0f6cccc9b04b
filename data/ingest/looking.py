"""A first look at a stranger's file, in a process of its own that can take neither the machine's memory nor its time.

`look` starts this module as a child with limits on memory, processor time and file size (D.4). The child reads the
footer of a Parquet file, then decodes it against a budget of bytes, since a declared size proves nothing.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError
from data.ingest import delimited, jsonl
from data.ingest.loads import Looked
from data.ingest.sources import SUFFIXES, Format, Source, check_bytes, check_columns

ROOT = Path(__file__).parents[2]
SECONDS = 10.0
ADDRESS_SPACE = 2 * 1024**3
SAMPLE_ROWS = 20
LONGEST_SHOWN = 200
# What an upload of 25 MB may honestly unpack to.
MOST_BYTES = 512 * 1024**2
FIRST_ROWS, MOST_BATCH_ROWS, BATCH_BYTES = 4, 4_096, 32 * 1024**2
MOST_ROWS, MOST_GROUPS = 5_000_000, 1_000
# The system's allocator takes no address space in advance.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "ARROW_DEFAULT_MEMORY_POOL": "system"}
_TOO_FAR = "the file expands too far"


def look(paths: Iterable[Path], *, is_trusted: bool = False, seconds: float = SECONDS) -> list[Looked]:
    """Look at files in the limited child; a file that must not be loaded is refused."""
    told = {"paths": [str(path) for path in paths], "is_trusted": is_trusted, "seconds": seconds}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "data.ingest.looking"],
            input=json.dumps(told).encode(),
            capture_output=True,
            cwd=ROOT,
            env=_ENVIRONMENT,
            timeout=seconds + 5,
            check=False,
        )
        answer = json.loads(child.stdout)
    except (ValueError, subprocess.TimeoutExpired):
        raise InputError(f"The upload was refused: {_TOO_FAR}.", "Nothing was loaded.") from None
    if "refused" in answer:
        raise InputError(answer["refused"], answer["hint"])
    return [
        Looked(
            name=one["name"],
            format=one["format"],
            columns=tuple(one["columns"]),
            sample=tuple(tuple(row) for row in one["sample"]),
        )
        for one in answer["files"]
    ]


def main() -> None:
    """Answer one request on standard output; whatever kills the child is a refusal too."""
    request = json.loads(sys.stdin.buffer.read())
    confine(float(request["seconds"]))
    try:
        files = [look_at(place, Path(path), request["is_trusted"]) for place, path in enumerate(request["paths"])]
        answer: dict[str, Any] = {"files": files}  # Any: JSON
    except InputError as error:
        answer = {"refused": error.message, "hint": error.hint}
    except MemoryError:
        answer = {"refused": f"The upload was refused: {_TOO_FAR}.", "hint": "Nothing was loaded."}
    sys.stdout.write(json.dumps(answer))


def confine(seconds: float) -> None:
    """Give up memory, time and the right to write."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_AS, ADDRESS_SPACE),
    ):
        resource.setrlimit(what, (most, most))


def look_at(number: int, path: Path, is_trusted: bool) -> dict[str, Any]:
    """One file's columns and first rows; Any: JSON."""
    source = Source(number=number, path=path, format=SUFFIXES[path.suffix.lower()], digest="")
    check_bytes(source)
    readers = {Format.PARQUET: _parquet, Format.CSV: _csv, Format.JSONL: _jsonl}
    columns, rows = readers[source.format](source, is_trusted)
    sample = [["" if value is None else str(value)[:LONGEST_SHOWN] for value in row] for row in rows]
    return {"name": source.name, "format": str(source.format), "columns": columns, "sample": sample}


def _csv(source: Source, _is_trusted: bool) -> tuple[list[str], list[list[Any]]]:
    names = delimited.header(source)
    rows = [cells for _line, cells in islice(delimited.records(source), 1, SAMPLE_ROWS + 1)]
    return names, [(cells + [""] * len(names))[: len(names)] for cells in rows]


def _jsonl(source: Source, _is_trusted: bool) -> tuple[list[str], list[list[Any]]]:
    rows = list(islice(jsonl.objects(source), SAMPLE_ROWS))
    names = list(dict.fromkeys(name for row in rows for name in row))
    check_columns(source, names)
    return names, [[row.get(name) for name in names] for row in rows]


def _parquet(source: Source, is_trusted: bool) -> tuple[list[str], list[list[Any]]]:
    try:
        with pq.ParquetFile(source.path) as file:
            _check_footer(source, file)
            if not is_trusted:
                _check_expansion(source, file)
            names = list(file.schema_arrow.names)
            first = next(file.iter_batches(SAMPLE_ROWS), None)
    except MemoryError as error:
        raise source.refusal(_TOO_FAR) from error
    except (pa.ArrowException, OSError) as error:
        raise source.refusal("not a readable Parquet file") from error
    columns = [] if first is None else [column.to_pylist() for column in first.columns]
    return names, [list(row) for row in zip(*columns, strict=True)]


def _check_footer(source: Source, file: Any) -> None:  # Any: pyarrow has no types
    told = file.metadata
    check_columns(source, file.schema_arrow.names)
    if told.num_row_groups > MOST_GROUPS:
        raise source.refusal(f"it has {told.num_row_groups:,} row groups; {MOST_GROUPS:,} are the most")
    nested = next((field.name for field in file.schema_arrow if pa.types.is_nested(field.type)), None)
    if nested is not None:
        raise source.refusal("a column holds lists or records; plain values are needed")


def _check_expansion(source: Source, file: Any) -> None:  # Any: pyarrow has no types
    """Decode in small pieces and count: what is declared is not what is held."""
    if file.metadata.num_rows > MOST_ROWS:
        raise source.refusal(f"it has {file.metadata.num_rows:,} rows; {MOST_ROWS:,} are the most for an upload")
    size = 0
    for batch in file.iter_batches(_batch_rows(file)):
        size += batch.nbytes
        if size > MOST_BYTES:
            raise source.refusal(_TOO_FAR)


def _batch_rows(file: Any) -> int:  # Any: pyarrow has no types
    """So few rows at a time that one batch of rows like the first few is small beside the budget."""
    first = next(file.iter_batches(FIRST_ROWS), None)
    if first is None or not first.num_rows:
        return MOST_BATCH_ROWS
    fitting = int(BATCH_BYTES * first.num_rows / max(first.nbytes, 1))
    return max(FIRST_ROWS, min(MOST_BATCH_ROWS, fitting))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
