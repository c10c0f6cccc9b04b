"""The line over the store: what is loaded in one piece, in ten daily slices or in another order ends in one result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from analytics.workflows import choosing, scoring_line
from analytics.workflows.detect import detect
from analytics.workflows.evaluate import evaluate, read_run
from analytics.workflows.ingest import ingest
from analytics.workflows.thresholds import load_settings
from data.home import Home
from data.records import RunInfo
from tests.analytics.detection.small_model import small_world

pytestmark = pytest.mark.slow

NOW = datetime(2026, 10, 1, tzinfo=UTC)
TABLES = ("accounts", "logins", "engagements")


@cache
def world() -> dict[str, pl.DataFrame]:
    return small_world(9)


def load(home: Home, folder: Path, frames: dict[str, pl.DataFrame], number: int = 0) -> None:
    folder.mkdir(parents=True)
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    ingest(home, [folder], now=NOW + timedelta(minutes=number))


def run(home: Home) -> tuple[RunInfo, pl.DataFrame, pl.DataFrame]:
    info = detect(home, now=NOW + timedelta(days=1))
    said = read_run(home)
    return (
        info,
        said.engagements.select("engagement_id", "band").sort("engagement_id"),
        said.flags.select("account_id", pl.col("score").round(6)).sort("account_id"),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Load the log in one piece."""
    folder = tmp_path_factory.mktemp("whole")
    home = Home(folder / "home")
    load(home, folder / "files", {name: world()[name] for name in TABLES})
    return home


@pytest.fixture(scope="module")
def at_once(whole: Home) -> tuple[RunInfo, pl.DataFrame, pl.DataFrame]:
    return run(whole)


def test_ten_slices_end_in_the_same_flags_as_one(
    at_once: tuple[RunInfo, pl.DataFrame, pl.DataFrame], tmp_path: Path
) -> None:
    info, bands, flags = at_once
    home, acts = Home(tmp_path / "slices"), world()["engagements"].sort("at")
    size = len(acts) // 10 + 1
    for number in range(10):
        part = {"engagements": acts.slice(number * size, size)}
        tables = {name: world()[name] for name in ("accounts", "logins")} if number == 0 else {}
        load(home, tmp_path / f"day{number}", tables | part, number)
    again, other_bands, other_flags = run(home)
    assert info.counts == again.counts
    assert info.counts["queued"] > 0
    assert bands.equals(other_bands)
    assert flags.equals(other_flags)


@pytest.mark.usefixtures("at_once")
def test_the_store_and_memory_agree_and_truth_can_be_compared(whole: Home, tmp_path: Path) -> None:
    """The quality table is made from the files that other programs read."""
    truth = tmp_path / "truth"
    truth.mkdir()
    for name in ("truth_engagements", "truth_accounts"):
        world()[name].write_parquet(truth / f"{name}.parquet")
    quality = evaluate(whole, truth)
    names = {name for name, _, _ in quality.rows()}
    assert {"engagement AP", "recall at 99 % precision", "attribution macro-F1", "calibration error"} <= names
    assert quality.value("engagement AP") > 0.7


def test_retraining_compares_old_and_new_before_it_is_used(tmp_path: Path) -> None:
    """Labels alone retrain; the run says which model was used and why."""
    home = Home(tmp_path / "home")
    labels = world()["truth_engagements"].select("engagement_id", "is_inauthentic")
    load(home, tmp_path / "files", {name: world()[name] for name in TABLES} | {"labels": labels})
    before = detect(home, now=NOW + timedelta(days=1))
    after = detect(home, now=NOW + timedelta(days=2), retrain=True)
    stored = home.models / "current.json"
    assert stored.exists() == (after.model_version != before.model_version)
    assert after.model_version.startswith("retrained-") or after.model_hash == before.model_hash


def test_a_log_too_large_to_be_scored_whole_is_retrained_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of labelled accounts are described before the log is scored; both take a first look."""
    monkeypatch.setattr(scoring_line, "CHUNK", 700)
    monkeypatch.setattr(scoring_line, "STRETCH", 5_000)
    monkeypatch.setattr(choosing, "LOOK", 500)
    home = Home(tmp_path / "home")
    labels = world()["truth_engagements"].select("engagement_id", "is_inauthentic")
    load(home, tmp_path / "files", {name: world()[name] for name in TABLES} | {"labels": labels})
    gated = replace(load_settings(), gate_engagements=1000, gate_share=0.4)
    after = detect(home, now=NOW + timedelta(days=1), retrain=True, settings=gated)
    assert after.counts["accounts"] == len(read_run(home).flags)
    assert after.counts["queued"] > 0
    assert sorted(path.suffix for path in home.runs.iterdir() if path.name != ".writer") == [".duckdb"]


def test_services_keep_their_ids_when_an_older_part_of_the_log_comes_later(tmp_path: Path) -> None:
    """An id is made from a service's first act; what people named must not lose its name with it."""
    home, acts = Home(tmp_path / "home"), world()["engagements"].sort("at")
    late, early = acts.slice(len(acts) // 5), acts.head(len(acts) // 5)
    load(home, tmp_path / "late", {name: world()[name] for name in ("accounts", "logins")} | {"engagements": late})
    detect(home, now=NOW + timedelta(days=1))
    before = set(read_run(home).services["service_id"])
    load(home, tmp_path / "early", {"engagements": early}, number=1)
    detect(home, now=NOW + timedelta(days=2))

    after = set(read_run(home).services["service_id"])
    assert before
    assert len(before & after) >= len(before) / 2
