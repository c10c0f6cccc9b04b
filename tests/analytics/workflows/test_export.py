"""The command contract's export files: exactly its columns, one row for each thing named, nothing half-written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from analytics.workflows.export import export_engagements, export_flags, export_services, export_statements
from data.errors import EmptyHomeError, InvalidCommandError, StorageError
from data.home import Home
from tests.analytics.workflows.small_log import SmallLog, small_log

FLOOR = 0.004
FIRST, SECOND = "20261101T120000000000", "20261102T120000000000"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one run: 70 engagements of a0 to a2, 40 of them scored."""
    log = small_log()
    log.connection.execute(f"update run.manifest set floor_p = {FLOOR}")
    log.connection.execute("update run.flags set reasons = ['Acts by night.', 'New network.'] where account_key = 1")
    there = Home(tmp_path / "home")
    _write(log, "snapshot", there.snapshots / "s-1.duckdb")
    _write(log, "run", there.runs / f"r-{FIRST}.duckdb")
    return there


def _write(log: SmallLog, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    log.connection.execute(f"attach '{path}' as out")
    log.connection.execute(f"copy from database {name} to out")
    log.connection.execute("detach out")


@pytest.mark.parametrize("name", ["flags.csv", "flags.JSON"])
def test_a_file_named_after_another_format_is_refused(home: Home, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidCommandError, match="would hold Parquet"):
        export_flags(home, tmp_path / name)

    assert not (tmp_path / name).exists()
    assert export_flags(home, tmp_path / "flags") == 3


@pytest.mark.parametrize("name", ["x.parquet", "x.csv", "x.jsonl"])
def test_statements_named_after_another_format_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidCommandError, match="would hold JSON"):
        export_statements(Home(tmp_path / "home"), tmp_path / name)

    assert list(tmp_path.iterdir()) == []
    assert export_statements(Home(tmp_path / "home"), tmp_path / "x.json") == 0


@pytest.mark.parametrize("export", [export_flags, export_statements])
def test_a_link_stays_one_and_what_it_leads_to_is_written(
    home: Home, tmp_path: Path, export: Callable[[Home, Path], int]
) -> None:
    (tmp_path / "there").mkdir()
    for name, earlier in (("new", None), ("old", b"earlier")):
        target, link = tmp_path / "there" / name, tmp_path / f"{name}-link"
        if earlier:
            target.write_bytes(earlier)
        link.symlink_to(target)

        export(home, link)

        assert link.readlink() == target
        assert target.read_bytes()[:1] in {b"P", b"["}
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["new", "old"]


