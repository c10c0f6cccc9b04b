"""P-10: one filter narrows the series, the tables and the list alike; literal figures of a ten-day log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from analytics.statistics.exploration import Filter, Look
from analytics.workflows.explore import Explore
from tests.analytics.workflows.small_log import SmallLog, small_log

DAY_ONE = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def log() -> SmallLog:
    return small_log()


@pytest.fixture(scope="module")
def explore(log: SmallLog) -> Explore:
    return Explore(lambda: log)


def counts(look: Look, dimension: str) -> dict[str, tuple[int, int]]:
    return {name: (engagements, proposed) for name, engagements, proposed in look.panels[dimension].iter_rows()}


def test_without_a_filter_everything_is_there(explore: Explore) -> None:
    look = explore.look(Filter())

    assert (look.engagements, look.proposed, look.proposed_accounts) == (70, 30, 2)
    assert counts(look, "client") == {"lib": (40, 30), "app": (30, 0)}
    assert counts(look, "service") == {"S-1": (40, 30), "none": (30, 0)}
    assert counts(look, "country") == {"BR": (40, 15), "US": (30, 15)}
    assert counts(look, "score") == {"0.9 to 1.0": (30, 15), "0.8 to 0.9": (30, 15), "0.0 to 0.1": (10, 0)}
    assert look.accounts.rows() == [("a1", 15), ("a2", 15)]
    assert look.targets.rows() == [("a4", 20), ("a5", 10)]


def test_the_series_has_every_day_and_adds_up(explore: Explore) -> None:
    look = explore.look(Filter(kinds=("follow",)))

    assert look.series["engagements"].to_list() == [2] * 10
    assert look.series["proposed"].to_list() == [2] * 5 + [0] * 5
    assert look.series["at"][0] == DAY_ONE


def test_a_period_is_laid_over_the_one_before(explore: Explore) -> None:
    look = explore.look(Filter(since=DAY_ONE + timedelta(days=5), kinds=("follow", "like")))

    assert (look.engagements, look.before) == (35, 35)
    assert look.series["before"].to_list() == [7] * 5


def test_filters_narrow_each_other(explore: Explore) -> None:
    look = explore.look(Filter(services=("S-1",), countries=("US",), bands=("remove",)))

    assert (look.engagements, look.proposed) == (10, 10)
    assert counts(look, "kind") == {"like": (10, 10)}
    assert look.accounts.rows() == [("a1", 10)]


def test_an_unknown_name_fits_nothing_and_is_no_error(explore: Explore) -> None:
    """X-11."""
    look = explore.look(Filter(services=("' OR 1=1 --",)))

    assert (look.engagements, look.accounts.height) == (0, 0)


def test_a_short_span_is_counted_by_the_hour(explore: Explore) -> None:
    look = explore.look(Filter(since=DAY_ONE, until=DAY_ONE + timedelta(days=1)))

    assert (look.is_hourly, look.series.height, look.engagements) == (True, 24, 7)
    busy = look.series.filter(pl.col("engagements") > 0)
    assert dict(zip(busy["at"].dt.hour(), busy["engagements"], strict=True)) == {2: 2, 3: 2, 12: 3}
    assert counts(look, "client") == {"lib": (4, 4), "app": (3, 0)}


def test_a_span_within_hours_is_answered_in_whole_hours(explore: Explore) -> None:
    look = explore.look(Filter(since=DAY_ONE + timedelta(hours=2, minutes=59), until=DAY_ONE + timedelta(hours=11.5)))

    assert (look.since.hour, look.until.hour, look.engagements) == (2, 12, 4)
    assert look.series["engagements"].to_list() == [2, 2, 0, 0, 0, 0, 0, 0, 0, 0]


def test_hours_are_laid_over_the_hours_before(explore: Explore) -> None:
    noon = DAY_ONE + timedelta(days=1, hours=12)

    look = explore.look(Filter(since=noon, until=noon + timedelta(hours=12)))

    assert (look.engagements, look.before) == (3, 4)
    assert look.series["before"].to_list() == [0, 0, 2, 2, *[0] * 8]


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        (Filter(account_id="a1"), (30, 15)),
        (Filter(target_id="a4"), (20, 20)),
        (Filter(group_id="G-1"), (20, 15)),
        (Filter(account_id="a1", kinds=("like",), clients=("lib",)), (10, 10)),
        (Filter(account_id="nobody"), (0, 0)),
    ],
    ids=str,
)
def test_one_account_target_or_group_is_counted_from_the_log(
    explore: Explore, narrow: Filter, expected: tuple[int, int]
) -> None:
    look = explore.look(narrow)

    assert (look.engagements, look.proposed) == expected
    assert look.series["engagements"].sum() == expected[0]


@pytest.mark.parametrize("dimension", ["kind", "client", "network", "country", "service", "band", "cohort", "score"])
def test_the_cells_and_the_log_itself_give_the_same_tables(explore: Explore, dimension: str) -> None:
    """The log is read here by naming every account once."""
    whole = counts(explore.look(Filter()), dimension)
    summed: dict[str, tuple[int, int]] = {}
    for account in ("a0", "a1", "a2"):
        for name, (engagements, proposed) in counts(explore.look(Filter(account_id=account)), dimension).items():
            before = summed.get(name, (0, 0))
            summed[name] = (before[0] + engagements, before[1] + proposed)

    assert summed == whole


def test_the_list_is_paged_newest_first(explore: Explore) -> None:
    first = explore.page(Filter(services=("S-1",)))

    assert first.height == 30
    assert first["at"].is_sorted(descending=True)
    assert set(first["actor_id"]) == {"a1", "a2"}
    assert explore.page(Filter(), page=2).height == 0


def test_the_choices_are_what_the_log_holds(explore: Explore) -> None:
    choices = explore.choices()

    assert choices.names["services"] == ("S-1",)
    assert set(choices.names["networks"]) == {"AS64496", "AS64500"}
    assert (choices.first, choices.last) == (DAY_ONE, DAY_ONE + timedelta(days=10))
