"""The queue and its leases: who sees what, who holds what, and what happens when nobody comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from analytics.statistics.quality import known_answers as known_answer_figure
from analytics.workflows.cases import propose_cases
from analytics.workflows.ledger_frames import read_frames
from analytics.workflows.policy import load_policy
from analytics.workflows.review import (
    DeclareConflict,
    ExtendLease,
    MarkKnownAnswer,
    QueueFilter,
    SaveDraft,
    Skip,
    Snooze,
)
from analytics.workflows.tending import tend_queue
from data.errors import ConflictError, EmptyHomeError, InvalidCommandError, RightsError, StaleCaseError
from data.home import Home
from data.records import CaseState, Lease, Outcome
from data.tables import (
    audit,
    case_events,
    cases,
    decision_events,
    decisions,
    fences,
    known_answers,
    outbox,
    service_events,
)
from tests.analytics.workflows.case_world import ANA, ANY, IVO, MAX, RITA, SENA, THEO, Review, plain_policy, review_of
from tests.delivery_world import NOON
from tests.ledger_fixtures import Staffed


@pytest.fixture
def review(office: Staffed) -> Review:
    return review_of(office, 3)


def taken(review: Review, person_id: str = RITA) -> tuple[str, Lease]:
    token = review.token(person_id)
    lease = review.desk.take_next(token, ANY)
    assert lease is not None
    return token, lease


def skip(review: Review, lease: Lease, token: str, reason: str = "unsure") -> None:
    review.desk.execute(
        token, Skip(idempotency_key=f"skip-{lease.case_id}", case_id=lease.case_id, fence=lease.fence, reason=reason)
    )


def test_the_most_urgent_case_comes_first_and_waiting_adds_to_it(review: Review) -> None:
    token = review.token(RITA)
    assert [case.account_id for case in review.desk.queue(token, ANY).cases] == ["a0", "a1", "a2"]

    earlier = (NOON - timedelta(days=2)).timestamp() * 1_000_000
    review.change(cases, {"opened_at": int(earlier)}, cases.c.account_id == "a2")
    assert [case.account_id for case in review.desk.queue(token, ANY).cases] == ["a2", "a0", "a1"]


def test_two_people_never_get_the_same_case(review: Review) -> None:
    """P-03."""
    _, first = taken(review)
    _, second = taken(review, THEO)

    assert first.case_id != second.case_id
    with pytest.raises(StaleCaseError, match="A colleague has this case"):
        review.desk.take(review.token(SENA), first.case_id)


def test_a_person_holds_one_case_in_all_their_tabs(review: Review) -> None:
    """S-14: the lease is the person's, not the tab's."""
    _, lease = taken(review)
    other_tab = review.token(RITA)

    assert review.desk.take_next(other_tab, ANY) == lease == review.desk.mine(other_tab)
    waiting = review.desk.queue(other_tab, ANY).cases[1]
    with pytest.raises(ConflictError, match="another case"):
        review.desk.take(other_tab, waiting.case_id)


def test_the_queue_shows_who_is_at_a_case(review: Review) -> None:
    _, lease = taken(review)
    found = review.desk.queue(review.token(THEO), ANY)

    assert found.names == {RITA: "Rita Marlow"}
    assert [case.lease for case in found.cases] == [lease, None, None]


def test_a_lease_that_ran_out_is_free_for_the_next_with_a_higher_fence(review: Review) -> None:
    """P-03, F-06: the fence only grows."""
    _, first = taken(review)
    review.office.forward(minutes=15)
    _, second = taken(review, THEO)

    assert (second.case_id, first.fence, second.fence) == (first.case_id, 1, 2)
    assert review.desk.mine(review.token(RITA)) is None
    assert review.one(select(fences.c.fence).where(fences.c.case_id == first.case_id)).fence == 2


def test_more_time_is_given_before_the_lease_ran_out_and_not_after(review: Review) -> None:
    token, lease = taken(review)
    review.office.forward(minutes=10)
    ask = ExtendLease(idempotency_key="1", case_id=lease.case_id, fence=lease.fence)
    review.desk.execute(token, ask)
    held = review.desk.mine(token)

    assert held is not None
    assert (held.fence, held.expires_at) == (lease.fence, NOON + timedelta(minutes=25))
    review.office.forward(minutes=15)
    with pytest.raises(StaleCaseError, match="ran out"):
        review.desk.execute(review.token(RITA), ExtendLease(idempotency_key="2", case_id=lease.case_id, fence=1))


def test_a_draft_survives_a_restart_and_is_nobody_elses(review: Review) -> None:
    """F-08: the half-typed note is in the ledger, not in the tab."""
    token, lease = taken(review)
    review.desk.execute(
        token, SaveDraft(idempotency_key="1", case_id=lease.case_id, fence=lease.fence, text="half a tho")
    )

    assert review.desk.file(review.token(RITA), lease.case_id).draft == "half a tho"
    review.office.forward(minutes=15)
    other = review.token(THEO)
    assert review.desk.file(other, review.desk.take(other, lease.case_id).case_id).draft == ""


def test_a_skipped_case_goes_to_others_with_its_reason(review: Review) -> None:
    """P-08."""
    token, lease = taken(review)
    skip(review, lease, token)
    following = review.desk.take_next(token, ANY)

    assert following is not None
    assert following.case_id != lease.case_id
    _, theirs = taken(review, THEO)
    assert theirs.case_id == lease.case_id
    event = review.one(select(case_events))
    assert (event.event, event.reason, event.person_id) == ("skipped", "unsure", RITA)


def test_a_person_who_skipped_everything_waits_and_loses_nothing(office: Staffed) -> None:
    review = review_of(office, 1)
    token, lease = taken(review)
    skip(review, lease, token)

    assert review.desk.take_next(token, ANY) is None
    assert review.desk.queue(token, ANY).total == 1
    assert review.desk.take(token, lease.case_id).fence == 2


def test_an_account_one_knows_never_comes_back(office: Staffed) -> None:
    """X-23: skipped as known, it is out of sight for good, in this and in every later case."""
    review = review_of(office, 1)
    token, lease = taken(review)
    skip(review, lease, token, "conflict")

    assert review.desk.queue(token, ANY).total == 0
    with pytest.raises(ConflictError):
        review.desk.take(token, lease.case_id)
    assert taken(review, THEO)[1].case_id == lease.case_id


def test_a_declared_account_is_never_given(review: Review) -> None:
    token = review.token(RITA)
    review.desk.execute(token, DeclareConflict(idempotency_key="1", account_id="a0"))

    assert [case.account_id for case in review.desk.queue(token, ANY).cases] == ["a1", "a2"]
    assert review.desk.waiting(token).count == 2


def test_an_unknown_reason_is_no_reason_to_skip(review: Review) -> None:
    token, lease = taken(review)

    with pytest.raises(InvalidCommandError):
        skip(review, lease, token, "bored")


def test_a_snoozed_case_waits_until_its_moment(review: Review) -> None:
    token, lease = taken(review)
    until = NOON + timedelta(hours=1)
    review.desk.execute(
        token, Snooze(idempotency_key="1", case_id=lease.case_id, fence=lease.fence, until=until, reason="ask")
    )
    others = {taken(review, name)[1].case_id for name in (RITA, THEO)}

    assert lease.case_id not in others
    assert review.desk.take_next(review.token(SENA), ANY) is None
    review.office.forward(hours=1)
    assert tend_queue(review.office.ledger, now=review.office.clock()).woken == 1
    assert taken(review, SENA)[1].case_id == lease.case_id


def test_a_snooze_ends_in_the_future(review: Review) -> None:
    token, lease = taken(review)

    with pytest.raises(InvalidCommandError):
        review.desk.execute(token, Snooze(idempotency_key="1", case_id=lease.case_id, fence=lease.fence, until=NOON))


def test_a_case_put_back_waits_again(review: Review) -> None:
    token, lease = taken(review)
    review.desk.release(token)

    assert review.desk.mine(token) is None
    assert review.desk.release(token) is None
    assert review.desk.case(lease.case_id).state is CaseState.OPEN
    with pytest.raises(StaleCaseError):
        review.desk.execute(token, review.command(lease))


@pytest.mark.parametrize(
    ("chosen", "accounts"),
    [
        (QueueFilter(), ["a0", "a1", "a2"]),
        (QueueFilter(lane="random_audit"), ["a1"]),
        (QueueFilter(lane="queue"), ["a0", "a2"]),
        (QueueFilter(service_id="S-2"), ["a2"]),
        (QueueFilter(service_id="' or 1=1 --"), []),
        (QueueFilter(priority="high"), ["a0"]),
        (QueueFilter(priority="low"), ["a1"]),
        (QueueFilter(priority="anything"), ["a0", "a1", "a2"]),
    ],
)
def test_filters_narrow_the_list_and_the_next_case_alike(
    review: Review, chosen: QueueFilter, accounts: list[str]
) -> None:
    """P-10, X-11: values are bound, unknown words narrow nothing or find nothing."""
    review.change(cases, {"priority": 0.8}, cases.c.account_id == "a0")
    review.change(cases, {"lane": "random_audit", "priority": 0.3}, cases.c.account_id == "a1")
    review.change(cases, {"service_id": "S-2", "priority": 0.5}, cases.c.account_id == "a2")
    token = review.token(RITA)

    found = review.desk.queue(token, chosen)
    assert sorted(case.account_id for case in found.cases) == accounts
    assert found.total == len(accounts)
    lease = review.desk.take_next(token, chosen)
    assert (lease is not None) == bool(accounts)


def test_the_list_is_cut_into_pages(office: Staffed) -> None:
    review = review_of(office, 60)
    token = review.token(RITA)
    first, second, beyond = (review.desk.queue(token, ANY, page=page) for page in (1, 2, 9))

    assert (first.total, first.pages, len(first.cases), len(second.cases)) == (60, 2, 50, 10)
    assert beyond.cases == second.cases
    assert not {case.case_id for case in first.cases} & {case.case_id for case in second.cases}


def test_the_first_line_counts_what_waits_and_what_one_did_today(review: Review) -> None:
    review.decide(RITA, Outcome.REJECT)
    told = review.desk.waiting(review.token(RITA))

    assert (told.count, told.oldest_at, told.decided_today) == (2, NOON, 1)
    assert review.desk.waiting(review.token(THEO)).decided_today == 0
    assert review.desk.services(review.token(RITA)) == ("S-1",)


def test_the_next_case_is_made_ready_without_being_taken(review: Review) -> None:
    """U-04: the lease starts when the case is shown."""
    token = review.token(RITA)
    ahead = review.desk.peek(token)

    assert review.desk.mine(token) is None
    assert review.count(fences) == 0
    assert review.desk.take_next(token, ANY).case_id == ahead


def test_look_alikes_are_of_the_same_service_or_group(review: Review) -> None:
    """U-12."""
    token, lease = taken(review)
    review.change(cases, {"service_id": "S-9", "group_id": None}, cases.c.account_id == "a2")

    assert [case.account_id for case in review.desk.look_alikes(token, lease.case_id)] == ["a1"]


def test_a_proposed_case_is_taken_up_by_a_senior(review: Review) -> None:
    """P-12: analysts only propose."""
    review.change(cases, {"state": "proposed"}, cases.c.account_id == "a0")
    case_id = review.case_of("a0").case_id

    assert [case.account_id for case in review.desk.queue(review.token(RITA), ANY).cases] == ["a1", "a2"]
    with pytest.raises(StaleCaseError):
        review.desk.take(review.token(RITA), case_id)
    assert review.desk.take(review.token(SENA), case_id).case_id == case_id
    review.desk.release(review.token(SENA))
    assert review.desk.case(case_id).state is CaseState.OPEN


def test_nothing_is_proposed_before_there_is_a_run(office: Staffed) -> None:
    propose, who = propose_cases(Home(office.home.root)), office.gate.who(office.token(SENA))

    with office.ledger.write() as connection, pytest.raises(EmptyHomeError):
        propose(connection, ["a0"], who, NOON)


def test_a_second_look_is_blind_goes_to_another_person_and_changes_nothing(office: Staffed) -> None:
    """P-16, M-07: drawn with the decision, begun when it can no longer be undone."""
    review = review_of(office, 1, policy=plain_policy(second_review_share=1.0))
    first = review.decide(RITA)
    assert tend_queue(office.ledger, now=office.clock()).second_reviews == 0
    office.forward(seconds=30)
    assert tend_queue(office.ledger, now=office.clock()).second_reviews == 1
    assert tend_queue(office.ledger, now=office.clock()).second_reviews == 0

    assert review.desk.take_next(review.token(RITA), ANY) is None
    token, lease = taken(review, THEO)
    assert review.desk.file(token, lease.case_id).is_blind
    assert review.desk.case(lease.case_id).lane == "second_review"
    told = review.desk.execute(token, review.command(lease, Outcome.REJECT))
    assert "nothing was changed" in told.message
    events = review.all(select(decision_events.c.event).where(decision_events.c.decision_id == first.decision_id))
    assert sorted(row.event for row in events) == [
        "second_review_disagreed",
        "second_review_drawn",
        "second_review_opened",
    ]
    assert (review.count(decisions), review.count(outbox)) == (1, 3)
    with office.ledger.read() as connection:
        frames = read_frames(connection)
    assert frames.reviews.select("first", "second").rows() == [("confirm", "reject")]


def test_a_second_look_that_agrees_says_so(office: Staffed) -> None:
    review = review_of(office, 1, policy=plain_policy(second_review_share=1.0))
    review.decide(RITA)
    office.forward(seconds=30)
    tend_queue(office.ledger, now=office.clock())
    review.decide(THEO)

    assert review.count(decision_events, decision_events.c.event == "second_review_agreed") == 1
    assert review.count(outbox) == 3


def known(office: Staffed) -> Review:
    review = review_of(office, 1)
    review.decide(RITA)
    office.forward(seconds=30)
    case_id = review.case_of("a0").case_id
    review.desk.execute(review.token(SENA), MarkKnownAnswer(idempotency_key="1", case_id=case_id))
    return review


def test_a_known_answer_is_shown_to_others_and_measured(office: Staffed) -> None:
    """P-16, M-06: nobody is told, nothing is asked of the platform, no strike is written."""
    review = known(office)
    assert review.desk.take_next(review.token(RITA), ANY) is None
    _, lease = taken(review, THEO)
    assert review.desk.case(lease.case_id).lane == "queue"
    step = review.desk.case(lease.case_id).step
    review.desk.execute(review.token(THEO), review.command(lease, Outcome.REJECT))
    review.decide(IVO)

    assert review.count(outbox) == 3
    assert review.desk.case(lease.case_id).step == step == 2
    with office.ledger.read() as connection:
        frames = read_frames(connection)
    figure = known_answer_figure(frames.decisions, frames.answers)
    assert sorted(figure.rows.select("person_id", "is_right").rows()) == [(IVO, True), (THEO, False)]
    assert review.one(select(known_answers.c.policy_version)).policy_version == load_policy().version


def test_a_known_answer_is_shown_to_as_many_as_the_policy_says(office: Staffed) -> None:
    review = review_of(office, 1, policy=plain_policy(known_answer_people=1))
    review.decide(RITA)
    office.forward(seconds=30)
    case_id = review.case_of("a0").case_id
    review.desk.execute(review.token(SENA), MarkKnownAnswer(idempotency_key="1", case_id=case_id))
    review.decide(THEO)

    assert review.desk.take_next(review.token(IVO), ANY) is None
    assert review.desk.case(case_id).state is CaseState.CLOSED


def test_what_is_a_known_answer(review: Review) -> None:
    token, lease = taken(review)
    mark = MarkKnownAnswer(idempotency_key="1", case_id=lease.case_id)

    with pytest.raises(RightsError):
        review.desk.execute(token, mark)
    with pytest.raises(InvalidCommandError, match="Only a decided case"):
        review.desk.execute(review.token(SENA), mark)
    review.desk.execute(token, review.command(lease))
    with pytest.raises(ConflictError, match="not settled"):
        review.desk.execute(review.token(SENA), mark)


def test_what_time_alone_moves_is_moved_once_and_audited(review: Review) -> None:
    receipt = review.decide(RITA)
    taken(review, THEO)
    review.office.forward(minutes=20)
    review.change(outbox, {"state": "delivered"})
    now = review.office.clock()
    told, again = tend_queue(review.office.ledger, now=now), tend_queue(review.office.ledger, now=now)

    assert (told.expired, told.closed, again.moved) == (1, 1, 0)
    assert review.count(audit, audit.c.verb == "TendQueue") == 1
    decided = review.one(select(decisions.c.case_id).where(decisions.c.decision_id == receipt.decision_id))
    assert review.desk.case(decided.case_id).state is CaseState.CLOSED


def test_a_case_stays_decided_while_something_of_it_is_on_its_way_or_dead(review: Review) -> None:
    receipt = review.decide(RITA)
    review.office.forward(minutes=20)
    for state in ("queued", "in_flight", "dead"):
        review.change(outbox, {"state": state})
        assert tend_queue(review.office.ledger, now=review.office.clock()).closed == 0
    decided = review.one(select(decisions.c.case_id).where(decisions.c.decision_id == receipt.decision_id))
    assert review.desk.case(decided.case_id).state is CaseState.DECIDED


def test_an_escalated_case_whose_lease_ran_out_is_escalated_still(office: Staffed) -> None:
    review = review_of(office, 1)
    review.decide(RITA, Outcome.ESCALATE)
    _, lease = taken(review, SENA)
    office.forward(minutes=16)
    tend_queue(office.ledger, now=office.clock())

    assert review.desk.case(lease.case_id).state is CaseState.ESCALATED
    assert review.desk.take_next(review.token(THEO), ANY) is None


def test_a_manager_takes_no_ordinary_case(review: Review) -> None:
    token: Any = review.token(MAX)

    with pytest.raises(ConflictError):
        review.desk.take(token, review.case_of("a0").case_id)


def test_a_case_that_is_not_there(review: Review) -> None:
    with pytest.raises(InvalidCommandError):
        review.desk.take(review.token(RITA), "nothing")
    with pytest.raises(InvalidCommandError):
        review.desk.case("nothing")


def test_a_case_that_was_deleted_is_refused_with_its_reason(review: Review) -> None:
    """X-23: the lease outlives nothing."""
    token, lease = taken(review)
    review.change(cases, {"state": "closed"}, cases.c.case_id == lease.case_id)

    assert review.desk.mine(token) is None
    with pytest.raises(StaleCaseError, match="closed already"):
        review.desk.execute(token, review.command(lease))


def test_a_skip_by_nobody_keeps_nobody_out(review: Review) -> None:
    with review.office.ledger.write() as connection:
        row = {"event_id": "x", "case_id": review.case_of("a0").case_id, "event": "skipped", "at": 0}
        connection.execute(insert(case_events).values(**row, reason="conflict"))

    assert review.desk.waiting(review.token(RITA)).count == 3


def test_services_are_called_as_the_case_file_and_people_call_them(review: Review) -> None:
    """The queue and its filter say names; what people named counts before the run's name."""
    token = review.token(SENA)

    assert review.desk.queue(token, ANY).services == {"S-1": "S-1"}
    with review.office.ledger.write() as connection:
        row = {"event_id": "e1", "service_id": "S-1", "event": "named", "person_id": ANA, "at": 1}
        connection.execute(insert(service_events).values(**row, detail='{"name": "Likes R Us"}'))

    assert review.desk.queue(token, ANY).services == {"S-1": "Likes R Us"}
    assert review.desk.service_names(token) == {"S-1": "Likes R Us"}
