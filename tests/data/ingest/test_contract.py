"""Loading by the input contract (DESIGN section 5): literal files in, literal tables out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.home import Home
from data.warehouse import snapshot_info
from tests.data.ingest.logs import GOOD, HEADER, NEW_YEAR, SECOND, load, manifest, tables, told, write

NEW_DAY = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [
    {"engagement_id": "e2", "kind": "follow", "actor_id": "ben", "target_id": "ana", "at": "2026-01-01T00:00:02Z"},
    {"engagement_id": "e1", "kind": "like", "actor_id": "ana", "target_id": "cyd", "at": "2026-01-01T01:00:01+01:00"},
    {"engagement_id": "e3", "kind": "unfollow", "actor_id": "ana", "target_id": "ben", "at": "2026-01-01T00:00:00Z"},
    {"engagement_id": "e0", "kind": "comment", "actor_id": "ana", "target_id": "ben", "at": "2026-01-01T00:00:01Z"},
]
# By actor, time and id.
STORED = [
    ("e3", 3, "ana", "ben", NEW_YEAR),
    ("e0", 2, "ana", "ben", NEW_YEAR + SECOND),
    ("e1", 0, "ana", "cyd", NEW_YEAR + SECOND),
    ("e2", 1, "ben", "ana", NEW_YEAR + 2 * SECOND),
]


def as_csv(rows: list[dict[str, str]]) -> str:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"


def log_in(folder: Path, ending: str) -> Path:
    if ending == "csv":
        return write(folder / "log.csv", as_csv(ROWS))
    if ending == "jsonl":
        return write(folder / "log.jsonl", "\n".join(json.dumps(row) for row in ROWS))
    frame = pl.DataFrame(ROWS).with_columns(pl.col("at").str.to_datetime(time_zone="UTC"))
    frame.write_parquet(folder / "log.parquet")
    return folder / "log.parquet"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_each_format_gives_the_same_rows_by_actor_time_and_id(tmp_path: Path, ending: str) -> None:
    done = load(tmp_path / "home", log_in(tmp_path, ending))

    assert told(tmp_path / "home") == STORED
    assert (done.engagements, done.accounts, done.logins, done.labels, done.skipped) == (4, 0, 0, 0, 0)
    assert done.is_new


def test_keys_are_dense_from_zero_in_the_sort_order_of_the_ids(tmp_path: Path) -> None:
    load(tmp_path / "home", write(tmp_path / "log.csv", GOOD.replace("ana", "Zoe").replace("ben", "10")))

    stored = tables(tmp_path / "home")
    assert stored["ids"].rows() == [(0, "10"), (1, "Zoe")]
    assert stored["engagements"]["engagement_key"].to_list() == [0]


def test_a_folder_of_four_tables_is_known_by_names_or_columns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(log / "accounts.csv", "account_id,followers,is_verified,country\nana,7,true,BR\ndot,0,FALSE,\n")
    write(log / "anything.csv", GOOD)
    write(log / "logins.jsonl", '{"account_id": "ana", "at": "2026-01-01T00:00:00Z", "succeeded": false}')
    write(log / "labels.csv", "engagement_id,is_inauthentic,source\ne1,1,panel\n")
    write(log / "README.md", "no log")
    write(log / "engagements.toml", "a mapping")
    write(log / "notes.txt", "no log either")
    write(log / "anything.csv.sha256", "a checksum")

    done = load(tmp_path / "home", log)

    stored = tables(tmp_path / "home")
    assert (done.accounts, done.engagements, done.logins, done.labels) == (2, 1, 1, 1)
    assert stored["ids"].rows() == [(0, "ana"), (1, "ben"), (2, "dot")]
    assert stored["accounts"].select("account_key", "followers", "is_verified", "country_key").rows() == [
        (0, 7, True, 0),
        (2, 0, False, None),
    ]
    assert stored["logins"].select("account_key", "at", "succeeded").rows() == [(0, NEW_YEAR, False)]
    assert stored["labels"].select("engagement_id", "is_inauthentic", "source").rows() == [("e1", True, "panel")]


def test_what_no_source_had_is_null_and_named_as_missing(tmp_path: Path) -> None:
    load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))

    left_out = ["asn", "client_id", "country", "device_id", "ip_prefix", "post_id", "text"]
    assert sorted(manifest(tmp_path / "home")["missing"]) == [
        "accounts",
        *(f"engagements.{name}" for name in left_out),
        "labels",
        "logins",
    ]
    assert tables(tmp_path / "home")["engagements"].row(0)[6:] == (None,) * 7


def test_integers_are_ids(tmp_path: Path) -> None:
    frame = pl.DataFrame({"engagement_id": [11], "kind": ["like"], "actor_id": [5], "target_id": [40], "at": [NEW_DAY]})
    frame.write_parquet(tmp_path / "log.parquet")

    load(tmp_path / "home", tmp_path / "log.parquet")

    assert told(tmp_path / "home") == [("11", 0, "5", "40", NEW_YEAR)]


def test_the_same_file_twice_changes_nothing_and_says_where_it_is(tmp_path: Path) -> None:
    """D.4: replays are no-ops, also under another name and beside another file."""
    first = load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))
    again = load(tmp_path / "home", write(tmp_path / "copy.csv", GOOD))

    assert (again.is_new, again.snapshot_id, again.engagements) == (False, first.snapshot_id, 1)
    assert again.sentence.startswith(f"Nothing new: these files are in snapshot {first.snapshot_id} already")
    assert len(list((tmp_path / "home" / "snapshots").glob("*.duckdb"))) == 1


def test_a_later_log_is_added_by_id_and_takes_nothing_away(tmp_path: Path) -> None:
    first = load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))
    later = f"{GOOD}e2,follow,ben,aaa,2026-01-03T00:00:00Z\n"
    second = load(tmp_path / "home", write(tmp_path / "later.csv", later))

    assert [row[0] for row in told(tmp_path / "home")] == ["e1", "e2"]
    assert second.engagements == 2
    assert second.snapshot_id > first.snapshot_id
    assert manifest(tmp_path / "home")["parent_id"] == first.snapshot_id


def test_an_id_that_comes_back_with_other_content_is_refused_by_line(tmp_path: Path) -> None:
    load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))
    changed = f"{HEADER}\ne9,like,ana,ben,2026-01-02T03:04:05Z\ne1,like,ana,cyd,2026-01-02T03:04:05Z\n"

    with pytest.raises(InputError) as refused:
        load(tmp_path / "home", write(tmp_path / "later.csv", changed))

    assert [str(fault) for fault in refused.value.faults] == [
        "later.csv, line 3: engagement_id is already loaded with other content"
    ]
    assert [row[0] for row in told(tmp_path / "home")] == ["e1"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_of_one_load_that_overlap_are_loaded_as_one_after_the_other(tmp_path: Path, ending: str) -> None:
    """D.4: what is the same again is told once, in one load as in two."""
    log = pl.DataFrame(ROWS).with_columns(pl.col("at").str.to_datetime(time_zone="UTC").dt.replace_time_zone("UTC"))
    profiles = pl.DataFrame({"account_id": ["ana", "ben"], "followers": [1, 2]})
    parts = {
        "engagements_a": log[:3],
        "engagements_b": log[1:],
        "engagements_c": log[1:],
        "accounts_a": profiles,
        "accounts_b": profiles[1:],
    }
    (tmp_path / "log").mkdir()
    for name, part in parts.items():
        path = tmp_path / "log" / f"{name}.{ending}"
        if ending == "csv":
            part.with_columns(pl.selectors.datetime().dt.strftime("%FT%TZ")).write_csv(path)
        else:
            part.write_parquet(path)

    done = load(tmp_path / "home", tmp_path / "log")

    assert told(tmp_path / "home") == STORED
    assert (done.engagements, done.accounts, done.skipped) == (4, 2, 0)


def test_a_later_file_of_a_load_may_know_less_of_an_engagement(tmp_path: Path) -> None:
    more = write(tmp_path / "a.csv", f"{HEADER},asn\ne1,like,ana,ben,2026-01-02T03:04:05Z,7\n")

    load(tmp_path / "home", more, write(tmp_path / "b.csv", GOOD))

    assert tables(tmp_path / "home")["engagements"]["asn"].to_list() == [7]


def test_a_log_of_which_no_engagement_is_left_is_refused(tmp_path: Path) -> None:
    bad = write(tmp_path / "log.csv", GOOD.replace("2026-01-02T03:04:05Z", "soon"))

    with pytest.raises(InputError) as refused:
        load(tmp_path / "home", bad, skip_bad_rows=True)

    assert str(refused.value).startswith("1 row cannot be used: 1 because at is not a time. Nothing was loaded: no ")
    assert [str(fault) for fault in refused.value.faults] == ["log.csv, line 2: at is not a time"]
    assert Home(tmp_path / "home").newest_snapshot() is None


def test_profiles_without_any_engagement_are_refused_until_there_is_one(tmp_path: Path) -> None:
    """DESIGN section 5: accounts, logins and labels may be absent; engagements may not."""
    profiles = write(tmp_path / "accounts.csv", "account_id\nana\n")
    with pytest.raises(InputError, match="holds engagements, and none are stored yet"):
        load(tmp_path / "home", profiles)
    assert Home(tmp_path / "home").newest_snapshot() is None

    load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))
    assert load(tmp_path / "home", profiles).accounts == 1


def test_a_profile_that_comes_again_is_updated_where_it_says_something(tmp_path: Path) -> None:
    first = write(tmp_path / "accounts.csv", "account_id,followers,handle\nana,1,Ana\n")
    load(tmp_path / "home", first, write(tmp_path / "log.csv", GOOD))
    load(tmp_path / "home", write(tmp_path / "accounts.csv", "account_id,followers,handle\nana,9,\n"))

    assert tables(tmp_path / "home")["accounts"].select("followers", "handle").rows() == [(9, "Ana")]


def test_a_label_given_again_by_its_source_corrects_the_first(tmp_path: Path) -> None:
    head = "account_id,is_inauthentic,source\n"
    first = write(tmp_path / "labels.csv", f"{head}ana,true,panel\nana,true,owner\n")
    load(tmp_path / "home", first, write(tmp_path / "log.csv", GOOD))
    load(tmp_path / "home", write(tmp_path / "labels2.csv", f"{head}ana,false,panel\n"))

    assert sorted(tables(tmp_path / "home")["labels"].select("source", "is_inauthentic").rows()) == [
        ("owner", True),
        ("panel", False),
    ]


def test_a_bad_file_is_refused_whole_with_its_first_hundred_faults_and_the_total(tmp_path: Path) -> None:
    """D.4, X-17: all or nothing; the snapshot before goes on serving."""
    first = load(tmp_path / "home", write(tmp_path / "log.csv", GOOD))
    causes = ("wave,a,b,2026-01-01T00:00:00Z", "like,a,b,2026-01-01T00:00:0Z")
    bad = [f"x{row},{causes[row % 2]}" for row in range(300)]
    text = "\n".join([HEADER, "ok,like,a,b,2026-01-01T00:00:00Z", *bad]) + "\n"

    with pytest.raises(InputError) as refused:
        load(tmp_path / "home", write(tmp_path / "bad.csv", text))

    error = refused.value
    assert error.total == 300
    assert len(error.faults) == 100
    assert [fault.line for fault in error.faults] == list(range(3, 103))
    assert error.faults[0].cause == "kind is not like, follow, comment or unfollow"
    assert error.faults[1].cause == "at is not a time"
    assert error.message.startswith("300 rows cannot be used: 150 because ")
    newest = Home(tmp_path / "home").newest_snapshot()
    assert newest is not None
    assert snapshot_info(newest).snapshot_id == first.snapshot_id
    assert [row[0] for row in told(tmp_path / "home")] == ["e1"]


def test_with_skip_bad_rows_the_usable_rows_are_loaded_and_the_others_counted(tmp_path: Path) -> None:
    text = f"{GOOD}e2,wave,ana,ben,2026-01-01T00:00:00Z\ne3,wave,,ben,now\ne4,like,ana,ben,2026-01-01T00:00:00Z,more\n"

    done = load(tmp_path / "home", write(tmp_path / "log.csv", text), skip_bad_rows=True)

    assert done.skipped == 3
    assert done.sentence.endswith("3 rows could not be used and were left out.")
    assert [row[0] for row in told(tmp_path / "home")] == ["e1"]
    assert manifest(tmp_path / "home")["skipped_rows"] == 3


def test_a_line_with_line_breaks_inside_quotes_keeps_later_lines_right(tmp_path: Path) -> None:
    """X-12, X-16: RFC 4180 cells; faults name the line of the file, not the number of the record."""
    rows = 'e1,comment,a,b,2026-01-01T00:00:00Z,"two\nlines, ""so"""\ne2,wave,a,b,2026-01-01T00:00:00Z,x\n'
    text = f"{HEADER},text\n{rows}"
    log = write(tmp_path / "log.csv", text)

    with pytest.raises(InputError) as refused:
        load(tmp_path / "home", log)
    load(tmp_path / "home", log, skip_bad_rows=True)

    assert [fault.line for fault in refused.value.faults] == [4]
    assert tables(tmp_path / "home")["engagements"]["text"].to_list() == ['two\nlines, "so"']


