"""Files that nobody should send (T-08, S-25, X-13 to X-17): one plain sentence, and nothing was written."""

from __future__ import annotations

import gzip
import io
import shutil
import struct
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.ingest.looking import look
from data.ingest.reading import ZONELESS
from tests.data.ingest.logs import GOOD, HEADER, contents, load, write

ROW = "e2,like,ana,ben,2026-01-02T03:04:05Z"
WHEN = "2026-01-02T03:04:05Z"
WIDE = ",".join(f"c{place}" for place in range(10_000))


def zipped(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("log.csv", text)
    return held.getvalue()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    load(folder / "home", write(folder / "good.csv", GOOD))
    return folder / "home"


@pytest.fixture(autouse=True)
def _home(loaded: Path, tmp_path: Path) -> None:
    """Every test begins with one good log in its home."""
    shutil.copytree(loaded, tmp_path / "home")


def refused(folder: Path, path: Path, mapping: str = "") -> InputError:
    """Load a file beside the good log: it is refused and the home is byte for byte what it was."""
    home = folder / "home"
    before = contents(home)
    with pytest.raises(InputError) as caught:
        load(home, path, mapping=mapping)
    assert contents(home) == before
    message = caught.value.message
    assert message.endswith(".")
    assert message.isprintable()
    assert len(message) < 400
    return caught.value


UNREADABLE = [
    # what is not UTF-8 text
    (b"", "the file is empty", 0),
    (GOOD.encode("utf-16"), "this is UTF-16 text, not UTF-8 text", 0),
    (GOOD.encode("utf-16-le"), "the name of column 1 is not UTF-8 text", 1),
    (GOOD.replace("ben", "béla").encode("latin-1"), "it is not UTF-8", 2),
    (GOOD.replace("actor_id", "actör_id").encode("latin-1"), "the name of column 3 is not UTF-8 text", 1),
    (GOOD.replace("ben", "be\0n").encode(), "it has a NUL byte", 2),
    (GOOD.encode().replace(b"ben", b"b\xed\xa0\x80"), "it is not UTF-8", 2),
    (gzip.compress(GOOD.encode(), mtime=0), "this is compressed (gzip), not UTF-8 text", 0),
    (zipped(GOOD), "this is compressed (zip), not UTF-8 text", 0),
    (b"\x28\xb5\x2f\xfd" + bytes(40), "this is compressed (zstd), not UTF-8 text", 0),
    (b"PAR1" + bytes(40), "this is a Parquet file, not UTF-8 text", 0),
    # what is no table
    (b"\n\n\n", "the file is empty", 0),
    (HEADER.encode(), "it has no rows", 1),
    (f"{HEADER}\n".encode(), "it has no rows", 1),
    (f"{ROW}\n".encode(), "it cannot be told which table this is", 0),
    (f"{HEADER},at\n{ROW},{WHEN}\n".encode(), "the column at comes twice", 1),
    (f"{HEADER},AT\n{ROW},{WHEN}\n".encode(), "the column AT comes twice", 1),
    (f"{HEADER},\n{ROW},\n".encode(), "column 6 has no name", 1),
    (f"{WIDE}\n{WIDE}\n".encode(), "it has 10,000 columns; 200 are the most", 1),
    (f"{GOOD}e2,like,ana\n".encode(), "it has 3 cells where the header has 5", 3),
    (f"{GOOD}{ROW},more\n".encode(), "it has 6 cells where the header has 5", 3),
    (f'{GOOD}e2,like,"ana,ben,{WHEN}\ne3,like,a,b,{WHEN}\n'.encode(), "a quote is never closed", 3),
    (f'{GOOD}e2,like,"a"na,ben,{WHEN}\n'.encode(), "a quote stands inside a cell", 3),
    (f"{HEADER},text\n{ROW},{'x' * 65_537}\n".encode(), "longer than 64 KB", 2),
    (f"{HEADER},text\n{ROW},{'x' * 200_000}\n".encode(), "64 KB", 2),
    (f"{HEADER},text\n{ROW},{'x' * 2_000_000}\n".encode(), "longer than", 2),
    (f"{HEADER},text\n{ROW},{'é' * 40_000}\n".encode(), "longer than 64 KB", 2),
    # D.4 and D.5: what the contract does not know, and what is never received
    (f"engagement_id,kind,actor_id,at\ne1,like,a,{WHEN}\n".encode(), "it cannot be told which table this is", 0),
    (f"{HEADER},mood\n{ROW},good\n".encode(), "it cannot be told which table this is", 0),
]


@pytest.mark.parametrize(("body", "cause", "line"), UNREADABLE)
def test_a_file_that_is_no_table_is_refused_by_line_and_cause(
    tmp_path: Path, body: bytes, cause: str, line: int
) -> None:
    error = refused(tmp_path, write(tmp_path / "bad.csv", body))
    assert any(cause in fault.cause for fault in error.faults)
    assert error.faults[0].line == line


def test_fifty_megabytes_in_one_cell_are_refused_soon(tmp_path: Path) -> None:
    """X-16: the cell is never held."""
    body = f"{HEADER},text\n{ROW},".encode() + b"x" * 50_000_000
    started = time.monotonic()
    error = refused(tmp_path, write(tmp_path / "bad.csv", body))
    assert error.faults[0].cause == "the line is longer than 1 MB"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "name",
    ["password", "PassWd", "api_key", "access_token", "token", "session_id", "client secret", "auth-token", "cookie"],
)
def test_a_column_that_looks_like_a_password_or_token_is_refused_even_when_ignored(tmp_path: Path, name: str) -> None:
    """D.5: credentials are never received."""
    error = refused(
        tmp_path,
        write(tmp_path / "bad.csv", f"{HEADER},{name}\n{ROW},hunter2\n"),
        mapping=f'[engagements]\nignore = "{name}"\n',
    )
    assert error.faults[0].cause == f"the column {name} looks like a password or token"
    assert "hunter2" not in str(error)


