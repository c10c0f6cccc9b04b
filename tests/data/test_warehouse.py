"""Snapshots and runs: one writer, whole or not at all, never changed, never out of order, and forgotten with care."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from data.contracts import SNAPSHOT
from data.engine import SETTINGS, connect
from data.errors import EmptyHomeError, StorageError
from data.home import Home, finished
from data.warehouse import (
    SnapshotReader,
    forget_old,
    open_batch,
    open_writer,
    run_info,
    snapshot_info,
    stored_runs,
    stored_snapshots,
)
from data.warehouse.batch import Batch, aside
from tests.data.ingest.logs import GOOD, NEW_YEAR, NOW, load, write

LATER = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))
    return Home(tmp_path / "home")


def finish(home: Home, now: datetime = NOW) -> str:
    """Write the smallest run over the newest snapshot."""
    with open_batch(home, now=now) as batch:
        batch.store("features", pl.DataFrame({"account_key": [0], "anything": [0.5]}))
        done = batch.finish(
            model_version="m-1",
            model_hash="0" * 64,
            policy_version="2",
            missing=["accounts"],
            floor_p=0.3,
            counts={"queued": 1, "accounts": 2},
            settings="{}",
        )
    return done.run_id


def test_the_engine_gives_back_what_it_can_and_goes_on_where_some_is_in_use(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of a hundred million leaves more in use than the least that the engine is asked to keep."""
    monkeypatch.setattr("data.warehouse.batch._LEAST_MEMORY", "1KB")
    with open_batch(home, now=NOW) as batch:
        before = batch.collect(batch.settle("kept", batch.table("engagements")))
        batch.let_go()
        assert batch.collect(batch.table("engagements")).equals(before)
        assert batch.collect(batch.settle("twice", batch.table("engagements"))).equals(before)


def test_rows_that_are_laid_by_come_back_as_they_were_and_leave_nothing_behind(home: Home) -> None:
    rows = pl.DataFrame({"account_key": [3, 1, 2], "share": [0.25, None, float("nan")], "name": ["a", None, "c"]})

    with open_batch(home, now=NOW) as batch:
        batch.lay_by("rows-1-3", rows)
        assert batch.take_up("rows-1-3").equals(rows)
        assert batch.take_up("rows-1-3").schema == rows.schema

    assert [path.name for path in home.runs.iterdir()] == [".writer"]


def test_a_step_takes_the_place_of_the_one_with_its_name(home: Home) -> None:
    """A step may build on the one whose name it takes; rows made elsewhere are settled alike."""
    with open_batch(home, now=NOW) as batch:
        first = batch.settle_rows("step", pl.DataFrame({"account_key": [1, 2, 3]}))
        second = batch.settle("step", first.filter(nw.col("account_key") > 1).with_columns(twice=nw.lit(2)))
        told = batch.collect(second).sort("account_key")

    assert told.rows() == [(2, 2), (3, 2)]


def test_what_the_engine_holds_is_let_go_and_it_may_hold_as_much_again(home: Home) -> None:
    """A settled step of 400 MB is still there afterwards, but on disk."""

    def held(batch: Batch) -> int:
        return int(batch._connection.sql("select sum(memory_usage_bytes) from duckdb_memory()").fetchall()[0][0])

    with open_batch(home, now=NOW) as batch:
        large = nw.from_native(
            batch._connection.sql("select range as number, hash(range) as word from range(25000000)")
        )
        kept = batch.settle("large", large)
        limit = batch._connection.sql("select current_setting('memory_limit')").fetchall()
        before = held(batch)
        batch.let_go()

        assert held(batch) <= 256_000_000 < before
        assert batch._connection.sql("select current_setting('memory_limit')").fetchall() == limit
        assert batch.collect(kept.select(nw.col("number").max())).item() == 24_999_999


def test_rows_that_a_killed_process_laid_by_are_cleared_by_the_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dead:
        dead.setattr("os.getpid", lambda: 2**31 - 1)
        left = aside(home)
    left.mkdir(parents=True)
    (left / "rows-1-3.arrow").write_bytes(b"half")

    finish(home)

    assert not left.exists()


def add(home: Home, number: int, now: datetime) -> str:
    log = write(home.root / f"log{number}.csv", GOOD.replace("e1", f"n{number}"))
    return load(home.root, log, now=now).snapshot_id


