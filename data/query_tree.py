"""Which tables and functions a query names, read from the engine's own parse tree. Standard library only.

A name is a table's only where no common table expression of that name is in sight: the scope is followed exactly as
the engine follows it, so an inner definition cannot lend its name to an outer one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
# Scalar functions that tell about the machine, the connection or other statements.
_FORBIDDEN = frozenset(
    {
        "current_setting",
        "current_database",
        "current_catalog",
        "current_schema",
        "current_schemas",
        "current_query",
        "current_role",
        "current_user",
        "session_user",
        "user",
        "version",
        "getvariable",
        "getenv",
        "nextval",
        "currval",
        "txid_current",
        "current_transaction_id",
        "current_connection_id",
        "current_query_id",
        "in_search_path",
        "write_log",
        "json_serialize_sql",
        "json_deserialize_sql",
        "json_serialize_plan",
        "query",
        "query_table",
    }
)
_FORBIDDEN_STARTS = ("pg_", "duckdb_", "pragma_", "read_", "parquet_", "sniff_", "get_", "has_", "shobj_", "obj_")
_PLAIN = frozenset({"JOIN", "SUBQUERY", "EXPRESSION_LIST", "EMPTY", "EMPTY_FROM", "PIVOT"})
_TABLE_PLACES = ("from_table", "left", "right", "source", "from")
# What reaches for files or other machines gets the plain reason rather than "not in the list".
_FILE_FUNCTIONS = ("read_", "sniff_", "parquet_", "glob", "arrow_scan", "delta_scan", "iceberg_", "st_read", "getenv")
FILES_OFF = "Files and network are off."

Node = dict[str, Any]  # Any: the engine's JSON, checked key by key


class NotAllowedError(Exception):
    """Say in a sentence what the query may not name."""


def check_tree(tree: Node, tables: frozenset[str]) -> None:
    """Refuse a serialized statement that names a table or function outside the list."""
    for statement in tree["statements"]:
        _node(statement, frozenset(), tables)


def _node(node: Any, scope: frozenset[str], tables: frozenset[str]) -> None:
    if isinstance(node, list):
        for part in node:
            _node(part, scope, tables)
    elif isinstance(node, dict):
        inner = _with_expressions(node, scope, tables)
        _check_function(node)
        for place, part in node.items():
            if place == "cte_map":
                continue
            if place in _TABLE_PLACES and isinstance(part, dict) and "class" not in part:
                _check_table(part, inner, tables)
            _node(part, inner | _own_name(node, place), tables)


def _own_name(node: Node, place: str) -> frozenset[str]:
    """Name what only the repeated half of a recursive definition may refer to: itself."""
    is_repeated = node.get("type") == "RECURSIVE_CTE_NODE" and place == "right"
    return frozenset({str(node["cte_name"]).lower()}) if is_repeated else frozenset()


def _with_expressions(node: Node, scope: frozenset[str], tables: frozenset[str]) -> frozenset[str]:
    """Walk the definitions of a WITH in order and return the names that are in sight after them."""
    for name, definition in _definitions(node):
        if name in tables:
            raise NotAllowedError(f'"{name}" is a table; give the expression another name.')
        if name in scope:
            raise NotAllowedError(f'"{name}" is defined twice; give the inner one another name.')
        _node(definition, scope, tables)
        scope = scope | {name}
    return scope


def _definitions(node: Node) -> Iterator[tuple[str, Any]]:
    listed = (node.get("cte_map") or {}).get("map") or []
    for entry in listed:
        yield str(entry["key"]).lower(), entry["value"]


def _check_table(table: Node, scope: frozenset[str], tables: frozenset[str]) -> None:
    kind = str(table.get("type"))
    if kind.endswith("_NODE"):
        return
    if kind == "BASE_TABLE":
        _check_name(table, scope | tables)
    elif kind == "TABLE_FUNCTION":
        name = str((table.get("function") or {}).get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            raise NotAllowedError(_why_not(name))
    elif kind == "SHOW_REF":
        if not table.get("query"):
            raise NotAllowedError("Only DESCRIBE and SUMMARIZE of an allowed table can be shown.")
    elif kind not in _PLAIN:
        raise NotAllowedError("This kind of table source is not in the allowed list.")


def _check_name(table: Node, allowed: frozenset[str]) -> None:
    path = [str(part) for part in (table.get("qualified_name") or {}).get("path") or [table.get("table_name", "")]]
    name = path[-1].lower()
    if path[:-1] not in ([], ["main"]) or name not in allowed or table.get("at_clause"):
        if any(mark in path[-1] for mark in "/\\:") or Path(path[-1]).suffix:
            raise NotAllowedError(FILES_OFF)
        raise NotAllowedError(f'The table "{".".join(path)}" is not in the allowed list.')


def _check_function(node: Node) -> None:
    if node.get("class") != "FUNCTION":
        return
    name = str(node.get("function_name", "")).lower()
    if name in _FORBIDDEN or name.startswith(_FORBIDDEN_STARTS):
        raise NotAllowedError(_why_not(name))


def _why_not(function: str) -> str:
    if function.startswith(_FILE_FUNCTIONS):
        return FILES_OFF
    return f'The function "{function}" is not in the allowed list.'
