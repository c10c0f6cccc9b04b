"""The child process of data/query_process.py: reads one request, answers once, ends. Started by its path."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import re
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

_MEGABYTE = 1024 * 1024
_BATCH = 2_048
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES = 1, 38
_EXPLAIN = re.compile(r"^\s*explain\s+(analyze\s+)?", re.IGNORECASE)
_PLAN_FUNCTIONS = {"range", "generate_series", "unnest", "summary"}
_FILE_STATEMENTS = {"COPY", "COPY_DATABASE", "ATTACH", "DETACH", "EXPORT", "LOAD"}
_FILES_OFF = "Files and network are off."
# As in data/engine.py, which this process cannot import: the step answers some joins with the wrong rows.
_WITHOUT = "disabled_optimizers = 'common_subplan'"


class RefusedError(Exception):
    """Say in a sentence why the query is not run."""


def main() -> None:
    request = json.loads(sys.stdin.buffer.read())
    confine(request)
    try:
        head, body = answer(request)
    except RefusedError as error:
        head, body = {"outcome": "refused", "message": str(error), "rows": 0}, b""
    except MemoryError:
        head, body = {"outcome": "too_big", "message": _too_big(), "rows": 0}, b""
    sys.stdout.buffer.write(json.dumps({**head, "bytes": len(body)}).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def confine(request: dict[str, Any]) -> None:
    """Give up what a query does not need, before the copy is opened."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    # Where the machine allows it the child has no network at all; the engine's settings close it everywhere.
    libc.unshare(_NEW_USER | _NEW_NET)
    seconds = int(request["seconds"]) * int(request["threads"]) + 2
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, int(request["address_space_mb"]) * _MEGABYTE),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    connection = connect(request)
    try:
        check(connection, request["sql"], frozenset(request["tables"]))
        return fetch(connection, request)
    except duckdb.OutOfMemoryException:
        return {"outcome": "too_big", "message": _too_big(), "rows": 0}, b""
    except duckdb.PermissionException:
        raise RefusedError(_FILES_OFF) from None
    except duckdb.Error as error:
        return {"outcome": "failed", "message": plain(str(error), request["copy"]), "rows": 0}, b""


def connect(request: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open the copy read-only and close every door; the lock comes last."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
    }
    connection = duckdb.connect(request["copy"], read_only=True, config=config)
    for setting in (
        f"set memory_limit = '{int(request['memory_mb'])}MB'",
        f"set threads = {int(request['threads'])}",
        "set max_temp_directory_size = '0B'",
        "set enable_progress_bar = false",
        f"set {_WITHOUT}",
        "set lock_configuration = true",
    ):
        connection.execute(setting)
    return connection


def check(connection: duckdb.DuckDBPyConnection, sql: str, tables: frozenset[str]) -> None:
    """Allow exactly one SELECT that names allowed tables and functions only; two checks cover each other's gaps."""
    kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    if len(kinds) == 1 and kinds[0] in _FILE_STATEMENTS:
        raise RefusedError(_FILES_OFF)
    if kinds not in (["SELECT"], ["EXPLAIN"]):
        raise RefusedError("One SELECT only.")
    inner = _EXPLAIN.sub("", sql, count=1) if kinds == ["EXPLAIN"] else sql
    tree = json.loads(connection.execute("select json_serialize_sql(?)", [inner]).fetchall()[0][0])
    if tree.get("error"):
        raise RefusedError("One SELECT only.")
    walk = tree_check()
    try:
        walk.check_tree(tree, tables)
    except walk.NotAllowedError as error:
        raise RefusedError(str(error)) from None
    check_plan(connection, inner, tables)


def check_plan(connection: duckdb.DuckDBPyConnection, sql: str, tables: frozenset[str]) -> None:
    """Look at the bound plan too: what would really be read, whatever name it was called by."""
    try:
        told = connection.execute(f"explain (format json) {sql}").fetchall()
    except duckdb.PermissionException:
        raise RefusedError(_FILES_OFF) from None
    for node in _plan_nodes(json.loads(told[0][1])):
        facts = node.get("extra_info") or {}
        table, function = str(facts.get("Table", "")), str(facts.get("Function", ""))
        if table and table.lower().rpartition(".main.")[2] not in tables:
            raise RefusedError("A table that it reads is not in the allowed list.")
        if function and function.lower() not in _PLAN_FUNCTIONS:
            raise RefusedError(f'The function "{function.lower()}" is not in the allowed list.')


def _plan_nodes(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _plan_nodes(node.get("children") or [])


def tree_check() -> Any:
    """Load the neighbouring file by its path: this process has no import path of the project."""
    spec = importlib.util.spec_from_file_location("query_tree", Path(__file__).with_name("query_tree.py"))
    if spec is None or spec.loader is None:
        raise RefusedError("The query check is missing.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fetch(connection: duckdb.DuckDBPyConnection, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Read batch by batch until the rows end or one limit is met."""
    import pyarrow as pa  # noqa: PLC0415 - a refused query need not wait for it

    reader = connection.execute(request["sql"]).to_arrow_reader(_BATCH)
    if reader is None:
        raise RefusedError("One SELECT only.")
    batches, rows, size, is_cut = [], 0, 0, False
    for batch in reader:
        room = request["rows"] - rows
        is_cut = batch.num_rows > room or size + batch.nbytes > request["bytes"]
        kept = batch.slice(0, room)
        if size + kept.nbytes > request["bytes"]:
            kept = kept.slice(0, int(kept.num_rows * (request["bytes"] - size) / max(kept.nbytes, 1)))
        batches.append(kept)
        rows, size = rows + kept.num_rows, size + kept.nbytes
        if is_cut:
            break
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, reader.schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    message = f"Cut after {rows:,} rows." if is_cut else ""
    return {"outcome": "cut" if is_cut else "done", "message": message, "rows": rows}, sink.getvalue().to_pybytes()


def plain(message: str, copy: str) -> str:
    """Return the first lines of the engine's message, without the place of the file."""
    return message.replace(copy, "the copy").replace(str(Path(copy).parent), "")[:600]


def _too_big() -> str:
    return "The query needs more memory than is allowed. Aggregate more, or ask for fewer rows."


if __name__ == "__main__":
    main()