def test_a_snapshot_says_what_it_holds(home: Home) -> None:
    newest = home.newest_snapshot()
    assert newest is not None
    info = snapshot_info(newest)
    assert (info.engagements, info.accounts, info.logins, info.labels, info.skipped_rows) == (1, 0, 0, 0, 0)
    assert info.created_at == NOW
    assert info.first_at == info.last_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert info.snapshot_id == newest.stem == "s-20261101T120000000000"


def test_a_snapshot_has_the_tables_and_types_of_the_contract(home: Home) -> None:
    newest = home.newest_snapshot()
    assert newest is not None
    with connect(home.snapshots) as connection:
        connection.execute(f"attach '{newest}' as snapshot (read_only)")
        told = connection.sql(
            "select table_name, column_name, data_type from duckdb_columns() where database_name = 'snapshot'"
        ).fetchall()
    assert sorted(told) == sorted(
        (table, column, kind) for table, columns in SNAPSHOT.items() for column, kind in columns.items()
    )


def test_a_run_names_its_snapshot_and_says_what_it_found(home: Home) -> None:
    run_id = finish(home)
    newest_run, newest_snapshot = home.newest_run(), home.newest_snapshot()
    assert newest_run is not None
    assert newest_snapshot is not None
    info = run_info(newest_run)
    assert (info.run_id, info.snapshot_id) == (run_id, newest_snapshot.stem)
    assert (info.model_version, info.missing) == ("m-1", ("accounts",))
    assert info.counts == {"queued": 1, "accounts": 2}
    assert [(one.run_id, one.snapshot) for one in stored_runs(home)] == [(run_id, newest_snapshot)]


def test_a_batch_reads_keys_as_whole_numbers_and_knows_its_log(home: Home) -> None:
    with open_batch(home, now=NOW) as batch:
        rows = batch.collect(batch.table("engagements"))
        moment = NEW_YEAR + (27 * 3600 + 4 * 60 + 5) * 1_000_000
        assert rows.select("actor_key", "target_key", "at").rows() == [(0, 1, moment)]
        assert rows.schema["actor_key"] == pl.Int64
        assert (batch.everyone, batch.span) == (2, (moment, moment))
        assert "accounts" in batch.missing


@pytest.mark.parametrize("kind", ["snapshot", "run"])
def test_what_is_left_before_its_end_leaves_nothing(home: Home, kind: str) -> None:
    """F-05: neither a partial file nor a spill."""
    before = sorted(path.name for path in home.root.rglob("*.duckdb*"))
    opened = open_writer(home, now=NOW) if kind == "snapshot" else open_batch(home, now=NOW)
    with pytest.raises(ZeroDivisionError), opened:
        1 / 0  # noqa: B018 - whatever goes wrong inside
    assert sorted(path.name for path in home.root.rglob("*.duckdb*")) == before
    assert list(home.root.rglob(".spill*")) == []


@pytest.mark.parametrize("kind", ["snapshot", "run"])
def test_a_second_writer_waits_its_turn(home: Home, kind: str) -> None:
    def opened() -> object:
        return open_writer(home, now=NOW) if kind == "snapshot" else open_batch(home, now=NOW)

    with opened(), pytest.raises(StorageError, match=f"Another {kind} is being written"), opened():  # type: ignore[attr-defined]
        pass


def test_names_sort_by_time_also_when_the_clock_stands_or_goes_back(home: Home) -> None:
    first = [path.stem for path in finished(home.snapshots)]
    later = [add(home, 1, NOW), add(home, 2, NOW - timedelta(days=200)), add(home, 3, NOW + LATER)]
    assert [*first, *later] == sorted([*first, *later])
    assert [info.snapshot_id for info in stored_snapshots(home)] == [*first, *later]


def test_a_finished_file_is_never_written_again(home: Home) -> None:
    newest = home.newest_snapshot()
    assert newest is not None
    before = newest.read_bytes()
    add(home, 1, NOW)
    finish(home)
    assert newest.read_bytes() == before


def test_what_killed_writers_left_is_no_snapshot_and_is_cleared_by_the_next(home: Home) -> None:
    newest = home.newest_snapshot()
    left = home.snapshots / "s-99991231T000000000000.duckdb.partial"
    left.write_bytes(b"half")
    (home.snapshots / "s-99991231T000000000000.duckdb.partial.wal").write_bytes(b"half")
    assert home.newest_snapshot() == newest
    add(home, 1, NOW)
    assert list(home.snapshots.glob("*.partial*")) == []