def test_our_own_apostrophe_before_a_formula_is_taken_off_again(tmp_path: Path) -> None:
    """X-12: what our export guarded comes back as it was."""
    text = f"{HEADER},text\ne1,comment,a,b,2026-01-01T00:00:00Z,'=1+1\ne2,comment,a,b,2026-01-01T00:00:00Z,'tis\n"

    load(tmp_path / "home", write(tmp_path / "log.csv", text))

    assert tables(tmp_path / "home")["engagements"]["text"].to_list() == ["=1+1", "'tis"]


def test_an_id_is_never_rewritten_however_it_begins(tmp_path: Path) -> None:
    """X-12: an apostrophe tells two accounts apart; taken off, the one would answer for what the other did."""
    ids = ("'=x", "=x", "'-5", "-5", "''a")
    rows = [f"{name}{place},like,{name},b,2026-01-01T00:00:00Z,{name}" for place, name in enumerate(ids)]

    load(tmp_path / "home", write(tmp_path / "log.csv", "\n".join([f"{HEADER},client_id", *rows])))

    assert {row[2] for row in told(tmp_path / "home")} == set(ids)
    assert {row[0] for row in told(tmp_path / "home")} == {f"{name}{place}" for place, name in enumerate(ids)}
    names = tables(tmp_path / "home")["names"].filter(pl.col("domain") == "client")["name"]
    assert set(names) == set(ids)


