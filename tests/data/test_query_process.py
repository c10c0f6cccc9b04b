"""The query box's child: T-06, X-06 to X-10, on a small copy with a table it must not see."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa
import pytest

from data.engine import WITHOUT
from data.query_process import Limits, run_query
from data.query_sandbox import RefusedError, check_plan, connect
from data.query_tree import NotAllowedError, check_tree

TABLES = frozenset({"accounts"})


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("copy") / "r.analyst.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table accounts as select 'a' || range as account, range as n from range(20000)")
        connection.execute("create table hidden as select 42 as x")
        connection.execute("create schema restricted")
        connection.execute("create table restricted.t as select 42 as x")
    return path


ANSWERED = {
    "select count(*) as n from accounts": 1,
    "from accounts select max(n)": 1,
    "select count(*) from main.accounts": 1,
    "with few as (select * from accounts limit 3) select * from few": 3,
    "with recursive s as (select 1 as a union all select a + 1 from s where a < 4) select * from s": 4,
    "select x.n from accounts as x positional join accounts as y limit 2": 2,
    "select * from range(5)": 5,
    "select unnest(range(2))": 2,
    "describe accounts": 2,
    "explain select * from accounts": 1,
    "values (1), (2)": 2,
}


@pytest.mark.parametrize("sql", ANSWERED)
def test_an_ordinary_select_is_answered(copy: Path, sql: str) -> None:
    answer = run_query(copy, sql, TABLES)

    assert (answer.outcome, answer.message) == ("done", "")
    assert pa.ipc.open_stream(io.BytesIO(answer.arrow)).read_all().num_rows == answer.rows == ANSWERED[sql]


ONE_SELECT = "One SELECT only."
FILES_OFF = "Files and network are off."
NOT_LISTED = "not in the allowed list"
REFUSED = {
    #
    "SELECT 1; DROP TABLE accounts": ONE_SELECT,
    "select 1; select 2": ONE_SELECT,
    "": ONE_SELECT,
    #
    "select * from read_csv('/etc/passwd')": FILES_OFF,
    "select * from glob('/*')": FILES_OFF,
    "select read_text('/etc/passwd')": FILES_OFF,
    "from '/etc/passwd'": FILES_OFF,
    "select * from 'x.parquet'": FILES_OFF,
    "select * from 'https://example.com/x.parquet'": FILES_OFF,
    "copy accounts to '/tmp/out.csv'": FILES_OFF,
    "attach '/tmp/other.duckdb'": FILES_OFF,
    #
    "select * from hidden": NOT_LISTED,
    "select * from restricted.t": NOT_LISTED,
    "select * from query_table('restricted.t')": NOT_LISTED,
    "select * from query_table('accounts')": NOT_LISTED,
    "select * from query('select * from hidden')": NOT_LISTED,
    "select * from duckdb_settings()": NOT_LISTED,
    "select * from information_schema.tables": NOT_LISTED,
    "select * from duckdb_tables": NOT_LISTED,
    "select * from sqlite_master": NOT_LISTED,
    "select current_setting('temp_directory')": NOT_LISTED,
    "show tables": "Only DESCRIBE and SUMMARIZE",
    "describe hidden": NOT_LISTED,
    "with accounts as (select 1 as n) select * from accounts": "is a table",
    "with hidden as (select * from hidden) select * from hidden": NOT_LISTED,
    "with recursive hidden as (select x from hidden union all select x from hidden) select * from hidden": NOT_LISTED,
    "select * from (with hidden as (select 1) select * from hidden), hidden": NOT_LISTED,
    "with a as (select * from hidden), hidden as (select 1) select * from a": NOT_LISTED,
    "select (select max(x) from hidden)": NOT_LISTED,
    "select n from accounts order by (select x from hidden)": NOT_LISTED,
    "select n from accounts limit (select x from hidden)": NOT_LISTED,
    "select n from accounts where n in (select x from hidden)": NOT_LISTED,
    "select 1 from accounts, lateral (select * from hidden)": NOT_LISTED,
    "select n from accounts union all select x from hidden": NOT_LISTED,
    "explain select * from hidden": NOT_LISTED,
    "explain analyze select * from hidden": NOT_LISTED,
    #
    "SET memory_limit = '9GB'": ONE_SELECT,
    "PRAGMA database_list": ONE_SELECT,
    "INSTALL httpfs": FILES_OFF,
    "LOAD httpfs": FILES_OFF,
    "CALL pragma_version()": ONE_SELECT,
    "CREATE TEMP TABLE t AS SELECT 1": ONE_SELECT,
    "SET VARIABLE x = 1": ONE_SELECT,
    "CHECKPOINT": ONE_SELECT,
    "DELETE FROM accounts": ONE_SELECT,
}


@pytest.mark.parametrize("sql", REFUSED)
def test_everything_else_is_refused_with_its_reason(copy: Path, sql: str) -> None:
    """X-06, X-07, X-08, X-09."""
    answer = run_query(copy, sql, TABLES)

    assert answer.outcome == "refused"
    assert REFUSED[sql] in answer.message
    assert answer.arrow == b""


def test_a_wrong_column_is_told_without_the_place_of_the_file(copy: Path) -> None:
    answer = run_query(copy, "select nobody from accounts", TABLES)

    assert answer.outcome == "failed"
    assert "nobody" in answer.message
    assert str(copy.parent) not in answer.message


def test_rows_beyond_the_limit_are_cut_and_said_so(copy: Path) -> None:
    answer = run_query(copy, "select * from accounts", TABLES)

    assert (answer.outcome, answer.rows) == ("cut", 10_000)
    assert "10,000" in answer.message


def test_bytes_beyond_the_limit_are_cut(copy: Path) -> None:
    answer = run_query(copy, "select repeat('x', 1000000) from range(100)", TABLES, Limits(result_bytes=5_000_000))

    assert answer.outcome == "cut"
    assert len(answer.arrow) < 5_200_000


ENDLESS = (
    "with recursive s as (select 1 as a union all select a from s) select count(*) from s",
    "with recursive s as (select 1 as a union all select a + 1 from s) select max(a) from s",
    "select count(*) from range(1000000) as a, range(1000000) as b where a.range * b.range % 7 = 3",
    "select unnest(range(1000000000)) as x order by hash(x) desc",
    "select length(repeat('x', 1000000000)) + length(repeat('y', 1000000000)) from range(100)",
    "select list(range) from range(1000000000)",
)


@pytest.mark.process
@pytest.mark.parametrize("sql", ENDLESS)
def test_an_endless_query_ends_within_its_deadline_and_a_second(copy: Path, sql: str) -> None:
    """X-10: nothing of it is left, and our own memory hardly grows."""
    before = psutil.Process().memory_info().rss
    started = time.monotonic()
    answer = run_query(copy, sql, TABLES, Limits(seconds=2))

    assert answer.outcome in {"too_long", "too_big"}
    assert time.monotonic() - started < 3
    assert psutil.Process().memory_info().rss - before < 50_000_000
    assert [
        child for child in psutil.Process().children(recursive=True) if "query_sandbox" in str(child.cmdline())
    ] == []


@pytest.mark.parametrize(
    "sql", ["select * from restricted.t", "select * from query_table('restricted.t')", "from hidden"]
)
def test_the_plan_alone_already_refuses_a_hidden_table(copy: Path, sql: str) -> None:
    with (
        duckdb.connect(str(copy), read_only=True) as connection,
        pytest.raises(RefusedError, match="not in the allowed"),
    ):
        check_plan(connection, sql, TABLES)


@pytest.mark.parametrize(
    "sql", ["select * from restricted.t", "select * from query_table('restricted.t')", "from hidden"]
)
def test_the_parse_tree_alone_already_refuses_it(copy: Path, sql: str) -> None:
    with duckdb.connect(str(copy), read_only=True) as connection:
        tree = json.loads(connection.execute("select json_serialize_sql(?)", [sql]).fetchall()[0][0])
    with pytest.raises(NotAllowedError):
        check_tree(tree, TABLES)


def test_a_query_is_answered_without_the_engine_step_that_mixes_up_views(copy: Path) -> None:
    """The child cannot import the engine's settings, so it repeats this one, and nobody can take it back."""
    request = {"copy": str(copy), "memory_mb": 64, "threads": 1}
    with connect(request) as connection:
        held = connection.execute("select current_setting('disabled_optimizers')").fetchall()

        assert [f"disabled_optimizers = '{value}'" for (value,) in held] == [WITHOUT]
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            connection.execute("set disabled_optimizers = ''")


def test_a_query_over_two_views_of_one_table_gets_both(copy: Path) -> None:
    """X-08's neighbour: an allowed query is answered with the right rows."""
    sql = (
        "with acts as (select a.account as actor, t.account as target from (select 1 as k, 2 as l) "
        "join accounts as a on a.n = k join accounts as t on t.n = l) "
        "select actor from acts union all select target from acts"
    )
    answer = run_query(copy, sql, TABLES)

    told = pa.ipc.open_stream(io.BytesIO(answer.arrow)).read_all().to_pydict()
    assert sorted(told["actor"]) == ["a1", "a2"]
