"""The queue in words: services by name, colleagues by name, cases that only ask for a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from analytics.views.queue import alike, option, rows
from analytics.views.text import NOTHING
from data.records import Case, CaseState, Lease

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def case(case_id: str = "c1", proposed: dict[str, int] | None = None, lease: Lease | None = None) -> Case:
    return Case(
        case_id=case_id,
        account_id=f"a-{case_id}",
        handle="",
        state=CaseState.LEASED if lease else CaseState.OPEN,
        version=1,
        opened_at=NOON - timedelta(hours=3),
        run_id="r",
        score=0.9,
        priority=0.8,
        proposed={"like": 2} if proposed is None else proposed,
        service_id="v-1",
        group_id=None,
        lane="queue",
        step=1,
        lease=lease,
    )


def lease(minutes: int) -> Lease:
    return Lease(case_id="c1", person_id="p1", fence=1, expires_at=NOON + timedelta(minutes=minutes))


def test_a_service_is_called_by_its_name_where_it_has_one() -> None:
    assert rows([case()], {}, NOON, {"v-1": "Likes R Us"})["Service"].to_list() == ["Likes R Us"]
    assert rows([case()], {}, NOON)["Service"].to_list() == ["v-1"]


def test_a_case_without_proposed_rows_asks_for_a_look() -> None:
    assert rows([case(proposed={})], {}, NOON)["Proposed"].to_list() == ["nothing proposed"]
    assert option(case(proposed={})) == "a-c1 · nothing proposed · high"


def test_a_case_for_review_alone_says_of_how_much() -> None:
    unsure = replace(case(proposed={"like": 0}), for_review=1_040)

    assert option(unsure) == "a-c1 · 1,040 for review · high"
    assert option(replace(unsure, proposed={"like": 2})) == "a-c1 · 2 likes · high"
    assert option(replace(unsure, is_blind=True)) == "a-c1 · decide first · high"


def test_what_is_decided_blind_shows_neither_what_is_proposed_nor_the_service() -> None:
    """S-01: a list would say it before the case is opened."""
    blind = replace(case(), is_blind=True)

    assert rows([blind], {}, NOON).select("Proposed", "Service").row(0) == ("decide first", NOTHING)
    assert option(blind) == "a-c1 · decide first · high"


def test_a_colleague_at_a_case_is_named_until_the_lease_ends() -> None:
    found = rows([case(lease=lease(1)), case(lease=lease(0))], {"p1": "Rita Marlow"}, NOON)

    assert found["State"].to_list() == ["with Rita Marlow", "waiting"]


def test_look_alikes_show_what_tells_them_apart() -> None:
    assert alike([case()], NOON, {"v-1": "S-04"}).row(0) == ("a-c1", "2 likes", "S-04", "high", "3 h")
