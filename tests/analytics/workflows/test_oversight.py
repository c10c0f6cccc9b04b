"""T-01: what people did on one day, told from the ledger, and looks at accounts that nobody reviews."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import update

from analytics.workflows.audit import AuditFilter, AuditLog
from analytics.workflows.investigation import Investigation, LookUp
from analytics.workflows.oversight import COUNTS, Day, Oversight
from analytics.workflows.review import Undo
from data.errors import CommandError, InvalidCommandError, RightsError
from data.records import Outcome
from data.tables import cases
from tests.analytics.workflows.case_world import ANA, IVO, MAX, RITA, SENA, Review, review_of
from tests.ledger_fixtures import Staffed


@pytest.fixture
def review(office: Staffed) -> Review:
    return review_of(office, 4)


def day(review: Review, *, later: int = 0) -> Day:
    since = review.office.clock().replace(hour=0, minute=0) + timedelta(days=later)
    return Oversight(review.office.gate).day(review.token(MAX), since, since + timedelta(days=1))


def told(found: Day) -> dict[str, dict[str, int]]:
    """Every count that is not nothing, by person; entries of the record are compared by themselves."""
    return {
        row["person_id"]: {name: row[name] for name in COUNTS if row[name] and name != "entries"}
        for row in found.deeds.iter_rows(named=True)
    }


def look(review: Review, person_id: str, account_id: str, key: str) -> None:
    looking = Investigation(review.office.gate, review.office.ledger, review.office.clock)
    command = LookUp(idempotency_key=key, account_id=account_id, reason=f"Why {account_id}")
    looking.look_up(review.token(person_id), command)


def test_a_day_of_work_is_told_person_by_person(review: Review) -> None:
    review.decide(RITA)
    taken_back = review.decide(RITA)
    undo = Undo(idempotency_key="undo", decision_id=str(taken_back.decision_id))
    review.desk.execute(review.token(RITA), undo)
    review.desk.release(review.token(RITA))
    review.decide(SENA, Outcome.REJECT)
    look(review, ANA, "a1", "k1")
    look(review, ANA, "somebody", "k2")
    with pytest.raises(InvalidCommandError):
        Investigation(review.office.gate, review.office.ledger, review.office.clock).look_up(
            review.token(ANA), LookUp(idempotency_key="k3", account_id="a2", reason=" ")
        )
    found = day(review)

    assert told(found) == {
        RITA: {"decisions": 2, "confirmed": 1, "removed": 9, "resets": 1, "undone": 1},
        SENA: {"decisions": 1},
        ANA: {"lookups": 2, "without_case": 1, "refused": 1},
        MAX: {},
    }
    assert [(one.account_id, one.has_case, one.person) for one in found.looks if not one.has_case] == [
        ("somebody", False, "Ana Brandt")
    ]


def test_nothing_is_removed_by_what_only_measures_a_reviewer(review: Review) -> None:
    with review.office.ledger.write() as connection:
        connection.execute(update(cases).values(lane="known_answer"))
    review.decide(RITA)

    assert told(day(review))[RITA] == {"decisions": 1, "confirmed": 1}


def test_another_day_holds_nothing_of_it(review: Review) -> None:
    review.decide(RITA)
    look(review, ANA, "somebody", "k1")
    before, after = day(review, later=-1), day(review, later=1)

    assert (before.deeds.height, before.looks, before.hours.height) == (0, (), 0)
    assert (after.deeds.height, after.looks, after.hours.height) == (0, (), 0)


def test_the_entries_of_a_person_are_as_many_as_the_page_behind_them_lists(review: Review) -> None:
    """P-13: each count leads to its rows."""
    review.decide(RITA)
    review.decide(SENA)
    found = day(review)
    since = review.office.clock().replace(hour=0, minute=0)
    log = AuditLog(review.office.home, review.office.ledger, review.office.clock)
    who = review.office.people.who(review.token(MAX))
    for row in day(review).deeds.iter_rows(named=True):
        which = AuditFilter(person_id=row["person_id"], since=since, until=since + timedelta(days=1))
        assert log.page(who, which).total == row["entries"]
    assert log.page(who, AuditFilter(person_id=RITA, since=since + timedelta(days=1))).total == 0
    assert log.page(who, AuditFilter(person_id=RITA, until=since)).total == 0
    hours = found.hours.group_by("name").agg(pl.col("entries").sum())
    assert dict(hours.iter_rows()) == dict(found.deeds.select("name", "entries").iter_rows())


def test_hours_are_counted_from_the_reader_s_midnight(review: Review) -> None:
    review.decide(RITA)
    noon = review.office.clock()
    found = Oversight(review.office.gate).day(
        review.token(MAX), noon - timedelta(hours=3, minutes=30), noon + timedelta(hours=1)
    )

    assert found.hours.filter(pl.col("name") == "Rita Marlow")["hour"].to_list() == [3]


@pytest.mark.parametrize("person_id", [RITA, SENA, IVO, ANA, "demo-kit"])
def test_only_a_manager_sees_what_others_did(review: Review, person_id: str) -> None:
    now = review.office.clock()
    with pytest.raises(RightsError):
        Oversight(review.office.gate).day(review.token(person_id), now - timedelta(days=1), now)


def test_every_refusal_counts(review: Review) -> None:
    for number in range(3):
        with pytest.raises(CommandError):
            look(review, RITA, "a1", f"k{number}")

    assert told(day(review))[RITA] == {"refused": 3}
