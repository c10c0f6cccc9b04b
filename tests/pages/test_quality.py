"""The quality page without a browser."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analytics.statistics.verdict_shift import SCHEMA
from analytics.views.health import shift_rows
from data.records import Role
from tests.pages.conftest import SignIn
from tests.pages.rooms import visit, words


def test_services_judged_too_seldom_to_compare_are_said_to_be(signed_in: SignIn, demo_home: Path) -> None:
    app = visit(signed_in(demo_home, Role.MANAGER), "quality")
    assert [one.value for one in app.exception] == []
    assert "No service was judged often enough both before and in this period." in words(app)


def test_a_service_that_moved_is_told_in_counts_and_points() -> None:
    """T-13. A service's name is foreign text."""
    values = [
        ("v-1", 50, 45, 30, 12, -0.5, -0.667, -0.301, True, 15 / 18),
        ("v-2", 20, 18, 20, 20, 0.1, -0.08, 0.3, False, None),
    ]
    told = shift_rows(pl.DataFrame(values, schema=SCHEMA, orient="row"), {"v-1": "Like\u202eFarm"})
    assert told.rows() == [
        ("Like⟨RLO⟩Farm", "45 of 50", "12 of 30", "-50", "-67 to -30", "83.3 %", "moved"),
        ("v-2", "18 of 20", "20 of 20", "+10", "-8 to +30", "\u2013", "as before"),
    ]
