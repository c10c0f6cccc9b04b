"""Truth tables as people have them: what is needed of them, which types they may have, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from analytics import console
from analytics.detection.evaluation import Measure
from analytics.workflows.evaluate import Quality, evaluate, read_truth
from data.errors import InputError
from data.home import Home
from tests.analytics.workflows.small_log import small_log


def folder_of(place: Path, engagements: pl.DataFrame, accounts: pl.DataFrame) -> Path:
    engagements.write_parquet(place / "truth_engagements.parquet")
    accounts.write_parquet(place / "truth_accounts.parquet")
    return place


def engagements(verdicts: object = (True, False), **more: object) -> pl.DataFrame:
    return pl.DataFrame({"engagement_id": ["e0", "e1"], "is_inauthentic": verdicts, **more})


def accounts(verdicts: object = (True, False), **more: object) -> pl.DataFrame:
    return pl.DataFrame({"account_id": ["a0", "a1"], "is_inauthentic": verdicts, **more})


def test_ids_may_be_whole_numbers_as_in_a_log(tmp_path: Path) -> None:
    """DESIGN section 5: integers are accepted for ids."""
    numbers = [pl.col(name).str.slice(1).cast(pl.Int64) for name in ("engagement_id", "account_id")]
    truth = read_truth(folder_of(tmp_path, engagements().with_columns(numbers[0]), accounts().with_columns(numbers[1])))

    assert truth.engagements["engagement_id"].to_list() == ["0", "1"]
    assert truth.accounts["account_id"].to_list() == ["0", "1"]


@pytest.mark.parametrize("verdicts", [[1, 0], [1.0, 0.0], [True, False]])
def test_a_verdict_may_be_written_as_one_and_zero(tmp_path: Path, verdicts: list[object]) -> None:
    truth = read_truth(folder_of(tmp_path, engagements(verdicts), accounts(verdicts)))

    assert truth.engagements["is_inauthentic"].to_list() == [True, False]
    assert truth.accounts["is_inauthentic"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (["yes", "no"], "has something other than true and false under is_inauthentic."),
        ([1, 2], "has something other than true and false under is_inauthentic."),
        ([True, None], "says nothing under is_inauthentic in 1 rows."),
        ([None, None], "says nothing under is_inauthentic in 2 rows."),
    ],
)
@pytest.mark.parametrize("name", ["truth_engagements", "truth_accounts"])
def test_an_unclear_verdict_is_refused_in_a_sentence(
    tmp_path: Path, name: str, verdicts: list[object], sentence: str
) -> None:
    is_first = name == "truth_engagements"
    place = folder_of(
        tmp_path, engagements(verdicts) if is_first else engagements(), accounts() if is_first else accounts(verdicts)
    )

    with pytest.raises(InputError) as refused:
        read_truth(place)

    assert refused.value.message == f"{name}.parquet {sentence}"


def test_an_id_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    place = folder_of(tmp_path, engagements().with_columns(engagement_id=pl.lit(0.5)), accounts())

    with pytest.raises(InputError, match="something other than text or whole numbers under engagement_id"):
        read_truth(place)


def test_a_table_without_a_verdict_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"truth_engagements\.parquet has no column is_inauthentic\."):
        read_truth(folder_of(tmp_path, engagements().drop("is_inauthentic"), accounts()))


@pytest.mark.parametrize("has_more", [False, True])
def test_only_ids_and_verdicts_are_needed(tmp_path: Path, has_more: bool) -> None:
    """Q-01 is told without origin, role and family; only the figures by these are left out."""
    log, home = small_log(), Home(tmp_path / "home")
    for name, path in (
        ("snapshot", home.snapshots / "s-1.duckdb"),
        ("run", home.runs / "r-20261101T120000000000.duckdb"),
    ):
        path.parent.mkdir(parents=True)
        log.connection.execute(f"attach '{path}' as out")
        log.connection.execute(f"copy from database {name} to out")
        log.connection.execute("detach out")
    told = log.connection.sql("select engagement_id, actor_key = 1 as is_inauthentic from snapshot.engagements").pl()
    people = pl.DataFrame({"account_id": ["a0", "a1", "a2"], "is_inauthentic": [False, True, False]})
    if has_more:
        told = told.with_columns(origin=pl.lit("service:x").cast(pl.Categorical))
        people = people.with_columns(role=pl.lit("customer"), family=pl.lit("farm"))

    names = {row[0]: row[1] for row in evaluate(home, folder_of(tmp_path, told, people)).rows()}

    assert names["engagement AP"] != "none"
    assert ("engagement AP, farm" in names) == has_more
    assert ("genuine removed per 1,000, customers" in names) == has_more
    assert (names["attribution macro-F1"] != "none") == has_more


def test_a_figure_that_could_not_be_measured_is_null_for_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """Strict readers of JSON know neither NaN nor infinity."""
    console.answer(Quality((Measure("a", float("nan"), float("-inf"), 0.5),)), as_json=True)

    def refuse(name: str) -> None:
        raise AssertionError(name)

    told = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert told == {"measures": [{"name": "a", "value": None, "low": None, "high": 0.5, "rows": 0}]}
