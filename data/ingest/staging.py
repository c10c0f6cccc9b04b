"""Staging a load: every file as checked rows of the contract's tables, ready for a snapshot."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from data.contracts import INPUT
from data.engine import Connection, EngineError, identifier, literal, question
from data.errors import Fault, InputError
from data.ingest import delimited, jsonl, parquet
from data.ingest.feeds import STAGED, Feed, feeds_of
from data.ingest.mapping import Mapping
from data.ingest.reading import LINE, Check, shown_name
from data.ingest.rows import BadRows
from data.ingest.sources import Format, Source, check_bytes

Report = Callable[[float, str], None]
FAULTS_KEPT = 100
# The id that may come once in a load.
IDENTITY = {"accounts": "account_id", "engagements": "engagement_id"}
# D.5: an address is cut to its network when it comes in.
PREFIX_LENGTH = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What is staged: the columns that some file had, and how many rows were left out."""

    present: frozenset[str]
    skipped: int


@dataclass
class Staging:
    """The steps of one load on one connection; leaves the views `new_<table>`."""

    connection: Connection
    sources: Sequence[Source]
    mapping: Mapping | None
    now: datetime
    skip_bad_rows: bool = False
    feeds: list[Feed] = field(default_factory=list)
    _quick: set[int] = field(default_factory=set)

    def run(self, progress: Report) -> Staged:
        """Read, check, and either refuse the load whole or leave its usable rows."""
        self.bad = BadRows(self.connection)
        # Rows that tell nothing which an earlier file of the load did not tell.
        self.connection.execute("create temp table said_before (table_name varchar, source integer, line bigint)")
        for place, source in enumerate(self.sources):
            progress(0.4 * place / len(self.sources), f"reading {shown_name(source.name)}")
            self._read(source)
        progress(0.4, "checking")
        self._check_rows()
        self._name_views()
        self._check_ids()
        if self.bad.count():
            if not self.skip_bad_rows:
                raise self._refusal()
            self._name_views()
        self._refuse_without_engagements()
        self._cut_addresses()
        return Staged(
            present=frozenset().union(*(feed.present for feed in self.feeds)),
            skipped=self.bad.rows(),
        )

    def _read(self, source: Source) -> None:
        check_bytes(source)
        if source.format is Format.PARQUET:
            types = parquet.stage(self.connection, source)
        elif source.format is Format.JSONL:
            names, faults = jsonl.stage(self.connection, source)
            self.bad.add(source.number, faults)
            types = dict.fromkeys(names, "VARCHAR")
        else:
            types = dict.fromkeys(self._read_csv(source), "VARCHAR")
        feeds = feeds_of(source, types, self.mapping, self.now)
        self._refuse_empty(source, feeds)
        self.feeds += feeds

    def _read_csv(self, source: Source) -> list[str]:
        names = delimited.header(source)
        if delimited.stage(self.connection, source):
            self._quick.add(source.number)
        else:
            self.bad.add(source.number, delimited.stage_slowly(self.connection, source))
        return names

    def _refuse_empty(self, source: Source, feeds: Sequence[Feed]) -> None:
        """A typed but empty table may stand beside the engagements; an empty log may not."""
        may_be_empty = source.format is Format.PARQUET and all(feed.table != "engagements" for feed in feeds)
        if may_be_empty or self.bad.count():
            return
        if not _number(self.connection, f"select count(*) from (from {source.staged} limit 1)"):
            raise source.refusal("it has no rows", line=1)

    def _check_rows(self) -> None:
        """Count the rows of every check in one scan a file; look for lines only where there are any."""
        for feed in self.feeds:
            counts = ", ".join(f"count(*) filter (where {check.is_bad})" for check in feed.checks)
            if not counts:
                continue
            try:
                told = self.connection.sql(f"select {counts} from {feed.source.staged}").fetchall()[0]
            except EngineError as error:
                raise feed.source.refusal("not readable to its end") from error
            failed = [check for check, count in zip(feed.checks, told, strict=True) if count]
            if failed:
                self._find_lines(feed, failed)

    def _find_lines(self, feed: Feed, failed: Sequence[Check]) -> None:
        self._with_lines(feed.source)
        for check in failed:
            found = f"select {LINE} as line from {feed.source.staged} where {check.is_bad}"
            self.bad.add_found(feed.source.number, check.cause, found)

    def _with_lines(self, source: Source) -> None:
        """A CSV that was read at once knows its records but not its lines: read it again."""
        if source.number in self._quick:
            self._quick.remove(source.number)
            self.bad.add(source.number, delimited.stage_slowly(self.connection, source))

    def _name_views(self) -> None:
        """Name the usable rows of each table, over all its files."""
        is_dirty = self.bad.count() > 0 or _number(self.connection, "select count(*) from said_before") > 0
        for table, columns in INPUT.items():
            parts = [feed.rows_sql(_left_out(feed) if is_dirty else "") for feed in self.feeds if feed.table == table]
            none = ", ".join(f'cast(null as {STAGED[column.type]}) as "{column.name}"' for column in columns)
            rows = " union all ".join(parts) or f"select {none}, 0 as source_number, 0 as source_line limit 0"
            self.connection.execute(f"create or replace temp view new_{table} as {rows}")

    def _check_ids(self) -> None:
        """An id comes once in a file; in another file, or when it is stored already, it must say the same again."""
        for table, name in IDENTITY.items():
            feeds = [feed for feed in self.feeds if feed.table == table]
            if len(feeds) == 1 and not feeds[0].has_own_ids:
                continue
            total, distinct = self.connection.sql(
                f"select count(*), count(distinct hash({name})) from new_{table}"
            ).fetchall()[0]
            if total != distinct:
                self._find_repeated(feeds, table, name)
        self.connection.execute(question("ingest_repeated"))
        self._find_changed()

    def _find_repeated(self, feeds: Sequence[Feed], table: str, name: str) -> None:
        for feed in feeds:
            self._with_lines(feed.source)
        self._name_views()
        self.connection.execute(f"create or replace temp table told_again as {_told_again(table, name)}")
        self.connection.execute(
            f"insert into said_before select '{table}', source_number, source_line from told_again where cause is null"
        )
        self.connection.execute(
            "insert into bad_rows select source_number, source_line, cause from told_again where cause is not null"
        )
        self._name_views()

    def _find_changed(self) -> None:
        changed = "select distinct source_number from repeated where is_other"
        numbers = {row[0] for row in self.connection.sql(changed).fetchall()}
        if numbers & self._quick:
            for source in self.sources:
                if source.number in numbers:
                    self._with_lines(source)
            self._name_views()
            self.connection.execute(question("ingest_repeated"))
        self.connection.execute(question("ingest_changed"))

    def _refuse_without_engagements(self) -> None:
        """Without a single engagement, old or new, there is nothing that could be looked at."""
        told = "select count(*) from (select 1 from {} limit 1)"
        if any(_number(self.connection, told.format(f"{age}_engagements")) for age in ("new", "old")):
            return
        if self.bad.count():
            raise self._refusal("Nothing was loaded: no engagement is left without them.")
        raise InputError(
            "No file of this load holds engagements, and none are stored yet.",
            "Nothing was loaded. Load them first, or together with these.",
        )

    def _refusal(
        self, hint: str = "Nothing was loaded. Correct them, or load the rest with --skip-bad-rows."
    ) -> InputError:
        names = {source.number: shown_name(source.name) for source in self.sources}
        faults = tuple(Fault(names[number], line, cause) for number, line, cause in self.bad.first(FAULTS_KEPT))
        causes = self.bad.causes()
        told = "; ".join(f"{count:,} because {cause}" for cause, count in causes[:5])
        more = f"; and {len(causes) - 5} more causes" if len(causes) > 5 else ""
        rows = self.bad.rows()
        return InputError(
            f"{rows:,} {'row' if rows == 1 else 'rows'} cannot be used: {told}{more}.",
            hint,
            faults=faults,
            total=self.bad.count(),
        )

    def _cut_addresses(self) -> None:
        """Keep the network of an address, never the address."""
        raw = [name for (name,) in self.connection.sql(question("ingest_addresses")).fetchall()]
        cuts = [(name, cut) for name in raw if (cut := network_of(name)) != name]
        if not cuts:
            return
        told = pa.table({"raw": [name for name, _ in cuts], "cut": [cut for _, cut in cuts]})
        self.connection.register("incoming", told)
        self.connection.execute("create temp table address_cuts as from incoming")
        self.connection.unregister("incoming")
        self.connection.execute("alter view new_engagements rename to addressed_engagements")
        self.connection.execute(question("ingest_cut"))


