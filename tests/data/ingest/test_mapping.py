"""A mapping turns a foreign log into the input contract: literal TOML and rows in, literal rows out."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from data.errors import InputError
from data.ingest.mapping import parse_mapping
from tests.data.ingest.logs import NEW_YEAR, SECOND, load, manifest, tables, told, write

STARS = """
[engagements.columns]
engagement_id = { row_number = true, prefix = "star-" }
kind = { constant = "like" }
actor_id = { column = "who", prefix = "user-" }
target_id = { column = "what", prefix = "repository-" }
at = { column = "ts", time = "%s" }
"""


def mapped(at: str) -> str:
    return f'[engagements.columns]\nat = {at}\nactor_id = "who"\n'


def one_time(home: Path, folder: Path, rule: str, cell: str) -> int:
    text = f"engagement_id,kind,who,target_id,ts\ne1,like,ana,ben,{cell}\n"
    load(home, write(folder / "log.csv", text), mapping=mapped(rule))
    return told(home)[0][4]


def test_columns_are_renamed_fixed_numbered_and_prefixed(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", "who,what,ts\n5,5,1767225601\n7,5,1767225600\n")

    load(tmp_path / "home", log, mapping=STARS % "unix_s")

    assert told(tmp_path / "home") == [
        ("star-1", 0, "user-5", "repository-5", NEW_YEAR + SECOND),
        ("star-2", 0, "user-7", "repository-5", NEW_YEAR),
    ]


@pytest.mark.parametrize(
    ("rule", "cell"),
    [
        ('{ column = "ts", time = "unix_s" }', "1767225600"),
        ('{ column = "ts", time = "unix_s" }', "1767225600.0"),
        ('{ column = "ts", time = "unix_ms" }', "1767225600000"),
        ('{ column = "ts", time = "unix_us" }', "1767225600000000"),
        ('{ column = "ts", time = "iso" }', "2026-01-01T00:00:00Z"),
        ('"ts"', "2025-12-31 19:00:00-05:00"),
        ('{ column = "ts", zone = "UTC" }', "2026-01-01T00:00:00"),
        ('{ column = "ts", zone = "Asia/Kolkata" }', "2026-01-01 05:30"),
        ('{ column = "ts", time = "unix_s", origin = "2025-12-31T23:59:00Z" }', "60"),
    ],
)
def test_a_time_is_read_as_the_mapping_says(tmp_path: Path, rule: str, cell: str) -> None:
    assert one_time(tmp_path / "home", tmp_path, rule, cell) == NEW_YEAR


def test_fractions_of_a_second_are_kept_to_the_microsecond(tmp_path: Path) -> None:
    rule = '{ column = "ts", time = "unix_s" }'
    assert one_time(tmp_path / "home", tmp_path, rule, "1767225600.000001") == NEW_YEAR + 1


def test_an_hour_that_the_clocks_skipped_is_refused(tmp_path: Path) -> None:
    """X-17: the daylight saving gap."""
    with pytest.raises(InputError, match="an hour that the clocks of Europe/Berlin skipped"):
        one_time(tmp_path / "home", tmp_path, '{ column = "ts", zone = "Europe/Berlin" }', "2026-03-29T02:30:00")


def test_row_numbers_of_several_files_are_told_apart_by_the_file(tmp_path: Path) -> None:
    for name in ("jan", "feb"):
        write(tmp_path / "log" / f"{name}.csv", "who,what,ts\n5,5,1767225601\n")

    load(tmp_path / "home", tmp_path / "log", mapping=(STARS % "unix_s").replace("star-", "{file}-"))

    assert [row[0] for row in told(tmp_path / "home")] == ["feb-1", "jan-1"]


@pytest.mark.parametrize(
    ("prefix", "cause"),
    [
        ("a b", "has blanks or control characters"),
        ("a\\u0007", "has blanks or control characters"),
        ("a" * 300, "is longer than 300 bytes"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_id_that_its_prefix_spoils_is_refused(tmp_path: Path, prefix: str, cause: str, ending: str) -> None:
    """X-17: the id that is kept is the one that is checked, also where the log writes it as a number."""
    frame = pl.DataFrame({"who": [5], "what": [5], "ts": [1767225600]})
    path = tmp_path / f"log.{ending}"
    (frame.write_csv if ending == "csv" else frame.write_parquet)(path)

    with pytest.raises(InputError) as refused:
        load(tmp_path / "home", path, mapping=(STARS % "unix_s").replace("user-", prefix))

    assert [fault.cause for fault in refused.value.faults] == [f"actor_id (column who) {cause}"]


def test_one_file_feeds_two_tables_with_the_same_row_numbers(tmp_path: Path) -> None:
    labels = """
