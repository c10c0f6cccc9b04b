"""A published number stays what it was."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import polars as pl
import pytest
from sqlalchemy import text

from analytics.views.report import report_html
from analytics.workflows.figures import Period
from analytics.workflows.reports import Reports, freeze
from analytics.workflows.statistics import Statistics
from data.errors import InvalidCommandError, StorageError
from data.moments import micros
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.delivery_world import LocalLedger

START = datetime(2026, 10, 1, tzinfo=UTC)
OCTOBER = Period(since=START, until=datetime(2026, 11, 1, tzinfo=UTC))
LATER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def world(tmp_path) -> DecidedWorld:
    world = DecidedWorld(LocalLedger(tmp_path / "ledger.sqlite"), micros(START))
    for hour in range(6):
        world.decision(10 + hour)
    return world


@pytest.fixture
def reports(world: DecidedWorld) -> Reports:
    return Reports(world.ledger, Statistics(world.ledger, lambda: LATER))


def publish(world: DecidedWorld, reports: Reports) -> str:
    with world.ledger.write() as connection:
        return freeze(connection, reports.draft(OCTOBER), OCTOBER, person_id="ada", now=LATER)


def test_a_report_is_the_same_after_later_decisions_and_an_overturn(world: DecidedWorld, reports: Reports) -> None:
    report_id = publish(world, reports)
    before = (reports.html(report_id), reports.csv(report_id), reports.parquet(report_id))
    late = world.decision(20)
    world.event(late, "overturned", 30)
    world.appeal(late, 30, "overturned")

    assert (reports.html(report_id), reports.csv(report_id), reports.parquet(report_id)) == before
    assert report_html(reports.draft(OCTOBER)).encode() != before[0]


def test_the_figures_of_page_and_table_are_those_of_the_statistics(world: DecidedWorld, reports: Reports) -> None:
    rows = pl.read_parquet(io.BytesIO(reports.parquet(publish(world, reports))))
    removed = rows.filter(pl.col("figure") == "M-02", pl.col("part") == "all")

    assert removed.select("value", "counted").rows() == [(18.0, 6)]
    assert rows.filter(pl.col("part") == "country").select("name", "counted").rows() == [("BR", 6)]
    assert b"Engagements removed" in reports.html(reports.list()[0].report_id)


def test_parts_about_fewer_than_five_are_left_out_and_said_so(world: DecidedWorld, reports: Reports) -> None:
    """D.3 point 6."""
    world.decision(40, case={"country": "IS"})
    page = reports.html(publish(world, reports)).decode()

    assert "<td>IS</td>" not in page
    assert "1 rows about fewer than five are left out." in page


def test_every_figure_brings_its_definition(world: DecidedWorld, reports: Reports) -> None:
    page = reports.html(publish(world, reports)).decode()

    assert page.count("(M-") + page.count("(SLA)") == len(reports.draft(OCTOBER)["figures"])


def test_hostile_names_are_text(reports: Reports) -> None:
    content = reports.draft(OCTOBER)
    content["tables"][0]["rows"] = [{"name": "<script>", "value": 1.0, "low": None, "high": None, "n": 9}]

    assert "<script>" not in report_html(content)


def test_a_changed_report_is_refused(world: DecidedWorld, reports: Reports) -> None:
    report_id = publish(world, reports)
    with world.ledger.write() as connection:
        connection.execute(text("update reports set content = replace(content, '18', '19')"))

    with pytest.raises(StorageError, match="changed"):
        reports.html(report_id)
    with pytest.raises(InvalidCommandError):
        reports.html("nothing")


def test_removals_by_kind_are_of_each_kind_and_add_up(world: DecidedWorld, reports: Reports) -> None:
    """M-02: five decisions about likes that removed follows as well."""
    for hour in range(5):
        world.decision(40 + hour, removed={"removed_follows": 4})
    content = reports.draft(OCTOBER)
    table = next(one for one in content["tables"] if one["by"] == "kind")

    assert [(row["name"], row["value"], row["n"]) for row in table["rows"]] == [("like", 33, 11), ("follow", 20, 5)]
    assert sum(row["value"] for row in table["rows"]) == content["figures"][2]["value"]


def test_a_report_of_before_keeps_its_hours(reports: Reports) -> None:
    """M-10, M-13: what was published in hours is rendered in hours; from version 2 on long waits are days."""
    content = reports.draft(OCTOBER)
    content["figures"] = [
        {**one, "value": 437.1, "low": 60.0, "high": 480.0} for one in content["figures"] if one["id"] == "M-10"
    ]
    assert "18.2 days" in report_html(content)
    assert "2.5 days to 20.0 days" in report_html(content)
    old = report_html({**content, "version": 1})
    assert "437.1 h" in old
    assert "60.0 h to 480.0 h" in old
