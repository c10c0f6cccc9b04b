"""What the account page says in words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analytics.views.account import churn_sentence, said, shown, suspicion

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
HEADER = {
    "score": 0.93,
    "rank": 7,
    "remove_count": 12,
    "review_count": 3,
    "service_id": "v-1",
    "group_id": None,
    "is_queued": True,
}
NO_CASE = pl.DataFrame(schema={"number": pl.Int64, "state": pl.String})


def test_how_soon_follows_were_taken_back_is_counted_by_hand() -> None:
    churn = pl.DataFrame({"hours": [20.0, 40.0, 72.0, 73.0, 900.0]})
    assert churn_sentence(churn) == "3 of 5 within 72 hours; half within 72 hours."


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        (pl.DataFrame({"number": [9, 4], "state": ["closed", "open"]}), " Case 9: closed."),
        (pl.DataFrame({"number": [9], "state": ["open"]}), " Case 9: waiting."),
        (NO_CASE, " Proposed for review; it has no case yet."),
    ],
)
def test_where_a_case_stands_is_what_the_ledger_says_and_not_the_run(cases: pl.DataFrame, said: str) -> None:
    told = "Newest run: score 0.93, rank 7, 15 engagements proposed, service S-04."
    assert suspicion(HEADER, {"v-1": "S-04"}, cases) == told + said


def test_moments_networks_neighbours_and_hours_are_written_as_everywhere_else() -> None:
    until = int(datetime(2027, 5, 11, 7, 59, 59, tzinfo=UTC).timestamp()) * 1_000_000
    rows = pl.DataFrame(
        {
            "appeal_until": [until],
            "decided_at": [until],
            "asn": [55083],
            "name": ["v-1"],
            "remove_count": [4],
            "hours": [54.908],
            "undone_at": pl.Series([None], dtype=pl.Int64),
        }
    )
    told = shown(rows, ZONE, NOW, {"v-1": "S-04"})

    assert told.drop("Undone").row(0, named=True) == {
        "Appeal until": "11 May 2027 07:59:59",
        "Decided": "11 May 2027 07:59:59",
        "Network": "AS55083",
        "Named": "S-04",
        "For removal": 4,
        "Hours until taken back": 55,
    }
    assert said(told) == [name for name in told.columns if name != "Undone"]
