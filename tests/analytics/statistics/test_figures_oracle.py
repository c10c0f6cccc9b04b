"""Every figure of the pages against an oracle in plain Python, over random ledgers, periods and cuts (A.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from analytics.statistics.definitions import DEFINITIONS
from analytics.statistics.metric import Metric
from analytics.workflows.figures import FIGURES, Cut, Part, Period
from tests.analytics.statistics import test_metrics as literal
from tests.analytics.statistics.ledgers import CUTS, SINCE, UNTIL, Ledger, ledgers
from tests.analytics.statistics.oracles import ORACLES, Book, Told

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PERIOD = Period(since=_EPOCH + timedelta(microseconds=SINCE), until=_EPOCH + timedelta(microseconds=UNTIL))
Z = 1.959964


def counted(metric_id: str, ledger: Ledger, cut: Cut) -> Metric:
    return FIGURES[metric_id](Part(ledger, ledger.frames(), PERIOD, cut))


@pytest.mark.parametrize("metric_id", sorted(ORACLES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ledger=ledgers(), cut=CUTS)
def test_a_figure_is_what_its_definition_counts_row_by_row(metric_id: str, ledger: Ledger, cut: Cut) -> None:
    found, told = counted(metric_id, ledger, cut), ORACLES[metric_id](Book(ledger, cut))

    assert (found.n, found.rows.height) == (told.n, told.n)
    assert found.value == (None if told.value is None else pytest.approx(told.value, abs=1e-9))
    assert dict(found.detail) == pytest.approx(told.detail, abs=1e-9)
    assert_bounds(found, told)


def assert_bounds(found: Metric, told: Told) -> None:
    """A plain share lies 1.96 standard errors from each bound; every other interval holds its value."""
    if told.value is None:
        assert (found.low, found.high) == (None, None)
    elif told.hits is not None:
        assert found.low is not None
        assert found.high is not None
        for bound in (found.low, found.high):
            if 0 < bound < 1:
                assert abs(told.value - bound) == pytest.approx(Z * (bound * (1 - bound) / told.n) ** 0.5, abs=1e-6)
    elif found.low is not None and found.high is not None:
        assert found.low - 1e-9 <= told.value <= found.high + 1e-9


def test_every_defined_figure_has_an_oracle_and_a_literal_test() -> None:
    """A figure that is added without either fails here."""
    names = [name for name in dir(literal) if name.startswith("test_")]
    spelled = {one: f"test_{one.lower().replace('-', '')}_" for one in DEFINITIONS}

    assert ORACLES.keys() == DEFINITIONS.keys() == FIGURES.keys()
    assert [one for one, begin in spelled.items() if not any(name.startswith(begin) for name in names)] == []
