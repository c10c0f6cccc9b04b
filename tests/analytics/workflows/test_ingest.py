"""Loading as people meet it: the command line, a full disk, a killed process, a stranger's upload."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from analytics.workflows.uploads import MOST_BYTES, Uploads
from data.errors import InputError, RightsError, StorageError
from data.home import Home
from data.ingest.looking import look
from data.warehouse import open_writer
from tests.data.ingest.logs import GOOD, HEADER, contents, load, told, write
from tests.data.ingest.test_bad_input import bomb

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
# Fills what the operating system lets it write, says what it was told, then loads when there is room again.
FILL = """
import json, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from analytics.workflows.ingest import ingest
from data.errors import StorageError
from data.home import Home

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
home, log, now = Home(Path(sys.argv[1])), Path(sys.argv[2]), datetime(2026, 11, 1, tzinfo=UTC)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
told = {}
try:
    ingest(home, [log], now=now)
except StorageError as error:
    told["sentence"] = str(error)
    told["serving"] = home.newest_snapshot().stem
    told["left"] = sorted(path.name for path in home.snapshots.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
told["after"] = ingest(home, [log], now=now).engagements
print(json.dumps(told))
"""


def many(path: Path, rows: int) -> Path:
    number = pl.int_range(rows, eager=True)
    pl.DataFrame(
        {
            "engagement_id": "m" + number.cast(pl.String),
            "kind": ["like"] * rows,
            "actor_id": (number * 7 % 9_973).cast(pl.String),
            "target_id": (number * 11 % 997).cast(pl.String),
            "at": pl.Series([datetime(2026, 1, 1, tzinfo=UTC)] * rows),
        }
    ).write_parquet(path)
    return path


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analytics", "ingest", *arguments],
        cwd=ROOT,
        env=os.environ | {"UNBOUGHT_HOME": str(home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("log.csv", HEADER.encode(), "log.csv, line 1: it has no rows."),
        ("log.csv", GOOD.encode("utf-16"), "log.csv: this is UTF-16 text, not UTF-8 text."),
        ("log.parquet", b"PAR1PAR1", "log.parquet: not a readable Parquet file."),
        ("log.csv", GOOD.replace("like", "wave").encode(), "1 row cannot be used: 1 because kind is not like"),
    ],
)
def test_a_bad_file_ends_the_command_with_two_and_one_sentence(
    tmp_path: Path, name: str, body: bytes, sentence: str
) -> None:
    """X-14 to X-17: exit code 2, no traceback, nothing written."""
    ended = command(tmp_path / "home", str(write(tmp_path / name, body)))
    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert contents(tmp_path / "home") == {}


def test_a_machine_is_told_the_faults_and_the_total(tmp_path: Path) -> None:
    rows = "".join(f"e{row},wave,a,b,2026-01-01T00:00:00Z\n" for row in range(120))
    ended = command(tmp_path / "home", str(write(tmp_path / "log.csv", f"{HEADER}\n{rows}")), "--json")
    answer = json.loads(ended.stdout)
    assert ended.returncode == 2
    assert answer["total"] == 120
    assert len(answer["faults"]) == 100
    assert answer["faults"][0] == {
        "file": "log.csv",
        "line": 2,
        "cause": "kind is not like, follow, comment or unfollow",
    }


def test_a_mapping_that_is_not_there_ends_the_command_with_two(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", GOOD)
    ended = command(tmp_path / "home", str(log), "--mapping", str(tmp_path / "none.toml"))
    assert ended.returncode == 2
    assert "The mapping none.toml cannot be read." in ended.stderr


def test_the_command_loads_and_says_what_is_held(tmp_path: Path) -> None:
    ended = command(tmp_path / "home", str(write(tmp_path / "log.csv", GOOD)))
    assert ended.returncode == 0, ended.stderr
    assert "holds 1 engagements, 0 accounts, 0 logins, 0 labels." in ended.stdout


@pytest.mark.process
@pytest.mark.parametrize("room", [20_000, 600_000, 2_000_000])
def test_without_room_nothing_changes_and_with_room_the_same_log_loads(tmp_path: Path, room: int) -> None:
    """F-14: a full disk is one sentence, the snapshot before serves, nothing half-written stays."""
    first = load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))
    log = many(tmp_path / "many.parquet", 200_000)
    ended = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path / "home"), str(log), str(room)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout.splitlines()[-1])
    assert answer["sentence"].startswith("The snapshot was not written: the disk is full.")
    assert answer["serving"] == first.snapshot_id
    assert answer["left"] == [".writer", f"{first.snapshot_id}.duckdb"]
    assert answer["after"] == 200_001


@pytest.mark.process
def test_a_killed_load_leaves_the_snapshot_before_and_the_next_load_works(tmp_path: Path) -> None:
    """F-05: killed while the new snapshot is being written."""
    home = tmp_path / "home"
    load(home, write(tmp_path / "log.csv", GOOD))
    log = many(tmp_path / "many.parquet", 400_000)
    before = contents(home)
    child = subprocess.Popen(
        [sys.executable, "-m", "analytics", "ingest", str(log), "--json"],
        cwd=ROOT,
        env=os.environ | {"UNBOUGHT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not list((home / "snapshots").glob("*.partial*")):
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait(20)

    assert [path for path in before if contents(home).get(path) != before[path]] == []
    assert [row[0] for row in told(home)] == ["e1"]
    assert load(home, log).engagements == 400_001
    assert list((home / "snapshots").glob("*.partial*")) == []


def test_a_bomb_is_received_and_not_believed(tmp_path: Path) -> None:
    """X-13, through the quarantine of the upload."""
    uploads = Uploads(tmp_path / "uploads", tmp_path / "inbox")
    body = bomb(tmp_path / "accounts.parquet", 1_000_000, 20_000).read_bytes()
    upload = uploads.receive("p-1", [("accounts.parquet", body)], NOW)
    started = time.monotonic()
    with pytest.raises(InputError, match="the file expands too far"):
        look(upload.paths, is_trusted=upload.is_trusted)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "Bring one to 5 files at a time."),
        ([(f"{number}.csv", b"a") for number in range(6)], "Bring one to 5 files at a time."),
        ([("log.exe", b"a")], "log.exe is neither Parquet, CSV nor JSONL."),
        ([(".csv", b"a")], ".csv is neither Parquet, CSV nor JSONL."),
        ([("log.csv", b"a"), ("x/log.csv", b"b")], "Two files have the same name."),
        ([("log.csv", bytes(MOST_BYTES + 1))], "The files are larger than 25 MB together."),
    ],
)
def test_what_may_not_be_uploaded_is_refused_before_it_is_written(
    tmp_path: Path, files: list[tuple[str, bytes]], sentence: str
) -> None:
    """D.4: at most 25 MB, five files, known endings."""
    with pytest.raises(InputError) as refused:
        Uploads(tmp_path / "uploads", tmp_path / "inbox").receive("p-1", files, NOW)
    assert refused.value.message == sentence
    assert not (tmp_path / "uploads").exists()


def test_an_upload_lies_under_a_random_name_and_belongs_to_who_brought_it(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", tmp_path / "inbox")
    upload = uploads.receive("p-1", [("../../etc/lo g.csv", GOOD.encode())], NOW)
    assert [path.name for path in upload.paths] == ["lo_g.csv"]
    assert upload.paths[0].parent.parent == tmp_path / "uploads"
    with pytest.raises(RightsError):
        uploads.find(upload.upload_id, "p-2")
    with pytest.raises(InputError):
        uploads.find("../inbox", "p-1")


def test_two_loads_at_once_do_not_mix(tmp_path: Path) -> None:
    """The second is told to wait; the first is not disturbed."""
    log = write(tmp_path / "log.csv", GOOD)
    with open_writer(Home(tmp_path / "home"), now=NOW), pytest.raises(StorageError, match="Another snapshot is being"):
        load(tmp_path / "home", log)
    assert load(tmp_path / "home", log).is_new