def test_an_offset_reaches_fourteen_hours(tmp_path: Path) -> None:
    rows = [f"e{place},like,a,b,2026-01-01T14:00:00{offset}" for place, offset in enumerate(("+14:00", "+1330", "-12"))]

    load(tmp_path / "home", write(tmp_path / "log.csv", "\n".join([HEADER, *rows])))

    hours = [(row[4] - NEW_YEAR) / SECOND / 3600 for row in told(tmp_path / "home")]
    assert hours == [0, 0.5, 26]


def test_a_column_of_nulls_alone_is_a_missing_one(tmp_path: Path) -> None:
    """Arrow writes a column that nobody filled in with a type of its own."""
    rows = pl.DataFrame({"engagement_id": ["e1"], "kind": ["like"], "actor_id": ["a"], "target_id": ["b"]})
    table = rows.with_columns(at=NEW_DAY).to_arrow()
    for name in ("client_id", "asn", "text"):
        table = table.append_column(name, pa.nulls(1))
    pq.write_table(table, tmp_path / "log.parquet")

    load(tmp_path / "home", tmp_path / "log.parquet")

    assert told(tmp_path / "home") == [("e1", 0, "a", "b", NEW_YEAR)]
    assert {"engagements.client_id", "engagements.asn", "engagements.text"} <= set(
        manifest(tmp_path / "home")["missing"]
    )


