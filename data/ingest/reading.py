"""How one column of the contract is read from a log: the value as SQL, and what makes a row unusable."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from data.contracts import Column
from data.engine import identifier, literal
from data.formula_guard import DANGEROUS
from data.ingest.mapping import UNIT_MICROS, ColumnRule, TimeFormat
from data.moments import micros
from data.records import KIND_CODES

# The columns that every staged log has beside its own.
LINE, ROW = "__line", "__row"
LONGEST_ID = 300
LONGEST_TEXT = 64 * 1024
# Before this no log of this kind exists; a time there is a mistake in its unit.
EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(minutes=5)
LARGEST_ASN = 2**32 - 1

# The type of a column of nulls alone, which says no more than an absent one.
NOTHING = "NULL"
WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
FLOATS = {"FLOAT", "DOUBLE"}
ZONED = {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"}
NAIVE = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"}
_BLANKS = r"[\s\x00-\x1f\x7f\p{Z}]"
_CONTROLS = r"[\x00-\x1f\x7f]"
_NUL = r"[\x00]"
# What people wrote, and what our own exports guard; an id with an apostrophe is another id than one without.
PROSE = frozenset({"handle", "text"})
# The engine's text of a query cannot hold a NUL, and a text with one is refused anyway.
_GUARDED = literal(DANGEROUS.replace("\x00", ""))
ZONELESS = "has no time zone (the `zone` of a mapping can give one)"
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?"
# No place on Earth is further from UTC than fourteen hours.
_OFFSET = r"(Z|z|[+-]((0\d|1[0-3])(:?[0-5]\d)?|14(:?00)?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A condition in SQL, never unknown, and what to say of a row that meets it."""

    cause: str
    is_bad: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A contract column as SQL over a staged log."""

    value: str
    checks: tuple[Check, ...] = ()


class UnreadableError(Exception):
    """The type of a column that cannot be read as what the contract wants."""


def read_column(column: Column, rule: ColumnRule, types: Map[str, str], now: datetime, *, is_guarded: bool) -> Reading:
    """The value and the checks of one contract column; `is_guarded`: prose may carry a spreadsheet's apostrophe."""
    raw, kind, shown = _raw(column, rule, types, is_guarded=is_guarded)
    missing = f"{raw} is null" + (f" or {raw} = ''" if kind == "VARCHAR" else "")
    reading = _READERS[column.type](column, rule, raw, kind, shown, now)
    required = (Check(cause=f"{shown} is missing", is_bad=missing),) if column.required else ()
    present = f"not ({missing}) and "
    checks = tuple(Check(cause=one.cause, is_bad=f"coalesce({present}({one.is_bad}), false)") for one in reading.checks)
    return Reading(value=reading.value, checks=required + checks)


def _raw(column: Column, rule: ColumnRule, types: Map[str, str], *, is_guarded: bool) -> tuple[str, str, str]:
    """The column as it stands in the log, its type, and how faults name it."""
    if rule.constant is not None:
        return literal(rule.constant), "VARCHAR", column.name
    if rule.row_number:
        return f"cast({identifier(ROW)} as varchar)", "VARCHAR", column.name
    name = str(rule.column)
    raw, kind = identifier(name), types[name]
    if kind.startswith("ENUM") or kind == "UUID":
        raw, kind = f"cast({raw} as varchar)", "VARCHAR"
    if is_guarded and kind == "VARCHAR" and column.name in PROSE:
        is_ours = f"{raw}[1] = '''' and regexp_matches({raw}[2:], {_GUARDED})"
        raw = f"(case when {is_ours} then {raw}[2:] else {raw} end)"
    if rule.values:
        cases = " ".join(f"when {literal(key)} then {literal(value)}" for key, value in rule.values.items())
        raw, kind = f"(case cast({raw} as varchar) {cases} else cast({raw} as varchar) end)", "VARCHAR"
    return raw, kind, column.name if name == column.name else f"{column.name} (column {shown_name(name)})"