BAD_CELLS = [
    # column, cell, cause
    ("kind", "wave", "kind is not like, follow, comment or unfollow"),
    ("kind", "LIKE", "kind is not like, follow, comment or unfollow"),
    ("kind", "", "kind is missing"),
    ("engagement_id", "", "engagement_id is missing"),
    ("actor_id", "", "actor_id is missing"),
    ("actor_id", "a na", "actor_id has blanks or control characters"),
    ("target_id", "be\u00a0n", "target_id has blanks or control characters"),
    ("target_id", " ben", "target_id has blanks or control characters"),
    ("actor_id", "a\x07", "actor_id has blanks or control characters"),
    ("actor_id", "x" * 301, "actor_id is longer than 300 bytes"),
    ("at", "", "at is missing"),
    ("at", "soon", "at is not a time"),
    ("at", "NaN", "at is not a time"),
    ("at", "infinity", "at is not a time"),
    ("at", "1767225600", "at is not a time"),
    ("at", "2026-02-30T00:00:00Z", "at is not a time"),
    ("at", "2026-01-01T25:00:00Z", "at is not a time"),
    ("at", "2026-01-01T00:00:00+99:00", "at is not a time"),
    ("at", "2026-01-01T00:00:00+00:99", "at is not a time"),
    ("at", "2026-01-01T00:00:00-1401", "at is not a time"),
    ("at", "2026-01-02T03:04:05", f"at {ZONELESS}"),
    ("at", "0001-01-01T00:00:00Z", "at is before 2004"),
    ("at", "9999-12-31T23:59:59Z", "at is in the future"),
    ("at", "2003-12-31T23:59:59Z", "at is before 2004"),
    ("asn", "-1", "asn is not a whole number from 0 to 4294967295"),
    ("asn", "4294967296", "asn is not a whole number from 0 to 4294967295"),
    ("asn", "NaN", "asn is not a whole number from 0 to 4294967295"),
    ("asn", "1.5", "asn is not a whole number from 0 to 4294967295"),
    ("client_id", "a\tb", "client_id has control characters"),
]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize(("column", "cell", "cause"), BAD_CELLS)
def test_a_bad_cell_is_named_by_its_line(tmp_path: Path, ending: str, column: str, cell: str, cause: str) -> None:
    good = {"engagement_id": "e2", "kind": "like", "actor_id": "ana", "target_id": "ben", "at": WHEN}
    optional = {column: "64500" if column == "asn" else "app"} if column not in good else {}
    frame = pl.DataFrame([{**good, **optional}, {**good, "engagement_id": "e3", **optional, column: cell}])
    path = tmp_path / f"bad.{ending}"
    if ending == "csv":
        frame.write_csv(path)
    else:
        frame.write_ndjson(path)

    error = refused(tmp_path, path)

    assert [(fault.line, fault.cause) for fault in error.faults] == [(3 if ending == "csv" else 2, cause)]
    assert error.total == 1


