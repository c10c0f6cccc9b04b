"""Which contract columns a file gives to which table, refused early when they do not fit."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import datetime

from data.contracts import INPUT
from data.ingest.mapping import ColumnRule, Mapping, TableRule, rule_of
from data.ingest.reading import LINE, NOTHING, Check, Reading, UnreadableError, read_column, shown_name
from data.ingest.sources import Format, Source, tables_of

# What a staged column holds: times as microseconds, kinds as their codes.
STAGED = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "time": "bigint",
    "boolean": "boolean",
    "kind": "utinyint",
}
LABELLED = ("account_id", "engagement_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One file as one table of the contract."""

    source: Source
    table: str
    readings: Map[str, Reading]
    has_own_ids: bool

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for reading in self.readings.values() for check in reading.checks)

    @property
    def present(self) -> frozenset[str]:
        return frozenset(f"{self.table}.{name}" for name in self.readings)

    def rows_sql(self, bad: str = "") -> str:
        """The file's rows with every column of the contract; `bad` names lines to leave out."""
        told = [
            f"cast({self.readings[column.name].value if column.name in self.readings else 'null'} "
            f'as {STAGED[column.type]}) as "{column.name}"'
            for column in INPUT[self.table]
        ]
        left_out = f" where {LINE} not in ({bad})" if bad else ""
        return (
            f"select {', '.join(told)}, {self.source.number} as source_number, {LINE} as source_line "
            f"from {self.source.staged}{left_out}"
        )


def feeds_of(source: Source, types: Map[str, str], mapping: Mapping | None, now: datetime) -> list[Feed]:
    """Read a file as every table that it feeds."""
    tables = list(tables_of(source, types, mapping))
    rules = {table: (mapping.tables[table] if mapping else TableRule(columns={})) for table in tables}
    _refuse_unknown(source, types, rules)
    return [_feed(source, table, rules[table], types, now) for table in tables]


def _feed(source: Source, table: str, rules: TableRule, types: Map[str, str], now: datetime) -> Feed:
    chosen = {column.name: _chosen(rules, column.name, types) for column in INPUT[table]}
    _refuse_missing(source, table, chosen, types)
    readings = {}
    for column in INPUT[table]:
        rule = chosen[column.name]
        if rule is None:
            continue
        try:
            readings[column.name] = read_column(
                column, _with_file(rule, source), types, now, is_guarded=source.format is Format.CSV
            )
        except UnreadableError as error:
            raise source.refusal(str(error)) from error
    identity = chosen.get("engagement_id")
    return Feed(
        source=source, table=table, readings=readings, has_own_ids=not (identity is not None and identity.row_number)
    )


def _chosen(rules: TableRule, column: str, types: Map[str, str]) -> ColumnRule | None:
    """Where a contract column comes from; a column of nulls alone is none."""
    rule = rule_of(rules.columns, column, types)
    return None if rule is not None and rule.column is not None and types.get(rule.column) == NOTHING else rule


def _with_file(rule: ColumnRule, source: Source) -> ColumnRule:
    """Let a prefix tell the files of a log apart."""
    if "{file}" not in rule.prefix:
        return rule
    return ColumnRule(
        column=rule.column,
        constant=rule.constant,
        row_number=rule.row_number,
        prefix=rule.prefix.replace("{file}", source.path.stem),
    )


def _refuse_missing(source: Source, table: str, chosen: Map[str, ColumnRule | None], types: Map[str, str]) -> None:
    for rule in chosen.values():
        if rule is not None and rule.column is not None and rule.column not in types:
            raise source.refusal(f"the mapping names the column {rule.column}, which this file does not have")
    needed = [column.name for column in INPUT[table] if column.required and chosen[column.name] is None]
    if needed:
        raise source.refusal(f"the required column {needed[0]} of {table} is missing", _rename_hint(), line=1)
    if table == "labels" and not any(chosen[name] for name in LABELLED):
        raise source.refusal("labels need an account_id or an engagement_id", _rename_hint(), line=1)


def _refuse_unknown(source: Source, types: Map[str, str], rules: Map[str, TableRule]) -> None:
    used = {rule.column for one in rules.values() for rule in one.columns.values()}
    known = {column.name for table in rules for column in INPUT[table]}
    ignored = frozenset().union(*(one.ignore for one in rules.values()))
    unknown = [name for name in types if name not in used | known and name not in ignored]
    if unknown and "*" not in ignored:
        raise source.refusal(
            f"the column {shown_name(unknown[0])} is unknown",
            "Rename it or list it under `ignore` in a mapping.",
            line=1,
        )


def _rename_hint() -> str:
    return "Nothing was loaded. A mapping can rename columns."
