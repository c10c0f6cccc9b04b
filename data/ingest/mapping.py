"""Mapping files: how the columns of a foreign log become those of the input contract."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping as Map
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data.contracts import INPUT
from data.errors import InputError


class TimeFormat(StrEnum):
    """How a log writes its times."""

    ISO = "iso"
    UNIX_S = "unix_s"
    UNIX_MS = "unix_ms"
    UNIX_US = "unix_us"


UNIT_MICROS = {TimeFormat.UNIX_S: 1_000_000, TimeFormat.UNIX_MS: 1_000, TimeFormat.UNIX_US: 1}
_RULE_KEYS = {"column", "constant", "row_number", "prefix", "time", "zone", "origin", "values"}
_TABLE_KEYS = {"files", "ignore", "columns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """Where one contract column comes from: a column of the log, one constant, or the number of the row."""

    column: str | None = None
    constant: str | None = None
    row_number: bool = False
    prefix: str = ""
    time: TimeFormat | None = None
    zone: str | None = None
    # Added to numbers, for times counted from a start.
    origin: str | None = None
    values: dict[str, str] = field(default_factory=dict)

    @property
    def origin_us(self) -> int:
        return int(datetime.fromisoformat(self.origin).timestamp()) * 1_000_000 if self.origin else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """One table of the contract: from which files, by which columns, and which columns to leave out."""

    columns: dict[str, ColumnRule]
    files: tuple[str, ...] = ()
    ignore: frozenset[str] = frozenset()

    def reads(self, name: str) -> bool:
        """Whether a file of this name feeds the table."""
        return not self.files or any(fnmatchcase(name, pattern) for pattern in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """All tables that one mapping file describes."""

    tables: dict[str, TableRule]

    @property
    def digest(self) -> str:
        """The same log read another way is another load."""
        told = {name: {**asdict(rule), "ignore": sorted(rule.ignore)} for name, rule in self.tables.items()}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def read_mapping(path: Path) -> Mapping:
    """Read one mapping file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The mapping {path.name} cannot be read.", "Give the path of a TOML file.") from error
    return parse_mapping(text, path.name)


def parse_mapping(text: str, name: str = "mapping") -> Mapping:
    """Check a mapping against the input contract, as far as that is possible without a log."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The mapping {name} is not TOML: {error}.") from error
    except RecursionError as error:
        raise InputError(f"The mapping {name} is not TOML: it is nested too deeply.") from error
    unknown = sorted(set(told) - set(INPUT))
    if unknown or not told:
        wrong = f"an unknown table: {unknown[0]}" if unknown else "no table"
        raise InputError(f"The mapping {name} names {wrong}.", f"Tables are {', '.join(INPUT)}.")
    return Mapping(tables={table: _table_rule(table, rule, name) for table, rule in told.items()})


def _table_rule(table: str, told: Any, name: str) -> TableRule:  # Any: whatever TOML holds
    if not isinstance(told, dict):
        raise InputError(f"The mapping {name} gives no columns for {table}.")
    _only(set(told), _TABLE_KEYS, f"{name}, {table}")
    known = {column.name for column in INPUT[table]}
    columns = _inner_table(told, "columns", f"{name}, {table}")
    _only(set(columns), known, f"{name}, {table}.columns")
    return TableRule(
        columns={column: _column_rule(rule, f"{name}, {table}.{column}") for column, rule in columns.items()},
        files=_texts(told.get("files", []), f"{name}, {table}.files"),
        ignore=frozenset(_texts(told.get("ignore", []), f"{name}, {table}.ignore")),
    )


def _column_rule(told: Any, place: str) -> ColumnRule:  # Any: whatever TOML holds
    if isinstance(told, str):
        return ColumnRule(column=told)
    if not isinstance(told, dict):
        raise InputError(f"The mapping is wrong at {place}.", "Give a column name or an inline table.")
    _only(set(told), _RULE_KEYS, place)
    if sum(key in told for key in ("column", "constant", "row_number")) != 1:
        raise InputError(f"The mapping is wrong at {place}.", "Give one of column, constant and row_number.")
    if told.get("row_number", True) is not True:
        raise InputError(f"The mapping is wrong at {place}.", "Write row_number = true, or leave it out.")
    if not isinstance(told.get("column", ""), str):
        raise InputError(f"The mapping is wrong at {place}.", "Give the name of a column.")
    constant = told.get("constant")
    return ColumnRule(
        column=told.get("column"),
        constant=None if constant is None else _text(constant),
        row_number=bool(told.get("row_number", False)),
        prefix=str(told.get("prefix", "")),
        time=_time_format(told.get("time"), place),
        zone=_zone(told.get("zone"), place),
        origin=_origin(told.get("origin"), place),
        values={str(key): _text(value) for key, value in _inner_table(told, "values", place).items()},
    )


def _only(given: set[str], known: set[str], place: str) -> None:
    unknown = sorted(given - known)
    if unknown:
        raise InputError(
            f"The mapping is wrong at {place}: {unknown[0]} is unknown.", f"Known: {', '.join(sorted(known))}."
        )


def _inner_table(told: dict[str, Any], key: str, place: str) -> dict[str, Any]:  # Any: whatever TOML holds
    inner = told.get(key, {})
    if not isinstance(inner, dict):
        raise InputError(f"The mapping is wrong at {place}: {key} is not a table.")
    return inner


def _texts(told: Any, place: str) -> tuple[str, ...]:  # Any: one text or several
    several = [told] if isinstance(told, str) else told
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise InputError(f"The mapping is wrong at {place}.", "Give one text or a list of texts.")
    return tuple(several)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _time_format(told: Any, place: str) -> TimeFormat | None:  # Any: whatever TOML holds
    if told is not None and told not in list(TimeFormat):
        raise InputError(f"The mapping is wrong at {place}: unknown time format.", f"Known: {', '.join(TimeFormat)}.")
    return None if told is None else TimeFormat(told)


def _zone(told: Any, place: str) -> str | None:  # Any: whatever TOML holds
    if told is not None:
        try:
            ZoneInfo(str(told))
        except (ValueError, OSError, KeyError) as error:
            raise InputError(
                f"The mapping is wrong at {place}: unknown time zone.", "Write it as Europe/Berlin."
            ) from error
    return None if told is None else str(told)


def _origin(told: Any, place: str) -> str | None:  # Any: TOML has times of its own
    if told is None:
        return None
    try:
        moment = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
    except ValueError as error:
        raise InputError(f"The mapping is wrong at {place}: the origin is not a time.") from error
    if moment.tzinfo is None:
        raise InputError(
            f"The mapping is wrong at {place}: the origin has no time zone.", "Write 2020-01-01T00:00:00Z."
        )
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError as error:
        raise InputError(f"The mapping is wrong at {place}: the origin is not a time in UTC.") from error


def rule_of(rules: Map[str, ColumnRule], column: str, names: Map[str, str]) -> ColumnRule | None:
    """The rule of a contract column: the mapping's, else the log's own column of that name, else none."""
    if column in rules:
        return rules[column]
    return ColumnRule(column=column) if column in names else None