def test_a_needed_column_of_nulls_alone_is_refused(tmp_path: Path) -> None:
    table = pa.table(
        {"engagement_id": ["e1"], "kind": ["like"], "actor_id": ["a"], "target_id": ["b"], "at": pa.nulls(1)}
    )
    pq.write_table(table, tmp_path / "log.parquet")

    with pytest.raises(InputError, match="the required column at of engagements is missing"):
        load(tmp_path / "home", tmp_path / "log.parquet")


def test_an_address_is_cut_to_its_network_when_it_comes_in(tmp_path: Path) -> None:
    """D.5: the address itself is kept nowhere."""
    told_in = ("192.0.2.77", "192.0.2.0/24", "2001:db8:1:2:3::9", "198.51.100.0/28", "carrier-nine")
    rows = [f"e{place},like,a,b,2026-01-01T00:00:00Z,{name}" for place, name in enumerate(told_in)]

    load(tmp_path / "home", write(tmp_path / "log.csv", "\n".join([f"{HEADER},ip_prefix", *rows])))

    stored = tables(tmp_path / "home")["names"].filter(pl.col("domain") == "prefix")["name"].to_list()
    assert stored == ["192.0.2.0/24", "198.51.100.0/24", "2001:db8:1::/48", "carrier-nine"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    load(tmp_path / "home", write(tmp_path / "log.csv", b"\xef\xbb\xbf" + GOOD.encode()))

    assert [row[0] for row in told(tmp_path / "home")] == ["e1"]


def test_the_newest_moment_may_be_five_minutes_ahead_and_no_more(tmp_path: Path) -> None:
    """D.4: clocks differ a little."""
    now = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
    load(tmp_path / "home", write(tmp_path / "log.csv", GOOD.replace("04:05Z", "05:00Z")), now=now)
    with pytest.raises(InputError, match="at is in the future"):
        load(tmp_path / "home", write(tmp_path / "log2.csv", GOOD.replace("04:05Z", "05:01Z")), now=now)