@pytest.mark.parametrize("export", [export_flags, export_statements])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_pipe_is_not_taken_over(
    home: Home, tmp_path: Path, export: Callable[[Home, Path], int], is_linked: bool
) -> None:
    """What is no regular file keeps its name; a device or somebody's pipe would be gone for everybody."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)

    with pytest.raises(StorageError, match="is a device or a pipe, not a file"):
        export(home, link if is_linked else pipe)

    assert pipe.is_fifo()
    assert link.is_symlink()


def test_a_link_to_itself_is_refused_in_a_sentence(home: Home, tmp_path: Path) -> None:
    (tmp_path / "ring").symlink_to(tmp_path / "ring")

    with pytest.raises(StorageError, match="is a link that leads nowhere"):
        export_flags(home, tmp_path / "ring")


def test_flags_have_one_row_per_scored_account_best_rank_first(home: Home, tmp_path: Path) -> None:
    rows = export_flags(home, tmp_path / "flags.parquet")

    told = pl.read_parquet(tmp_path / "flags.parquet")
    assert rows == 3
    assert told.columns == [
        "account_id",
        "score",
        "rank",
        "service_id",
        "group_id",
        "model_version",
        "run_id",
        "reasons",
    ]
    assert told.rows() == [
        ("a2", 0.85, 1, "S-1", None, "m1", "r-1", []),
        ("a1", 0.95, 2, "S-1", None, "m1", "r-1", ["Acts by night.", "New network."]),
        ("a0", 0.05, 3, None, None, "m1", "r-1", []),
    ]
    assert told.schema["reasons"] == pl.List(pl.String)


def test_engagements_have_one_row_per_engagement_of_the_snapshot(home: Home, tmp_path: Path) -> None:
    rows = export_engagements(home, tmp_path / "engagements.parquet")

    told = pl.read_parquet(tmp_path / "engagements.parquet")
    assert rows == 70
    assert told.columns == ["engagement_id", "account_id", "p_inauthentic", "band", "families"]
    assert sorted(told["engagement_id"]) == sorted(f"e{number}" for number in range(70))
    assert told.group_by("account_id").len().sort("account_id").rows() == [("a0", 10), ("a1", 30), ("a2", 30)]
    assert dict(told["band"].value_counts().iter_rows()) == {"keep": 40, "remove": 20, "review": 10}


def test_an_engagement_without_a_score_is_kept_at_the_floor_probability(home: Home, tmp_path: Path) -> None:
    export_engagements(home, tmp_path / "engagements.parquet")

    told = pl.read_parquet(tmp_path / "engagements.parquet")
    assert told.filter(pl.col("account_id") == "a0").select(pl.exclude("engagement_id")).unique().rows() == [
        ("a0", FLOOR, "keep", [])
    ]
    assert told.schema["p_inauthentic"] == pl.Float64


def test_a_scored_engagement_tells_its_probability_band_and_families(home: Home, tmp_path: Path) -> None:
    export_engagements(home, tmp_path / "engagements.parquet")

    removed = pl.read_parquet(tmp_path / "engagements.parquet").filter(pl.col("band") == "remove")
    assert removed["p_inauthentic"].round(6).unique().to_list() == [0.99]
    assert removed["families"].unique().to_list() == [["infrastructure", "rhythm"]]


def test_every_set_of_families_is_said_in_words(tmp_path: Path) -> None:
    log = small_log()
    log.connection.execute(
        "update run.engagement_scores set families = engagement_key % 8, p = (engagement_key % 8) / 10"
    )
    there = Home(tmp_path / "home")
    _write(log, "snapshot", there.snapshots / "s-1.duckdb")
    _write(log, "run", there.runs / f"r-{FIRST}.duckdb")

    rows = export_engagements(there, tmp_path / "engagements.parquet")

    scored = pl.read_parquet(tmp_path / "engagements.parquet").filter(pl.col("p_inauthentic").is_not_null())
    assert rows == 70
    assert scored.select(pl.col("p_inauthentic").round(6), "families").unique().sort("p_inauthentic").rows() == [
        (0.0, []),
        (0.1, ["infrastructure"]),
        (0.2, ["graph"]),
        (0.3, ["infrastructure", "graph"]),
        (0.4, ["rhythm"]),
        (0.5, ["infrastructure", "rhythm"]),
        (0.6, ["graph", "rhythm"]),
        (0.7, ["infrastructure", "graph", "rhythm"]),
    ]


def test_services_have_one_row_per_account_and_service(home: Home, tmp_path: Path) -> None:
    rows = export_services(home, tmp_path / "services.parquet")

    told = pl.read_parquet(tmp_path / "services.parquet")
    assert rows == 2
    assert told.columns == ["account_id", "service_id", "share"]
    assert told.rows() == [("a1", "S-1", 1.0), ("a2", "S-1", 1.0)]


def test_the_newest_run_is_exported(home: Home, tmp_path: Path) -> None:
    later = small_log()
    later.connection.execute("update run.manifest set run_id = 'r-2'")
    _write(later, "run", home.runs / f"r-{SECOND}.duckdb")

    export_flags(home, tmp_path / "flags.parquet")

    assert pl.read_parquet(tmp_path / "flags.parquet")["run_id"].unique().to_list() == ["r-2"]


@pytest.mark.parametrize("export", [export_flags, export_engagements, export_services])
def test_an_empty_home_is_refused_in_a_sentence(export: Callable[[Home, Path], int], tmp_path: Path) -> None:
    with pytest.raises(EmptyHomeError, match="There is no detection to export yet"):
        export(Home(tmp_path / "home"), tmp_path / "out.parquet")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused_in_a_sentence(home: Home, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"The folder .*/nowhere does not exist\."):
        export_flags(home, tmp_path / "nowhere" / "flags.parquet")

    assert not (tmp_path / "nowhere").exists()


def test_a_folder_in_place_of_a_file_is_refused_in_a_sentence(home: Home, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is a folder"):
        export_flags(home, tmp_path)


def test_a_folder_that_takes_no_files_is_refused_in_a_sentence(home: Home) -> None:
    with pytest.raises(StorageError, match=r"flags\.parquet was not written") as refused:
        export_flags(home, Path("/proc/self/fdinfo/flags.parquet"))

    assert "\n" not in str(refused.value)


def test_an_earlier_file_is_replaced_whole(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "flags.parquet"
    out.write_bytes(b"earlier")

    export_flags(home, out)

    assert pl.read_parquet(out).height == 3
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["flags.parquet"]