@pytest.mark.parametrize(
    "cell", ["NaN", "nan", "inf", "-inf", "-0.0", "1e308", "-3", "1.5", "many", "99999999999999999999"]
)
def test_a_count_that_is_no_count_is_refused(tmp_path: Path, cell: str) -> None:
    error = refused(tmp_path, write(tmp_path / "accounts.csv", f"account_id,followers\na,1\nb,{cell}\n"))
    assert [str(fault) for fault in error.faults] == [
        "accounts.csv, line 3: followers is not a whole number of 0 or more"
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), -0.0, 1e308, -3.0, 1.5])
def test_a_number_that_is_no_count_is_refused_in_parquet_too(tmp_path: Path, value: float) -> None:
    frame = pl.DataFrame({"account_id": ["a", "b"], "followers": [1.0, value]})
    frame.write_parquet(tmp_path / "accounts.parquet")
    error = refused(tmp_path, tmp_path / "accounts.parquet")
    assert [(fault.line, fault.cause) for fault in error.faults] == [
        (2, "followers is not a whole number of 0 or more")
    ]


@pytest.mark.parametrize(
    ("at", "cause"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), "at is before 2004"),
        (datetime(9999, 12, 31, tzinfo=UTC), "at is in the future"),
        (datetime(2026, 1, 1), f"at {ZONELESS}"),  # noqa: DTZ001 - a naive time is what is tested
        (None, "at is missing"),
        ("infinite", "at is not a time"),
    ],
)
def test_a_time_that_is_none_is_refused_in_parquet_too(tmp_path: Path, at: datetime | str | None, cause: str) -> None:
    if at == "infinite":
        times = pa.array([2**63 - 1], pa.timestamp("us", "UTC"))
    else:
        times = pa.array([at], pa.timestamp("us", None if at and at.tzinfo is None else "UTC"))  # type: ignore[union-attr]
    cells = {"engagement_id": ["e2"], "kind": ["like"], "actor_id": ["a"], "target_id": ["b"], "at": times}
    pq.write_table(pa.table(cells), tmp_path / "bad.parquet")
    error = refused(tmp_path, tmp_path / "bad.parquet")
    assert [(fault.line, fault.cause) for fault in error.faults] == [(1, cause)]


BAD_OBJECTS = [
    ("{", "it is not JSON"),
    ("[1]", "it is not an object"),
    ('{"engagement_id": "e2", "engagement_id": "e3"}', "a key comes twice"),
    ('{"engagement_id": ["e2"]}', "a value is a list or an object"),
    ('{"engagement_id": "\\ud800"}', "it has half a character (a lone surrogate)"),
    ('{"engagement_id": "e\\u0000"}', "it has a NUL character"),
    ('{"asn": NaN}', "NaN is not a number"),
    ('{"asn": -Infinity}', "-Infinity is not a number"),
    ("[" * 100_000, "it is nested too deeply"),
    ('{"\\ud800": 1}', "it has half a character (a lone surrogate)"),
    ('{"asn": ' + "9" * 5_000 + "}", "it is not JSON"),
    ("{" + ",".join(f'"k{place}": 1' for place in range(300)) + "}", "it has more than 200 keys"),
]


