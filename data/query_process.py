"""Runs an analyst's query in a process of its own, where it can neither reach anything nor outlive its deadline.

`run_query` starts data/query_sandbox.py as a child with an empty environment. The child limits itself, opens the copy
read-only, locks the connection, checks the parse tree against the allowed tables, and sends back at most so many rows
and bytes. The parent never loads the engine and kills the child at the deadline.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROWS = 10_000
RESULT_BYTES = 20 * 1024 * 1024
DEADLINE_SECONDS = 10.0
MEMORY_MB = 512
ADDRESS_SPACE_MB = 3_072
THREADS = 2
LONGEST_SQL = 20_000
_CHILD = Path(__file__).with_name("query_sandbox.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may take."""

    seconds: float = DEADLINE_SECONDS
    rows: int = ROWS
    result_bytes: int = RESULT_BYTES
    memory_mb: int = MEMORY_MB
    address_space_mb: int = ADDRESS_SPACE_MB
    threads: int = THREADS


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer:
    """What came back: an Arrow stream, or the reason why not.

    `outcome`: done, cut (more rows or bytes than shown), refused, failed, too_long, too_big.
    """

    outcome: str
    message: str
    arrow: bytes
    rows: int
    seconds: float

    @property
    def is_answered(self) -> bool:
        return self.outcome in {"done", "cut"}


def run_query(copy: Path, sql: str, tables: frozenset[str], limits: Limits | None = None) -> QueryAnswer:
    """Run one SELECT over the copy; ends within the deadline whatever the query does."""
    allowed = limits or Limits()
    if len(sql) > LONGEST_SQL:
        return _refusal(f"The query is longer than {LONGEST_SQL:,} characters.")
    started = time.monotonic()
    request = _request(copy, sql, tables, allowed)
    with tempfile.TemporaryDirectory(prefix="query-") as folder:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and file, the query travels by pipe
            [sys.executable, "-I", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        watch = threading.Timer(allowed.seconds, child.kill)
        watch.start()
        try:
            body = _converse(child, request, allowed.result_bytes)
        finally:
            watch.cancel()
            child.kill()
            child.wait()
    return _answer(body, time.monotonic() - started, allowed)


def _request(copy: Path, sql: str, tables: frozenset[str], limits: Limits) -> bytes:
    told: dict[str, Any] = {  # Any: numbers and texts of one JSON object
        "copy": str(copy.resolve()),
        "sql": sql,
        "tables": sorted(tables),
        "rows": limits.rows,
        "bytes": limits.result_bytes,
        "memory_mb": limits.memory_mb,
        "address_space_mb": limits.address_space_mb,
        "threads": limits.threads,
        "seconds": limits.seconds,
        "parent": os.getpid(),
    }
    return json.dumps(told).encode()


def _converse(child: subprocess.Popen[bytes], request: bytes, most: int) -> bytes:
    if child.stdin is None or child.stdout is None:
        return b""
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(request)
        child.stdin.close()
    # One byte more than allowed tells that the child did not keep to it.
    with contextlib.suppress(ValueError):
        return child.stdout.read(2 * most + 65_536)
    return b""


def _answer(body: bytes, seconds: float, limits: Limits) -> QueryAnswer:
    head, _, arrow = body.partition(b"\n")
    try:
        told = json.loads(head)
    except ValueError:
        return _ended_early(seconds, limits)
    if told["outcome"] in {"done", "cut"} and len(arrow) != told["bytes"]:
        return _ended_early(seconds, limits)
    return QueryAnswer(
        outcome=told["outcome"], message=told["message"], arrow=arrow, rows=told["rows"], seconds=seconds
    )


def _ended_early(seconds: float, limits: Limits) -> QueryAnswer:
    if seconds >= limits.seconds:
        message = f"The query was stopped after {limits.seconds:g} seconds. Narrow it by time, kind or service."
        return QueryAnswer(outcome="too_long", message=message, arrow=b"", rows=0, seconds=seconds)
    message = "The query needs more memory than is allowed. Aggregate more, or ask for fewer rows."
    return QueryAnswer(outcome="too_big", message=message, arrow=b"", rows=0, seconds=seconds)


def _refusal(message: str) -> QueryAnswer:
    return QueryAnswer(outcome="refused", message=message, arrow=b"", rows=0, seconds=0.0)
