"""Opening cases: what the run said is copied once, for every account that needs a person, and never twice."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import select

from analytics.casework.freezing import opened
from analytics.workflows.case_files import Thawed
from analytics.workflows.cases import open_cases_of
from analytics.workflows.review import QueueFilter
from data.records import Outcome
from data.tables import audit, case_files, cases, handles
from tests.analytics.workflows.case_world import (
    LENT,
    OWN,
    RITA,
    lent_accounts,
    plain_policy,
    review_of,
    run_of,
)
from tests.analytics.workflows.small_log import DAY
from tests.delivery_world import NOON, micros
from tests.ledger_fixtures import Staffed


def test_a_case_counts_what_is_proposed_and_names_where_it_came_from(office: Staffed) -> None:
    case = review_of(office, 1).case_of("a0")

    assert (case.proposed_likes, case.proposed_follows, case.proposed_comments) == (6, 3, 0)
    # The comment; an unfollow gives nothing to anybody.
    assert (case.for_review, case.main_kind) == (1, "like")
    assert (case.state, case.version, case.lane, case.number) == ("open", 1, "queue", 1)
    assert (case.run_id, case.snapshot_id, case.service_id, case.group_id) == ("r-1", "s-1", "S-1", "G-1")
    assert (case.language, case.country, case.followers) == ("pt", "BR", 0)
    assert 0 < case.priority <= 1


def test_the_file_holds_both_lives_of_the_account_row_by_row(office: Staffed) -> None:
    review = review_of(office, 1)
    file = review.one(select(case_files))
    rows = opened(file.engagements)

    assert rows.filter(pl.col("client") == OWN)["source"].to_list() == ["owner"] * 4
    assert rows.filter(pl.col("client") == LENT)["source"].to_list() == ["service"] * 11
    assert rows["engagement_id"].to_list() == [f"a0/{n}" for n in range(15)]
    assert rows["kind"].to_list() == ["like"] * 10 + ["follow"] * 3 + ["comment", "unfollow"]
    assert rows["band"].to_list() == [0] * 4 + [2] * 9 + [1, 1]
    assert rows["target_handle"][0] == "@target0"
    assert rows["at"][0] == NOON - timedelta(days=20)
    assert set(rows.filter(pl.col("client") == LENT)["why"]) == {"place, rhythm"}
    assert rows.filter(pl.col("client") == OWN)["p"].to_list() == [0.01] * 4


def test_an_unfollow_is_never_proposed_since_there_is_nothing_to_take_back(office: Staffed) -> None:
    rows = opened(review_of(office, 1).one(select(case_files)).engagements)

    assert rows.filter(pl.col("kind") == "unfollow")["band"].to_list() == [1]


def test_a_thawed_file_knows_what_is_proposed_and_counts_by_kind_what_gives_something_to_somebody(
    office: Staffed,
) -> None:
    file = Thawed.of(review_of(office, 1).one(select(case_files)))

    assert file.proposed == {f"a0/{n}" for n in range(4, 13)}
    assert file.counts(file.kinds) == {"like": 10, "follow": 3, "comment": 1}
    assert file.counts({"a0/10", "a0/14", "b0/1"}) == {"follow": 1}


def test_the_reasons_open_the_rows_by_the_words_that_the_rows_carry(office: Staffed) -> None:
    content = json.loads(review_of(office, 1).one(select(case_files)).content)

    assert [line["engagements"] for line in content["evidence"]] == [{"kind": ["like", "follow"]}, {"band": ["0"]}, {}]
    assert content["evidence"][2]["sentence"] == "no entries."
    assert content["missing"] == ["device_id"]


def test_rows_say_whether_a_follow_was_taken_back_and_whether_the_place_was_new(office: Staffed) -> None:
    """What a sentence says of a follow undone soon, or of a place that came late, is said row by row as well."""
    log = lent_accounts(1)
    log.connection.execute("update snapshot.engagements set target_key = 9010 where engagement_key = 14")
    rows = opened(review_of(office, log=log).one(select(case_files)).engagements)

    taken_back = rows.filter("is_taken_back")
    assert taken_back.select("engagement_id", "kind").rows() == [("a0/10", "follow"), ("a0/14", "unfollow")]
    assert set(rows.filter("is_new_place")["client"]) == {LENT}
    assert set(rows.filter(~pl.col("is_new_place"))["client"]) == {OWN}


def test_a_follow_undone_after_more_than_four_days_was_not_taken_back(office: Staffed) -> None:
    log = lent_accounts(1)
    log.connection.execute("update snapshot.engagements set target_key = 9010 where engagement_key = 14")
    log.connection.execute('update snapshot.engagements set "at" = "at" + 1 where engagement_key = 14')

    assert not opened(review_of(office, log=log).one(select(case_files)).engagements)["is_taken_back"].any()


def test_a_password_entry_from_a_new_network_is_marked(office: Staffed) -> None:
    content = json.loads(review_of(office, 1).one(select(case_files)).content)

    assert content["marks"] == [
        {"at": micros(NOON - timedelta(days=19)), "kind": "password", "label": "Password entered from a new network"}
    ]


def test_the_handle_is_kept_where_it_can_be_erased_and_nowhere_else(office: Staffed) -> None:
    """D.5: names live in one table."""
    review = review_of(office, 1)

    assert "@owner0" not in review.one(select(case_files)).content
    assert [(row.account_id, row.handle) for row in review.all(select(handles))] == [("a0", "@owner0")]


def test_the_hash_is_over_the_text_and_the_rows(office: Staffed) -> None:
    file = review_of(office, 1).one(select(case_files))
    digest = hashlib.sha256(file.content.encode())
    digest.update(hashlib.sha256(file.engagements).digest())
    digest.update(hashlib.sha256(file.activity).digest())

    assert file.content_hash == digest.hexdigest()


def test_the_same_run_opens_nothing_twice(office: Staffed) -> None:
    review = review_of(office, 3)

    assert open_cases_of(lent_accounts(3), run_of(), office.ledger, now=NOON) == 0
    review.decide(RITA, Outcome.REJECT)
    assert open_cases_of(lent_accounts(3), run_of(), office.ledger, now=NOON) == 0
    assert review.count(cases) == 3


def open_again(office: Staffed) -> int:
    """A later run over the same engagements."""
    later = lent_accounts(1, run_id="r-2")
    return open_cases_of(later, run_of("r-2"), office.ledger, now=NOON + timedelta(days=1))


def test_a_later_run_leaves_a_waiting_case_exactly_as_it_was(office: Staffed) -> None:
    review = review_of(office, 1)
    before = review.one(select(case_files)), review.one(select(cases))

    assert open_again(office) == 0
    assert (review.one(select(case_files)), review.one(select(cases))) == before


@pytest.mark.parametrize("outcome", [Outcome.CONFIRM, Outcome.REJECT])
def test_what_a_person_ruled_on_opens_no_case_again(office: Staffed, outcome: Outcome) -> None:
    review = review_of(office, 1)
    review.decide(RITA, outcome)

    assert open_again(office) == 0


def test_three_new_engagements_after_the_decision_open_a_case_with_only_what_is_new(office: Staffed) -> None:
    review = review_of(office, 1)
    review.decide(RITA)
    later = lent_accounts(1, run_id="r-2")
    new(later, 2)
    assert open_cases_of(later, run_of("r-2"), office.ledger, now=NOON + timedelta(days=9)) == 0

    later = lent_accounts(1, run_id="r-3")
    new(later, 3)
    assert open_cases_of(later, run_of("r-3"), office.ledger, now=NOON + timedelta(days=9)) == 1
    file = review.all(select(case_files).join(cases).order_by(cases.c.number))[-1]
    assert opened(file.engagements)["engagement_id"].to_list() == ["new0", "new1", "new2"]
    content = json.loads(file.content)
    assert (content["since"], content["is_again"]) == (micros(NOON) + DAY, True)
    assert not json.loads(review.all(select(case_files).join(cases).order_by(cases.c.number))[0].content)["is_again"]


def new(log: object, count: int) -> None:
    """Likes after the decision, in the remove band."""
    for n in range(count):
        at = micros(NOON) + (n + 1) * DAY
        row = {"engagement_key": 90 + n, "engagement_id": f"new{n}", "kind": 0, "actor_key": 0, "target_key": 9_000}
        log.add("snapshot.engagements", row | {"at": at, "client_key": 1, "asn": 64500})
        log.add("run.engagement_scores", {"engagement_key": 90 + n, "account_key": 0, "p": 0.99, "band": 2})


def test_the_random_audit_draws_its_share_and_keeps_every_row(office: Staffed) -> None:
    """P-16: what the queue misses stays measurable; audit cases are decided blind."""
    log = lent_accounts(40, audit_share=0.1)
    log.connection.execute("update run.flags set is_queued = account_key < 20")
    review = review_of(office, log=log, policy=plain_policy())

    found = review.all(select(cases).where(cases.c.lane == "random_audit"))
    assert len(found) == 4
    assert all(case.is_blind for case in found)
    assert review.count(cases, cases.c.lane == "queue") + len(found) == len(
        {f"a{n}" for n in range(20)} | {case.account_id for case in found}
    )


def test_cases_of_the_random_audit_are_mixed_among_the_others(office: Staffed) -> None:
    """By their own harm nobody would ever see them; each takes the priority of some ordinary case."""
    log = lent_accounts(60, audit_share=0.2)
    log.connection.execute("update run.flags set is_queued = account_key < 30")
    review = review_of(office, log=log)

    ordinary = {row.priority for row in review.all(select(cases.c.priority).where(cases.c.lane == "queue"))}
    drawn = [row.priority for row in review.all(select(cases.c.priority).where(cases.c.lane == "random_audit"))]
    assert len(drawn) == 12
    assert set(drawn) <= ordinary
    assert len(set(drawn)) > 3


def test_every_queued_account_gets_a_case_and_no_other(office: Staffed) -> None:
    log = lent_accounts(5)
    log.connection.execute("update run.flags set is_queued = account_key <> 3")

    assert [row.account_id for row in review_of(office, log=log).all(select(cases).order_by(cases.c.number))] == [
        "a0",
        "a1",
        "a2",
        "a4",
    ]


def test_a_share_of_cases_is_decided_blind_and_without_the_chart(office: Staffed) -> None:
    """S-01, S-03: drawn once and for good, by the case alone."""
    policy = plain_policy(blind_share=0.3, unexplained_share=0.3)
    review = review_of(office, 200, policy=policy)

    assert 35 <= review.count(cases, cases.c.is_blind) <= 85
    assert 35 <= review.count(cases, ~cases.c.explanation_shown) <= 85


def test_a_severe_step_is_always_decided_blind(office: Staffed) -> None:
    """S-01: on all severe steps."""
    review = review_of(office, 1)
    for days in (90, 60, 30):
        review.strike("a7", days)
    log = lent_accounts(1, first=7)
    open_cases_of(log, run_of("r-2"), office.ledger, now=office.clock(), policy=plain_policy())

    assert review.case_of("a7").is_blind


def test_what_was_done_before_is_marked_on_the_activity(office: Staffed) -> None:
    review = review_of(office, 1)

    assert review.desk.queue(review.token(RITA), QueueFilter()).cases[0].step == 1
    review.strike("a0", 10)
    assert review.desk.queue(review.token(RITA), QueueFilter()).cases[0].step == 2


def test_opening_leaves_one_audit_row_for_the_run(office: Staffed) -> None:
    review = review_of(office, 3)
    row = review.one(select(audit).where(audit.c.verb == "OpenCases"))

    assert (row.actor_id, row.subject, row.model_hash) == ("detection", "r-1", "f" * 64)
    assert json.loads(row.after)["facts"] == {"cases": 3, "first": 1, "last": 3}


def test_five_hundred_cases_open_at_once(office: Staffed) -> None:
    opened = open_cases_of(lent_accounts(500), run_of(), office.ledger, now=datetime(2026, 11, 24, tzinfo=UTC))

    with office.ledger.read() as connection:
        numbers = connection.scalars(select(cases.c.number).order_by(cases.c.number)).all()
    assert opened == 500
    assert numbers == list(range(1, 501))