def test_a_sidecar_is_no_snapshot(home: Home) -> None:
    newest = home.newest_snapshot()
    assert newest is not None
    write(newest.with_name(f"{newest.stem}.explore.duckdb"), "sidecar")
    assert home.newest_snapshot() == newest
    assert len(stored_snapshots(home)) == 1


def test_a_stray_file_is_no_snapshot_and_no_run(home: Home) -> None:
    """What somebody laid there under a name of their own neither serves nor stands in the way of the next load."""
    newest = home.newest_snapshot()
    for stray in ("s-old.duckdb", "zz.duckdb", "s-20269999.duckdb"):
        write(home.snapshots / stray, "mine")
    write(home.runs / "r-2.duckdb", "mine")

    assert home.newest_snapshot() == newest
    assert len(stored_snapshots(home)) == 1
    add(home, 1, NOW)
    finish(home)
    assert len(stored_snapshots(home)) == 2
    assert len(stored_runs(home)) == 1


def test_a_damaged_file_is_one_sentence(home: Home) -> None:
    newest = home.newest_snapshot()
    assert newest is not None
    newest.write_bytes(b"not a database at all" * 1_000)
    with pytest.raises(StorageError, match=f"The snapshot {newest.stem} cannot be read"):
        snapshot_info(newest)


def test_without_a_log_there_is_no_detection(tmp_path: Path) -> None:
    with pytest.raises(EmptyHomeError, match="There is no log to look at yet"), open_batch(Home(tmp_path), now=NOW):
        pass


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    write(tmp_path / "home", "a file where the folder should be")
    with pytest.raises(StorageError, match="Snapshot was not written"), open_writer(Home(tmp_path / "home"), now=NOW):
        pass


def test_the_oldest_go_and_the_newest_and_the_needed_stay(home: Home) -> None:
    runs = []
    for day in range(5):
        add(home, day, NOW + day * LATER)
        runs.append(finish(home, NOW + day * LATER))
    needed = stored_runs(home)[0]

    gone = forget_old(home, needed_runs={runs[0]}, now=NOW + 5 * LATER, most=2)

    left = stored_runs(home)
    assert [one.run_id for one in left] == [runs[0], *runs[3:]]
    assert needed.snapshot.exists()
    assert gone[:2] == runs[1:3]
    assert not set(gone) & {path.stem for path in finished(home.snapshots)}


def test_an_old_age_ends_runs_too_but_never_the_newest(home: Home) -> None:
    first, second = finish(home, NOW), finish(home, NOW + LATER)
    write(home.runs / f"{first}.explore.duckdb", "sidecar")

    gone = forget_old(home, needed_runs=(), now=NOW + timedelta(days=400))

    assert gone == [first]
    assert [one.run_id for one in stored_runs(home)] == [second]
    assert not (home.runs / f"{first}.explore.duckdb").exists()


def test_a_reader_goes_on_while_its_snapshot_is_forgotten(home: Home) -> None:
    newest = home.newest_snapshot()
    assert newest is not None
    with SnapshotReader.open(newest) as reader:
        newest.unlink()
        assert reader.table("engagements").height == 1


def test_two_views_of_one_table_are_not_taken_for_the_same(tmp_path: Path) -> None:
    """A stored log's actors and targets come from one table of ids; the engine once answered with targets for both."""
    ask = "select actor from acts union all select target from acts"
    with connect(tmp_path) as connection:
        connection.execute("create table ids as select * from (values (0, 'ana'), (1, 'ben')) as t (key, name)")
        connection.execute("create table raw as select 0 as actor_key, 1 as target_key")
        connection.execute(
            "create view acts as select a.name as actor, t.name as target from raw "
            "inner join ids as a on raw.actor_key = a.key inner join ids as t on raw.target_key = t.key"
        )
        assert sorted(connection.sql(ask).fetchall()) == [("ana",), ("ben",)]
        held = connection.sql("select current_setting('disabled_optimizers')").fetchall()
    assert held == [("common_subplan",)]
    assert any("common_subplan" in setting for setting in SETTINGS)