def network_of(name: str) -> str:
    """The /24 or /48 of an address or a longer prefix; anything else is a name of the platform's own."""
    try:
        network = ipaddress.ip_network(name, strict=False)
    except ValueError:
        return name
    kept = min(network.prefixlen, PREFIX_LENGTH[network.version])
    return str(network.supernet(new_prefix=kept))


def _left_out(feed: Feed) -> str:
    """The lines of a file that a table does without: unusable ones, and those that an earlier file told already."""
    number = feed.source.number
    return (
        f"select line from bad_rows where source = {number} "
        f"union all select line from said_before where source = {number} and table_name = {literal(feed.table)}"
    )


def _told_again(table: str, name: str) -> str:
    """Every row whose id came before in this load; the cause is null where it says the same as the first, or less."""
    # As with stored rows: the network is cut when it is stored, so addresses need not be equal.
    told = [identifier(column.name) for column in INPUT[table] if column.name not in {name, "ip_prefix"}]
    is_other = " or ".join(
        f"({one} is not null and {one} is distinct from first_value({one}) over firsts)" for one in told
    )
    is_same_file = "source_number = lag(source_number) over firsts"
    return (
        f"select source_number, source_line, case when {is_same_file} then '{name} comes twice' "
        f"when {is_other} then '{name} comes twice with different content' end as cause from new_{table} "
        f"where {name} in (select {name} from new_{table} group by {name} having count(*) > 1) "
        f"window firsts as (partition by {name} order by source_number, source_line) "
        f"qualify row_number() over firsts > 1"
    )


def _number(connection: Connection, sql: str) -> int:
    return int(connection.sql(sql).fetchall()[0][0])
