"""U-07 and U-08: which engagements are shown and which are chosen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from analytics.views.engagements import (
    Choice,
    Shown,
    line,
    page_of,
    shown_rows,
    table,
)
from data.records import Band

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def rows(*made: tuple[str, str, str, int, Band]) -> pl.DataFrame:
    """Rows of (id, kind, target, seconds after noon, band)."""
    return pl.DataFrame(
        [
            {
                "engagement_id": one,
                "kind": kind,
                "target_id": target,
                "target_handle": f"@{target}",
                "at": NOON + timedelta(seconds=seconds),
                "client": "other client",
                "source": "service" if band is Band.REMOVE else "owner",
                "p": 0.9761,
                "band": int(band),
                "why": "tempo",
                "text": None,
            }
            for one, kind, target, seconds, band in made
        ],
        schema_overrides={"at": pl.Datetime("us", "UTC"), "text": pl.String},
    )


THREE = rows(
    ("e1", "like", "x", 0, Band.REMOVE), ("e2", "follow", "y", 90, Band.REMOVE), ("e3", "like", "x", 95, Band.KEEP)
)


def test_rows_taken_out_and_added_make_the_choice() -> None:
    proposed = {"e1", "e2"}
    choice = Choice().ticked("e2", proposed, is_ticked=False).ticked("e3", proposed, is_ticked=True)

    assert choice.chosen(proposed) == {"e1", "e3"}
    assert choice.is_changed


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans())))
def test_the_last_tick_of_a_row_counts(ticks: list[tuple[str, bool]]) -> None:
    proposed, choice = {"a", "b", "c"}, Choice()
    for one, is_ticked in ticks:
        choice = choice.ticked(one, proposed, is_ticked=is_ticked)
    expected = dict.fromkeys(proposed, True) | dict(ticks)

    assert choice.chosen(proposed) == {one for one, is_ticked in expected.items() if is_ticked}


def test_unticking_and_ticking_again_is_no_change() -> None:
    assert not Choice().ticked("a", {"a"}, is_ticked=False).ticked("a", {"a"}, is_ticked=True).is_changed


def test_newest_minute_first_and_a_target_stays_together() -> None:
    many = rows(
        ("old", "like", "a", 0, Band.REMOVE),
        ("b1", "like", "b", 121, Band.REMOVE),
        ("a1", "like", "a", 125, Band.REMOVE),
        ("b2", "like", "b", 130, Band.REMOVE),
    )

    assert shown_rows(many, Shown())["engagement_id"].to_list() == ["a1", "b2", "b1", "old"]


def test_a_reason_shows_the_rows_behind_it() -> None:
    shown = shown_rows(THREE, Shown(values={"kind": ["like"], "source": ["service"], "not_a_column": ["?"]}))

    assert shown["engagement_id"].to_list() == ["e1"]


def test_a_brushed_span_is_half_open() -> None:
    shown = shown_rows(THREE, Shown(since=NOON, until=NOON + timedelta(seconds=90)))

    assert shown["engagement_id"].to_list() == ["e1"]


def test_numbers_of_the_machine_are_shown_only_when_asked_for() -> None:
    """S-02."""
    without = table(THREE, {"e1"}, NOON, ZONE, with_opinion=False)
    with_opinion = table(THREE, {"e1"}, NOON, ZONE, with_opinion=True)

    assert without.columns == ["Remove", "Kind", "Target", "When", "From", "Why"]
    assert without["Remove"].to_list() == [True, False, False]
    assert with_opinion.select("p", "Band").row(0) == (0.98, "remove")


def test_a_blind_table_neither_says_nor_orders_by_what_the_machine_thinks() -> None:
    """S-01."""
    blind = table(THREE, frozenset(), NOON, ZONE, with_opinion=False, is_blind=True)

    assert blind.columns == ["Remove", "Kind", "Target", "When", "From"]
    assert set(blind["From"]) == {"other client"}
    assert line(THREE.row(0, named=True), ZONE, is_blind=True).endswith(", other client")
    old = (("p1", "like", "x", 0, Band.REMOVE),)
    new = tuple((f"k{n}", "like", "y", 600 + 60 * n, Band.KEEP) for n in range(5))
    assert shown_rows(rows(*old, *new), Shown(), is_blind=True)["engagement_id"][0] == "k4"


def test_hostile_targets_are_shown_as_text() -> None:
    """X-03."""
    hostile = THREE.with_columns(target_handle=pl.lit("a\u202eb"))

    assert table(hostile, set(), NOON, ZONE, with_opinion=False)["Target"][0] == "a⟨RLO⟩b"
    assert line(hostile.row(0, named=True), ZONE) == "like → a⟨RLO⟩b, 3 Nov 2026 12:00:00, Service: other client"


def test_pages_stay_within_bounds() -> None:
    many = rows(*((f"e{n}", "like", "x", n, Band.REMOVE) for n in range(250)))

    assert (page_of(many, 3)[0].height, page_of(many, 99)[0].height, page_of(many, 1)[1]) == (50, 50, 3)


def test_the_plan_comes_first_where_the_newest_rows_are_not_in_it() -> None:
    """U-08: newest first within the proposed rows, and within the others."""
    old = (("p1", "like", "x", 0, Band.REMOVE), ("p2", "like", "x", 60, Band.REMOVE))
    new = tuple((f"k{n}", "like", "y", 600 + 60 * n, Band.KEEP) for n in range(5))

    assert shown_rows(rows(*old, *new), Shown())["engagement_id"].to_list() == [
        "p2", "p1", "k4", "k3", "k2", "k1", "k0",
    ]  # fmt: skip
    assert shown_rows(rows(*old, *new), Shown(since=NOON))["engagement_id"][0] == "k4"
    assert shown_rows(rows(*old, *new[:3]), Shown())["engagement_id"][0] == "k2"


def test_comments_can_be_hidden_without_losing_that_they_are_there() -> None:
    """U-14."""
    written = THREE.with_columns(text=pl.Series(["so pretty", None, None], dtype=pl.String))

    hidden = table(written, frozenset(), NOON, ZONE, with_opinion=False, with_text=False)

    assert hidden["Text"].to_list() == ["hidden", "", ""]
    assert table(written, frozenset(), NOON, ZONE, with_opinion=False)["Text"].to_list() == ["so pretty", "", ""]