@pytest.mark.parametrize(("line", "cause"), BAD_OBJECTS)
def test_a_line_that_is_no_plain_object_is_named(tmp_path: Path, line: str, cause: str) -> None:
    """X-15, X-17."""
    good = f'{{"engagement_id": "e9", "kind": "like", "actor_id": "a", "target_id": "b", "at": "{WHEN}"}}'
    error = refused(tmp_path, write(tmp_path / "bad.jsonl", f"{good}\n\n{line}\n"))
    assert [(fault.line, fault.cause) for fault in error.faults] == [(3, cause)]


def test_ids_that_come_twice_are_named_by_the_second_line(tmp_path: Path) -> None:
    error = refused(tmp_path, write(tmp_path / "bad.csv", f"{HEADER}\n{ROW}\n{ROW}\ne3{ROW[2:]}\n{ROW}\n"))
    assert [(fault.line, fault.cause) for fault in error.faults] == [
        (3, "engagement_id comes twice"),
        (5, "engagement_id comes twice"),
    ]


def test_an_id_in_two_files_of_one_load_that_say_different_things_is_named_in_the_second(tmp_path: Path) -> None:
    write(tmp_path / "log" / "a.csv", f"{HEADER}\n{ROW}\n")
    write(tmp_path / "log" / "b.csv", f"{HEADER}\n{ROW.replace('ben', 'cyd')}\n{ROW}\n")
    error = refused(tmp_path, tmp_path / "log")
    assert [str(fault) for fault in error.faults] == [
        "b.csv, line 2: engagement_id comes twice with different content",
        "b.csv, line 3: engagement_id comes twice",
    ]


def test_a_profile_in_two_files_of_one_load_that_say_different_things_is_refused(tmp_path: Path) -> None:
    for name, followers in (("accounts_a", 1), ("accounts_b", 2)):
        write(tmp_path / "log" / f"{name}.csv", f"account_id,followers\nana,{followers}\n")
    error = refused(tmp_path, tmp_path / "log")
    assert [str(fault) for fault in error.faults] == [
        "accounts_b.csv, line 2: account_id comes twice with different content"
    ]


@pytest.mark.parametrize("name", ["engagements.csv.gz", "engagements.tsv", "Accounts.xlsx", "may.parquet.zip"])
def test_a_file_of_a_folder_that_seems_to_belong_to_the_log_is_not_passed_over(tmp_path: Path, name: str) -> None:
    """X-15: accounts alone would be loaded, and nobody would miss the log."""
    write(tmp_path / "log" / "accounts.csv", "account_id\nana\n")
    write(tmp_path / "log" / name, gzip.compress(GOOD.encode()))
    error = refused(tmp_path, tmp_path / "log")
    assert error.message == f"The folder holds {name}, which is neither Parquet, CSV nor JSONL."


def whole_parquet() -> bytes:
    held = io.BytesIO()
    pl.DataFrame({"account_id": ["a"] * 5_000, "followers": range(5_000)}).write_parquet(held)
    return held.getvalue()


def with_wrong_footer() -> bytes:
    whole = whole_parquet()
    return whole[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1"


@pytest.mark.parametrize(
    "body",
    [b"PAR1PAR1", b"PAR1", b"account_id\nana\n", whole_parquet()[:-1], whole_parquet()[:200], with_wrong_footer()],
    ids=["twice the magic", "only the magic", "text", "last byte gone", "cut short", "wrong footer"],
)
def test_what_is_no_parquet_file_is_not_a_readable_one(tmp_path: Path, body: bytes) -> None:
    """X-14, on the command line and for an upload."""
    path = write(tmp_path / "accounts.parquet", body)
    assert refused(tmp_path, path).faults[0].cause == "not a readable Parquet file"
    with pytest.raises(InputError, match="not a readable Parquet file"):
        look([path])


def test_pages_that_are_damaged_inside_are_refused(tmp_path: Path) -> None:
    """X-14: the footer is fine, the rows are not."""
    body = bytearray(whole_parquet())
    for place in range(40, len(body) // 2):
        body[place] = 0xAA
    error = refused(tmp_path, write(tmp_path / "accounts.parquet", bytes(body)))
    assert error.faults[0].cause in {"not a readable Parquet file", "not readable to its end"}


def test_lists_in_a_column_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"account_id": [["a"]]}).write_parquet(tmp_path / "accounts.parquet")
    error = refused(tmp_path, tmp_path / "accounts.parquet")
    assert error.message.startswith("accounts.parquet: account_id is varchar[] where text is needed")
    with pytest.raises(InputError, match="a column holds lists or records"):
        look([tmp_path / "accounts.parquet"])