def shown_name(name: str) -> str:
    """A column name of a stranger's file as a sentence may show it."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:40]


def _text(column: Column, rule: ColumnRule, raw: str, kind: str, shown: str, _now: datetime) -> Reading:
    if kind not in WHOLE | {"VARCHAR"}:
        raise UnreadableError(f"{shown} is {kind.lower()} where text is needed")
    text = raw if kind == "VARCHAR" else f"cast({raw} as varchar)"
    value = f"nullif({text}, '')" if kind == "VARCHAR" else text
    if rule.prefix:
        # What is kept is what is checked: a prefix may spoil an id that was sound.
        text = f"({literal(rule.prefix)} || {text})"
        value = f"{literal(rule.prefix)} || {value}"
    elif kind != "VARCHAR":
        return Reading(value=value)
    is_long = column.name in PROSE
    most, size = (LONGEST_TEXT, "64 KB") if is_long else (LONGEST_ID, f"{LONGEST_ID} bytes")
    odd = _NUL if is_long else _CONTROLS
    checks = [
        Check(cause=f"{shown} is longer than {size}", is_bad=f"strlen({text}) > {most}"),
        Check(cause=f"{shown} has control characters", is_bad=f"regexp_matches({text}, '{odd}')"),
    ]
    if column.name.endswith(("account_id", "engagement_id", "actor_id", "target_id")):
        checks[1] = Check(
            cause=f"{shown} has blanks or control characters",
            is_bad=f"regexp_matches({text}, '{_BLANKS}')",
        )
    return Reading(value=value, checks=tuple(checks))


def _kind(_column: Column, _rule: ColumnRule, raw: str, kind: str, shown: str, _now: datetime) -> Reading:
    if kind != "VARCHAR":
        raise UnreadableError(f"{shown} is {kind.lower()} where text is needed")
    codes = " ".join(f"when {literal(one.value)} then {code}" for one, code in KIND_CODES.items())
    known = ", ".join(literal(one.value) for one in KIND_CODES)
    cause = f"{shown} is not {', '.join(list(KIND_CODES)[:-1])} or {list(KIND_CODES)[-1]}"
    return Reading(
        value=f"cast(case {raw} {codes} end as utinyint)",
        checks=(Check(cause=cause, is_bad=f"{raw} not in ({known})"),),
    )


def _boolean(_column: Column, _rule: ColumnRule, raw: str, kind: str, shown: str, _now: datetime) -> Reading:
    cause = f"{shown} is not true or false"
    if kind == "BOOLEAN":
        return Reading(value=raw)
    if kind in WHOLE:
        return Reading(value=f"{raw} = 1", checks=(Check(cause=cause, is_bad=f"{raw} not in (0, 1)"),))
    if kind != "VARCHAR":
        raise UnreadableError(f"{shown} is {kind.lower()} where true or false is needed")
    return Reading(
        value=f"case when lower({raw}) in ('true', '1') then true when lower({raw}) in ('false', '0') then false end",
        checks=(Check(cause=cause, is_bad=f"lower({raw}) not in ('true', 'false', '1', '0')"),),
    )


def _integer(column: Column, _rule: ColumnRule, raw: str, kind: str, shown: str, _now: datetime) -> Reading:
    value = f"try_cast({raw} as bigint)"
    most = LARGEST_ASN if column.name == "asn" else 2**63 - 1
    bad = f"{value} is null or {value} not between 0 and {most}"
    if kind == "VARCHAR":
        bad += rf" or not regexp_full_match({raw}, '\d+(\.0+)?')"
    elif kind in FLOATS:
        # Named one by one: a Parquet file's own statistics leave these out, and the engine believes them.
        bad += f" or {raw} <> floor({raw}) or isnan({raw}) or isinf({raw}) or signbit({raw})"
    elif kind.startswith("DECIMAL"):
        bad += f" or {raw} <> floor({raw})"
    elif kind not in WHOLE:
        raise UnreadableError(f"{shown} is {kind.lower()} where a whole number is needed")
    limit = f"from 0 to {most}" if column.name == "asn" else "of 0 or more"
    return Reading(value=value, checks=(Check(cause=f"{shown} is not a whole number {limit}", is_bad=bad),))


def _time(_column: Column, rule: ColumnRule, raw: str, kind: str, shown: str, now: datetime) -> Reading:
    value, checks = _moment(rule, raw, kind, shown)
    first, last = (micros(moment) for moment in (EARLIEST, now + TOLERANCE))
    return Reading(
        value=value,
        checks=(
            *checks,
            Check(cause=f"{shown} is before {EARLIEST.year}", is_bad=f"{value} < {first}"),
            Check(cause=f"{shown} is in the future", is_bad=f"{value} > {last}"),
        ),
    )


def _moment(rule: ColumnRule, raw: str, kind: str, shown: str) -> tuple[str, tuple[Check, ...]]:
    if rule.time not in {None, TimeFormat.ISO}:
        return _counted(rule, raw, kind, shown)
    if kind in ZONED:
        value = f"epoch_us(cast({raw} as timestamptz))"
        return value, (Check(cause=f"{shown} is not a time", is_bad=f"{value} is null"),)
    if kind in NAIVE:
        return _local(rule, f"cast({raw} as timestamp)", "false", shown)
    if kind == "VARCHAR":
        return _iso(rule, raw, shown)
    raise UnreadableError(f"{shown} is a number and the mapping does not say how times are written")


def _iso(rule: ColumnRule, raw: str, shown: str) -> tuple[str, tuple[Check, ...]]:
    if rule.zone:
        return _local(rule, f"try_cast({raw} as timestamp)", f"not regexp_full_match({raw}, '{_ISO}')", shown)
    value = f"epoch_us(try_cast({raw} as timestamptz))"
    naive, whole = f"regexp_full_match({raw}, '{_ISO}')", f"regexp_full_match({raw}, '{_ISO}{_OFFSET}')"
    return value, (
        Check(cause=f"{shown} {ZONELESS}", is_bad=naive),
        Check(cause=f"{shown} is not a time", is_bad=f"not ({naive}) and ({value} is null or not {whole})"),
    )


def _local(rule: ColumnRule, moment: str, is_odd: str, shown: str) -> tuple[str, tuple[Check, ...]]:
    """A wall clock of one zone; the hour that a clock skips in spring does not exist."""
    if not rule.zone:
        return f"epoch_us({moment})", (Check(cause=f"{shown} {ZONELESS}", is_bad="true"),)
    zone = literal(rule.zone)
    value = f"timezone({zone}, {moment})"
    return f"epoch_us({value})", (
        Check(cause=f"{shown} is not a time", is_bad=f"{is_odd} or epoch_us({value}) is null"),
        Check(
            cause=f"{shown} is an hour that the clocks of {rule.zone} skipped",
            is_bad=f"timezone({zone}, {value}) <> {moment}",
        ),
    )


def _counted(rule: ColumnRule, raw: str, kind: str, shown: str) -> tuple[str, tuple[Check, ...]]:
    """Seconds or fractions of them since 1970, or since the origin that the mapping gives."""
    unit = UNIT_MICROS[TimeFormat(str(rule.time))]
    if kind in WHOLE:
        counted = f"try_cast({raw} as bigint) * {unit}"
    elif kind in FLOATS | {"VARCHAR"} or kind.startswith("DECIMAL"):
        counted = f"try_cast(try_cast({raw} as decimal(30, 6)) * {unit} as bigint)"
    else:
        raise UnreadableError(f"{shown} is {kind.lower()} where a number is needed")
    value = f"({counted} + {rule.origin_us})"
    return f"try({value})", (Check(cause=f"{shown} is not a time", is_bad=f"try({value}) is null"),)


_READERS = {"text": _text, "kind": _kind, "boolean": _boolean, "integer": _integer, "number": _integer, "time": _time}