[labels.columns]
engagement_id = { row_number = true, prefix = "star-" }
is_inauthentic = { column = "bad", values = { yes = true, no = false } }
source = { constant = "panel" }
"""
    rules = (STARS % "unix_s").replace("[engagements.columns]", '[engagements]\nignore = "bad"\n[engagements.columns]')
    ignoring = '[labels]\nignore = "*"\n'
    log = write(tmp_path / "log.csv", "who,what,ts,bad\n5,5,1767225601,yes\n7,5,1767225600,no\n")

    load(tmp_path / "home", log, mapping=rules + ignoring + labels)

    stored = tables(tmp_path / "home")["labels"].select("engagement_id", "is_inauthentic", "source").rows()
    assert stored == [("star-1", True, "panel"), ("star-2", False, "panel")]


def test_the_files_of_a_mapping_choose_and_the_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "log" / "stars.csv", "who,what,ts\n5,5,1767225601\n")
    write(tmp_path / "log" / "other.csv", "nothing,we\nknow,of\n")
    rules = (STARS % "unix_s").replace("[engagements.columns]", '[engagements]\nfiles = "star*"\n[engagements.columns]')

    assert load(tmp_path / "home", tmp_path / "log", mapping=rules).engagements == 1


def test_the_same_file_read_another_way_is_another_load(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", "who,what,ts\n5,5,1767225601\n")
    load(tmp_path / "home", log, mapping=STARS % "unix_s")

    done = load(tmp_path / "home", log, mapping=(STARS % "unix_s").replace("star-", "fan-"))

    assert (done.is_new, done.engagements) == (True, 2)
    assert len(manifest(tmp_path / "home")["source_hashes"]) == 2


def test_a_parquet_log_of_numbers_is_mapped_as_a_text_log_is(tmp_path: Path) -> None:
    frame = pl.DataFrame({"who": [5], "what": [5], "ts": [1767225600.5]})
    frame.write_parquet(tmp_path / "log.parquet")

    load(tmp_path / "home", tmp_path / "log.parquet", mapping=STARS % "unix_s")

    assert told(tmp_path / "home") == [("star-1", 0, "user-5", "repository-5", NEW_YEAR + SECOND // 2)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no table"),
        ("a = ", "is not TOML"),
        ("[likes]", "names an unknown table: likes"),
        ("engagements = 5", "gives no columns for engagements"),
        ("[engagements]\ncolumns = 5", "mapping"),
        ("[engagements]\nfiles = 5", "mapping"),
        ("[engagements]\nignore = { a = 1 }", "mapping"),
        ('[engagements.columns]\nwho = "a"', "who is unknown"),
        ("[engagements.columns]\nactor_id = 5", "wrong at mapping, engagements.actor_id"),
        ("[engagements.columns]\nactor_id = { column = 5 }", "wrong at mapping, engagements.actor_id"),
        ("[engagements.columns]\nactor_id = { }", "wrong at mapping, engagements.actor_id"),
        (
            "[engagements.columns]\nengagement_id = { row_number = false }",
            "wrong at mapping, engagements.engagement_id",
        ),
        ('[engagements.columns]\nkind = { column = "a", constant = "like" }', "wrong at mapping, engagements.kind"),
        ('[engagements.columns]\nkind = { column = "a", values = 5 }', "wrong at mapping, engagements.kind"),
        ('[engagements.columns]\nat = { column = "a", time = "fortnights" }', "unknown time format"),
        ('[engagements.columns]\nat = { column = "a", time = ["iso"] }', "unknown time format"),
        ('[engagements.columns]\nat = { column = "a", zone = "Mars/Base" }', "unknown time zone"),
        ('[engagements.columns]\nat = { column = "a", zone = "../../etc/passwd" }', "unknown time zone"),
        ('[engagements.columns]\nat = { column = "a", zone = 5 }', "unknown time zone"),
        ('[engagements.columns]\nat = { column = "a", origin = "2020-01-01" }', "the origin has no time zone"),
        ('[engagements.columns]\nat = { column = "a", origin = "soon" }', "the origin is not a time"),
        ('[engagements.columns]\nat = { column = "a", origin = "0001-01-01T00:00:00+14:00" }', "not a time in UTC"),
        ("a = " + "[" * 5_000, "is not TOML"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_mapping(text)
    assert sentence in refused.value.message
