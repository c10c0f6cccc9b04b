"""What the query page says: of a fault its line and the place, of the history how long ago, and its examples."""

from __future__ import annotations

import duckdb

from analytics.views import query as view

FAULT = 'Parser Error: syntax error at or near "SELEC"\n\nLINE 1: SELEC x\n        ^^^^^'


def test_a_fault_is_one_line_and_its_place_stands_below_it_letter_under_letter() -> None:
    assert view.told("failed", FAULT, 0, 0.1) == 'Parser Error: syntax error at or near "SELEC"'
    first, second = view.fault(FAULT).split("\n")
    assert second.index("^") == first.index("SELEC")


def test_a_fault_of_one_line_has_no_place() -> None:
    assert view.fault("Only one SELECT is allowed here.") == ""


def test_hidden_signs_in_a_fault_are_shown_as_what_they_are() -> None:
    """X-03."""
    assert view.fault("x\nLINE 1: a\u202eb\x1b") == "LINE 1: a⟨RLO⟩b␛"


def test_the_nights_of_one_service_are_of_the_one_with_most_customers() -> None:
    """Its name promises one; the others' customers would be taken for its own."""
    with duckdb.connect() as copy:
        copy.execute("create table services as from (values ('S-1', 3), ('S-2', 9)) as t(service, customers)")
        copy.execute(
            "create table engagements as select 'of ' || service as account, service, timestamp '2026-11-03 02:00' as "
            "happened_at from (values ('S-1'), ('S-2'), (null)) as t(service)"
        )

        assert copy.execute(view.EXAMPLES["Nights of one service"]).fetchall() == [("of S-2", 1)]
