"""D.3, D.5: the copy that analysts query holds no id, handle, address, device or text; queries on it work."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from data.analyst_copy import TABLES, build_copy, pseudonym
from data.contracts import RUN, SNAPSHOT
from data.query_process import run_query
from data.sidecars import build_explore

KEY = b"k" * 32
CANARIES = ("canary-id", "canary-handle", "canary-engagement", "198.51.100", "canary-device", "canary text")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("files")
    for name, tables in (("snapshot", SNAPSHOT), ("run", RUN)):
        with duckdb.connect(str(folder / f"{name}.duckdb")) as connection:
            for table, columns in tables.items():
                told = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                connection.execute(f"create table {table} ({told})")
    with duckdb.connect(str(folder / "snapshot.duckdb")) as connection:
        fill_snapshot(connection)
    with duckdb.connect(str(folder / "run.duckdb")) as connection:
        connection.execute("insert into manifest (run_id, snapshot_id, floor_p) values ('r', 's', 0.01)")
        connection.execute("insert into flags (account_key, account_id, score) values (0, 'canary-id-0', 0.9)")
        connection.execute(
            "insert into engagement_scores (engagement_key, account_key, p, band, families) values (0, 0, 0.9, 2, 3)"
        )
    return folder / "snapshot.duckdb", folder / "run.duckdb"


def fill_snapshot(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into manifest (snapshot_id, last_at) values ('s', 86400000000)")
    for key in range(8):
        connection.execute("insert into ids values (?, ?)", [key, f"canary-id-{key}"])
        connection.execute(
            "insert into accounts (account_key, handle, created_at) values (?, ?, 0)", [key, f"canary-handle-{key}"]
        )
    for domain, name in (
        ("client", "app"),
        ("country", "BR"),
        ("prefix", "198.51.100.0/24"),
        ("device", "canary-device"),
    ):
        connection.execute("insert into names values (?, 0, ?)", [domain, name])
    for key in range(40):
        connection.execute(
            "insert into engagements values (?, ?, 2, ?, ?, ?, null, 0, 64500, 0, 0, 0, ?)",
            [key, f"canary-engagement-{key}", key % 4, 4 + key % 4, key * 3_600_000_000, f"canary text {key}"],
        )
    connection.execute("insert into logins values (0, 5, 0, 64500, 0, 0, true)")


@pytest.fixture(scope="module")
def copy(files: tuple[Path, Path]) -> Path:
    return build_copy(files[0].with_name("r.analyst.duckdb"), *files, KEY)


def test_nothing_of_a_person_is_anywhere_in_the_file(files: tuple[Path, Path], copy: Path) -> None:
    """The same words are found in the snapshot itself, so the search is a real one."""
    for canary in CANARIES:
        assert canary.encode() in files[0].read_bytes()
        assert canary.encode() not in copy.read_bytes()


def test_the_copy_holds_exactly_the_allowed_tables(copy: Path) -> None:
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert {row[0] for row in connection.sql("show tables").fetchall()} == TABLES


def test_a_pseudonym_depends_on_the_key_and_is_the_same_in_every_table(copy: Path) -> None:
    zero = pseudonym(KEY, "canary-id-0")
    found = run_query(copy, f"select count(*) as n from engagements where account = '{zero}'", TABLES)

    assert pa.ipc.open_stream(io.BytesIO(found.arrow)).read_all().to_pydict() == {"n": [10]}
    assert pseudonym(b"other" * 8, "canary-id-0") != zero
    assert len({pseudonym(KEY, str(number)) for number in range(10_000)}) == 10_000


def test_a_query_joins_accounts_and_engagements(copy: Path) -> None:
    sql = "select band, count(*) as n from engagements join accounts using (account) group by band order by band"
    found = run_query(copy, sql, TABLES)

    assert pa.ipc.open_stream(io.BytesIO(found.arrow)).read_all().to_pydict() == {
        "band": ["keep", "remove"],
        "n": [39, 1],
    }


def test_a_failed_build_leaves_nothing_behind(files: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "run.duckdb"
    duckdb.connect(str(broken)).close()
    with pytest.raises(Exception, match="could not be built"):
        build_explore(tmp_path / "r.explore.duckdb", files[0], broken)

    assert [path.name for path in tmp_path.iterdir() if "explore" in path.name] == []