def bomb(path: Path, word: int, rows: int) -> Path:
    """One long word, referred to by every row: small on disk, huge when it is spelled out."""
    once = pa.array(["x" * word])
    words = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), once)
    cells = pa.table({"account_id": pa.array([str(row) for row in range(rows)]), "handle": words})
    pq.write_table(cells, path, use_dictionary=["handle"], store_schema=False)
    return path


@pytest.mark.parametrize(("word", "rows"), [(1_000_000, 200_000), (50_000, 100_000), (20_000_000, 4_000)])
def test_a_file_that_expands_too_far_is_refused_soon_and_by_the_child(tmp_path: Path, word: int, rows: int) -> None:
    """X-13: in under five seconds; the child has the memory limit, not the app."""
    path = bomb(tmp_path / "accounts.parquet", word, rows)
    assert path.stat().st_size < 25_000_000
    started = time.monotonic()
    with pytest.raises(InputError, match="the file expands too far"):
        look([path])
    assert time.monotonic() - started < 5


def test_an_honest_file_passes_the_look(tmp_path: Path) -> None:
    write(tmp_path / "accounts.parquet", whole_parquet())
    told = look([tmp_path / "accounts.parquet", write(tmp_path / "log.csv", GOOD)])
    assert [(one.format, one.columns[:2], one.sample[0][:2]) for one in told] == [
        ("parquet", ("account_id", "followers"), ("a", "0")),
        ("csv", ("engagement_id", "kind"), ("e1", "like")),
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("nowhere", "nowhere is not there."),
        ("nowhere.csv", "nowhere.csv is not there."),
        ("empty", "The folder empty holds no Parquet, CSV or JSONL file."),
        ("notes.txt", "notes.txt is neither Parquet, CSV nor JSONL."),
    ],
)
def test_a_path_that_gives_nothing_is_said(tmp_path: Path, given: str, sentence: str) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "notes.txt", "no log")
    assert refused(tmp_path, tmp_path / given).message.endswith(sentence)


@pytest.mark.parametrize(
    ("mapping", "cause"),
    [
        ('[engagements.columns]\nactor_id = "who"', "the mapping names the column who, which this file does not have"),
        ('[accounts.columns]\naccount_id = "actor_id"', "the column engagement_id is unknown"),
        (
            '[engagements]\nignore = "at"\n[engagements.columns]\nat = { column = "kind", time = "unix_s" }',
            "at (column",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(tmp_path: Path, mapping: str, cause: str) -> None:
    error = refused(tmp_path, write(tmp_path / "bad.csv", f"{HEADER}\n{ROW}\n"), mapping=mapping)
    assert cause in error.faults[0].cause


def test_a_hostile_file_name_is_shown_harmless(tmp_path: Path) -> None:
    """D.4: nothing of the file is echoed as it is."""
    error = refused(tmp_path, write(tmp_path / "a\x1b[31m\n.csv", HEADER))
    assert str(error.faults[0]) == "a?[31m?.csv, line 1: it has no rows"


def test_a_required_column_that_is_missing_is_named(tmp_path: Path) -> None:
    error = refused(
        tmp_path, write(tmp_path / "engagements.csv", f"engagement_id,kind,actor_id,at\ne1,like,a,{WHEN}\n")
    )
    assert error.message == "engagements.csv, line 1: the required column target_id of engagements is missing."
