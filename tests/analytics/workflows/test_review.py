"""The desk: one case at a time, decided once, with everything that follows from it in one transaction."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from analytics.workflows.cases import open_cases_of
from analytics.workflows.ledger_checks import ledger_faults
from analytics.workflows.policy import load_policy
from analytics.workflows.review import Decide, DeclareConflict, Desk, ExtendLease, QueueFilter, SaveDraft, Skip, Undo
from analytics.workflows.tending import tend_queue
from data.errors import (
    CommandError,
    ConflictError,
    InvalidCommandError,
    KeyReusedError,
    RightsError,
    SessionError,
    StaleCaseError,
)
from data.records import ActionKind, CaseState, Lease, Outcome, ReasonCode, Role
from data.tables import (
    actions,
    audit,
    cases,
    commands,
    decision_engagements,
    decision_events,
    decisions,
    leases,
    notices,
    outbox,
    people,
    statements,
)
from tests.analytics.workflows.case_world import (
    ANA,
    ANY,
    IVO,
    MAX,
    RITA,
    SENA,
    THEO,
    Review,
    lent_accounts,
    plain_policy,
    review_of,
    run_of,
)
from tests.delivery_world import micros
from tests.ledger_fixtures import Staffed

K = ActionKind


@pytest.fixture
def review(office: Staffed) -> Review:
    return review_of(office, 3)


def taken(review: Review, person_id: str = RITA) -> tuple[str, Lease]:
    token = review.token(person_id)
    lease = review.desk.take_next(token, ANY)
    assert lease is not None
    return token, lease


def asked(review: Review, decision_id: str | None) -> list[tuple[str, int, int]]:
    """What the outbox holds for a decision: kind, engagements, seconds after the decision from which it may leave."""
    query = (
        select(actions.c.kind, actions.c.engagements, outbox.c.not_before, actions.c.created_at)
        .join(outbox)
        .where(actions.c.decision_id == decision_id)
        .order_by(actions.c.position)
    )
    return [(row[0], row[1], (row[2] - row[3]) // 1_000_000) for row in review.all(query)]


def test_a_confirmation_writes_everything_that_follows_from_it(review: Review) -> None:
    """P-05, A.3: decision, actions in order, notice, statement; nothing may leave before the undo window is over."""
    receipt = review.decide(RITA)

    kinds = asked(review, receipt.decision_id)
    assert [(kind, count) for kind, count, _ in kinds] == [
        ("reset_password", 0),
        ("warn", 0),
        ("remove_engagements", 9),
    ]
    assert [wait for _, _, wait in kinds[:2]] == [30, 30]
    assert kinds[2][2] >= 30 + 900
    assert review.count(notices) == review.count(statements) == review.count(decisions) == 1
    assert review.one(select(cases.c.state, cases.c.version).where(cases.c.account_id == "a0")) == ("decided", 2)
    assert receipt.undo_until == review.office.clock() + timedelta(seconds=30)
    assert receipt.message == "Case 1 confirmed: 9 engagements, step 1."


def test_notice_statement_outbox_and_rows_agree_on_the_counts(review: Review) -> None:
    """U-07, N-01: a part is confirmed; every place counts the same."""
    token, lease = taken(review)
    command = review.command(lease)
    part = frozenset(sorted(command.engagement_ids)[:7])
    review.desk.execute(token, replace(command, engagement_ids=part))

    kept = review.one(select(decision_engagements))
    body = json.loads(review.one(select(actions.c.body).where(actions.c.kind == K.REMOVE_ENGAGEMENTS)).body)
    assert set(body["engagement_ids"]) == part
    likes, follows = kept.removed_likes, kept.removed_follows
    assert likes + follows == 7
    notice, statement = review.one(select(notices)), json.loads(review.one(select(statements)).content)
    assert f"{likes} curtidas e {follows} contas seguidas" in notice.body
    assert f"{likes} likes and {follows} follow" in statement["decision_facts"]
    assert review.one(select(decisions)).is_partial
    told = json.loads(review.one(select(audit).where(audit.c.verb == "Decide")).after)["facts"]["removed"]
    assert told == {"like": likes, "follow": follows}


def test_the_warning_carries_the_notice_word_for_word_as_it_was_shown(review: Review) -> None:
    """N-07: the exact text was on the screen before."""
    token, lease = taken(review)
    command = review.command(lease)
    shown = review.desk.plan(token, lease.case_id, command.engagement_ids).notice
    review.desk.execute(token, command)

    body = json.loads(review.one(select(actions.c.body).where(actions.c.kind == K.WARN)).body)
    stored = review.one(select(notices))
    assert body["notice"] == {"language": shown.language, "title": shown.title, "body": shown.body}
    assert (stored.title, stored.body) == (shown.title, shown.body)


@pytest.mark.parametrize("outcome", [Outcome.REJECT, Outcome.ESCALATE])
def test_anything_but_a_confirmation_asks_nothing_of_the_platform(review: Review, outcome: Outcome) -> None:
    receipt = review.decide(RITA, outcome)

    assert asked(review, receipt.decision_id) == []
    assert review.count(notices) == review.count(statements) == 0
    kept = review.one(select(decision_engagements))
    assert (kept.removed_likes, kept.proposed) == (0, 9)


def test_a_large_removal_leaves_in_calls_of_a_thousand(office: Staffed) -> None:
    review = review_of(office, 1)
    _many(review, 2_500)
    token, lease = taken(review)
    chosen = frozenset(f"m{n}" for n in range(2_500))
    receipt = review.desk.execute(token, review.command(lease, engagement_ids=chosen))

    assert [count for kind, count, _ in asked(review, receipt.decision_id) if kind == K.REMOVE_ENGAGEMENTS] == [
        1_000,
        1_000,
        500,
    ]


def _many(review: Review, count: int) -> None:
    """Put a case with that many likes into the queue."""
    log = lent_accounts(1, first=5)
    log.connection.execute("delete from snapshot.engagements; delete from run.engagement_scores")
    log.connection.execute(
        f'insert into snapshot.engagements (engagement_key, engagement_id, kind, actor_key, target_key, "at") '
        f"select n, 'm' || n, 0, 5, 9000, {micros(review.office.clock())} - n from range({count}) t(n)"
    )
    log.connection.execute(
        "insert into run.engagement_scores (engagement_key, account_key, p, band) "
        f"select n, 5, 0.99, 2 from range({count}) t(n)"
    )
    review.change(cases, {"state": "closed"})
    open_cases_of(log, run_of("r-2"), review.office.ledger, now=review.office.clock(), policy=plain_policy())


def test_a_click_and_its_twins_have_one_effect(review: Review) -> None:
    """F-01: the same command five times at once."""
    token, lease = taken(review)
    command, gate = review.command(lease), threading.Barrier(5)

    def click(_: int) -> Any:
        gate.wait()
        return review.desk.execute(token, command)

    with ThreadPoolExecutor(5) as pool:
        receipts = list(pool.map(click, range(5)))

    assert len({receipt.decision_id for receipt in receipts}) == 1
    assert sorted(receipt.repeated for receipt in receipts) == [False, True, True, True, True]
    assert (review.count(decisions), review.count(notices), review.count(statements)) == (1, 1, 1)
    assert (review.count(actions), review.count(outbox)) == (3, 3)
    assert review.desk.case(lease.case_id).step == 2
    assert review.count(audit, audit.c.verb == "Decide") == 1


def test_two_clicks_with_keys_of_their_own_have_one_effect_too(review: Review) -> None:
    """F-01: where the page minted two keys, the state of the case holds the second one off."""
    token, lease = taken(review)
    command, gate = review.command(lease), threading.Barrier(3)

    def click(key: int) -> str:
        gate.wait()
        try:
            review.desk.execute(token, replace(command, idempotency_key=f"key-{key}"))
        except StaleCaseError as error:
            return error.message
        return "done"

    with ThreadPoolExecutor(3) as pool:
        told = sorted(pool.map(click, range(3)))

    assert told == ["The case moved on: it is decided already."] * 2 + ["done"]
    assert (review.count(decisions), review.count(actions), review.count(notices)) == (1, 3, 1)


def test_a_key_never_stands_for_two_decisions(review: Review) -> None:
    token, lease = taken(review)
    command = review.command(lease)
    review.desk.execute(token, command)

    with pytest.raises(KeyReusedError):
        review.desk.execute(token, replace(command, outcome=Outcome.REJECT, engagement_ids=frozenset()))


REFUSED: dict[str, tuple[Any, type[CommandError], str]] = {
    "without a lease": (lambda r, c: r.change(leases, {"person_id": THEO}), StaleCaseError, "a colleague holds it"),
    "with a lease that ran out": (
        lambda r, c: r.change(leases, {"expires_at": micros(r.office.clock())}),
        StaleCaseError,
        "ran out",
    ),
    "with an old fence": (lambda r, c: replace(c, fence=c.fence - 1), StaleCaseError, "taken again"),
    "with a fence nobody gave out": (lambda r, c: replace(c, fence=c.fence + 1), StaleCaseError, "taken again"),
    "of another version": (lambda r, c: replace(c, version=c.version + 1), StaleCaseError, "changed since"),
    "that was decided": (lambda r, c: r.change(cases, {"state": "decided"}), StaleCaseError, "decided already"),
    "that was put back": (lambda r, c: r.change(cases, {"state": "open"}), StaleCaseError, "nobody holds it"),
    "that is not there": (lambda r, c: replace(c, case_id="nothing"), InvalidCommandError, "no such case"),
    "of their own": (lambda r, c: declare(r, "a0"), ConflictError, "not for you"),
    "with rows of another case": (
        lambda r, c: replace(c, engagement_ids=c.engagement_ids | {"a1/5"}),
        InvalidCommandError,
        "not of this case",
    ),
    "with nothing ticked": (lambda r, c: replace(c, engagement_ids=frozenset()), InvalidCommandError, "Nothing"),
    "with only an unfollow": (
        lambda r, c: replace(c, engagement_ids=frozenset({"a0/14"})),
        InvalidCommandError,
        "Nothing",
    ),
    "with a reason that does not fit": (
        lambda r, c: replace(c, reason=ReasonCode.NOT_INAUTHENTIC),
        InvalidCommandError,
        "does not go with",
    ),
    # P-06: only "other" asks for a note.
    "with a wordless other": (lambda r, c: replace(c, reason=ReasonCode.OTHER), InvalidCommandError, "explanation"),
    "with a note too long": (lambda r, c: replace(c, note="x" * 2_001), InvalidCommandError, "at most"),
    "that rejects and removes": (
        lambda r, c: replace(c, outcome=Outcome.REJECT, reason=ReasonCode.NOT_INAUTHENTIC),
        InvalidCommandError,
        "Only a confirmation",
    ),
}


def declare(review: Review, account_id: str) -> None:
    review.desk.execute(review.token(RITA), DeclareConflict(idempotency_key="mine", account_id=account_id))


@pytest.mark.parametrize("what", REFUSED)
def test_a_case_cannot_be_decided(review: Review, what: str) -> None:
    """X-23: refused with the reason, nothing written, one audit row; and the first valid decision stands."""
    change, error, words = REFUSED[what]
    token, lease = taken(review)
    command = review.command(lease)
    changed = change(review, command)
    sent = changed if isinstance(changed, Decide) else command

    with pytest.raises(error, match=words):
        review.desk.execute(token, sent)
    assert review.count(decisions) == review.count(actions) == review.count(notices) == 0
    refusals = review.all(select(audit).where(audit.c.verb == "Decide.refused"))
    assert [row.reason_code for row in refusals] == [error.__name__]


def test_the_right_is_asked_again_at_the_moment_of_the_decision(review: Review) -> None:
    """X-21: a role taken away a moment ago no longer counts."""
    token, lease = taken(review)
    command = review.command(lease)
    review.change(people, {"roles": Role.ANALYST.value}, people.c.person_id == RITA)

    with pytest.raises(RightsError):
        review.desk.execute(token, command)
    assert review.count(decisions) == 0


def test_a_decision_after_a_quarter_of_an_hour_of_silence_needs_a_new_sign_in(review: Review) -> None:
    """X-22."""
    token, lease = taken(review)
    command = review.command(lease)
    review.office.forward(minutes=16)

    with pytest.raises(SessionError):
        review.desk.execute(token, command)


@pytest.mark.parametrize("person_id", [ANA])
def test_cases_are_for_reviewers(review: Review, person_id: str) -> None:
    token = review.token(person_id)

    for ask in (review.desk.waiting, review.desk.mine, review.desk.services):
        with pytest.raises(RightsError):
            ask(token)


def test_only_whoever_holds_a_case_reads_its_file(review: Review) -> None:
    """T-01: no look at an account without a reason that is on record."""
    _, lease = taken(review)

    with pytest.raises(RightsError):
        review.desk.file(review.token(THEO), lease.case_id)
    with pytest.raises(RightsError):
        review.desk.plan(review.token(SENA), lease.case_id, frozenset())


def test_a_list_names_no_handle_and_the_held_case_does(review: Review) -> None:
    """D.5: the handle is for whoever holds the case."""
    token, lease = taken(review)

    assert {case.handle for case in review.desk.queue(token, ANY).cases} == {""}
    assert review.desk.case(lease.case_id).handle == "@owner0"


def test_the_credential_reset_can_skip_the_undo_window_and_nothing_else_does(review: Review) -> None:
    """U-05: urgent, because somebody else has the password."""
    token, lease = taken(review)
    receipt = review.desk.execute(token, review.command(lease, is_urgent=True))

    assert [wait for _, _, wait in asked(review, receipt.decision_id)[:2]] == [0, 30]


def test_what_is_not_about_credentials_is_never_urgent(review: Review) -> None:
    token, lease = taken(review)
    command = review.command(lease, is_urgent=True, reason=ReasonCode.PURCHASED_LIKES)

    assert asked(review, review.desk.execute(token, command).decision_id)[0][2] == 30


def test_a_blind_case_shows_no_opinion_until_it_is_decided(office: Staffed) -> None:
    """S-01: decide, then reveal."""
    review = review_of(office, 1, policy=plain_policy(blind_share=1.0))
    token, lease = taken(review)
    hidden = review.desk.file(token, lease.case_id)

    assert hidden.is_blind
    assert hidden.contributions == ()
    assert hidden.model_version == ""
    assert hidden.engagements["p"].null_count() == hidden.engagements.height
    assert {line.contribution for line in hidden.evidence} == {None}
    review.desk.execute(token, review.command(lease))
    shown = review.desk.file(token, lease.case_id)
    assert not shown.is_blind
    assert len(shown.contributions) == 1
    assert shown.engagements["p"].null_count() == 0


def test_a_case_without_the_chart_says_the_same_in_sentences(office: Staffed) -> None:
    """S-03: the experiment takes the chart away, never the reasons."""
    review = review_of(office, 1, policy=plain_policy(unexplained_share=1.0))
    token, lease = taken(review)
    file = review.desk.file(token, lease.case_id)

    assert file.contributions == ()
    assert file.evidence[0].sentence == "A sentence about pace."
    review.desk.execute(token, review.command(lease))
    assert not review.one(select(decisions)).explanation_shown


def test_the_decision_keeps_what_was_seen_and_under_which_rules(review: Review) -> None:
    token, lease = taken(review)
    digest = review.desk.file(token, lease.case_id).content_hash
    review.desk.execute(token, review.command(lease, note=" seen twice "))

    row = review.one(select(decisions))
    assert (row.evidence_hash, row.model_version, row.policy_version) == (digest, "m-1", load_policy().version)
    assert (row.note, row.role, row.fence, row.case_version) == ("seen twice", "reviewer", 1, 1)
    entry = review.one(select(audit).where(audit.c.verb == "Decide"))
    assert (entry.explanation_hash, entry.fence, entry.case_version) == (digest, 1, 2)


def test_every_decided_ledger_keeps_its_rules(review: Review) -> None:
    review.decide(RITA)
    review.decide(THEO, Outcome.REJECT)
    review.decide(SENA, Outcome.ESCALATE)

    with review.office.ledger.read() as connection:
        assert list(ledger_faults(connection)) == []


def test_an_escalated_case_goes_to_a_senior_who_did_not_escalate_it(office: Staffed) -> None:
    review = review_of(office, 1)
    review.decide(SENA, Outcome.ESCALATE)

    assert review.desk.take_next(review.token(RITA), ANY) is None
    assert review.desk.take_next(review.token(SENA), ANY) is None
    assert review.decide(IVO).message.startswith("Case 1 confirmed")


@pytest.mark.parametrize(
    ("strikes", "kinds"),
    [
        (0, ["reset_password", "warn", "remove_engagements"]),
        (1, ["reset_password", "warn", "remove_engagements"]),
        (2, ["reset_password", "warn", "limit", "remove_engagements"]),
    ],
)
def test_the_steps_that_one_person_takes(office: Staffed, strikes: int, kinds: list[str]) -> None:
    """A.6: 1 and 2 remove, warn and reset; 3 takes liking, following and commenting for seven days."""
    review = review_of(office, 1)
    for n in range(strikes):
        review.strike("a0", 60 - n)
    receipt = review.decide(RITA)

    assert [kind for kind, _, _ in asked(review, receipt.decision_id)] == kinds
    ends = [row.ends_at for row in review.all(select(actions).where(actions.c.kind == K.LIMIT))]
    assert ends == ([micros(review.office.clock() + timedelta(days=7))] if strikes == 2 else [])
    assert (
        review.one(select(decisions.c.step).where(decisions.c.decision_id == receipt.decision_id)).step == strikes + 1
    )


def test_a_suspension_needs_a_second_person(office: Staffed) -> None:
    """A.6: the fourth step; the first person proposes, a senior who is somebody else agrees."""
    review = review_of(office, 1)
    for n in range(3):
        review.strike("a0", 60 - n)
    token, lease = taken(review)
    plan = review.desk.plan(token, lease.case_id, review.command(lease).engagement_ids)
    assert plan.needs_second_person
    assert [action.kind for action in plan.actions] == [K.RESET_PASSWORD, K.WARN, K.SUSPEND, K.REMOVE_ENGAGEMENTS]
    proposed = review.desk.execute(token, review.command(lease))

    assert asked(review, proposed.decision_id) == []
    assert (
        review.one(select(cases.c.state).where(cases.c.account_id == "a0", cases.c.state != "closed")).state
        == "escalated"
    )
    assert review.desk.take_next(review.token(THEO), ANY) is None
    token, lease = taken(review, SENA)
    assert not review.desk.plan(token, lease.case_id, review.command(lease).engagement_ids).needs_second_person
    agreed = review.desk.execute(token, review.command(lease))
    assert [kind for kind, _, _ in asked(review, agreed.decision_id)] == [
        "reset_password",
        "warn",
        "suspend",
        "remove_engagements",
    ]
    assert review.desk.case(lease.case_id).step == 5


def test_closing_an_account_needs_a_senior_and_a_manager(office: Staffed) -> None:
    """A.6: the fifth step."""
    review = review_of(office, 1)
    for n in range(4):
        review.strike("a0", 60 - n)
    assert "must agree" in review.decide(RITA).message
    assert review.desk.take_next(review.token(MAX), ANY) is not None
    review.desk.release(review.token(MAX))
    assert review.decide(SENA).message == "Case 1 proposed: a manager must agree before anything is sent."
    with pytest.raises(RightsError, match="a manager"):
        review.decide(IVO)
    review.desk.release(review.token(IVO))
    done = review.decide(MAX)

    suspended = review.one(select(actions).where(actions.c.kind == K.SUSPEND))
    assert (suspended.decision_id, suspended.ends_at) == (done.decision_id, None)
    with office.ledger.read() as connection:
        faults = list(ledger_faults(connection))
    assert not [fault for fault in faults if "not in the audit chain" not in fault]


def test_a_manager_sees_only_what_waits_for_a_manager(office: Staffed) -> None:
    review = review_of(office, 3)
    review.decide(RITA, Outcome.ESCALATE)

    assert review.desk.queue(review.token(MAX), ANY).total == 0
    assert review.desk.take_next(review.token(MAX), ANY) is None


def test_eight_people_empty_a_queue_without_meeting(office: Staffed) -> None:
    """F-07: no case is shown to two people at overlapping times; every case is decided once; none is lost."""
    review, names = review_of(office, 80), _crowd(office, 8)
    held: list[tuple[str, int]] = []

    def work(person_id: str) -> int:
        token, done = review.token(person_id), 0
        while (lease := review.desk.take_next(token, ANY)) is not None:
            held.append((lease.case_id, lease.fence))
            review.desk.execute(token, review.command(lease, Outcome.REJECT))
            done += 1
        return done

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, names))

    assert sum(done) == 80
    assert sorted(held) == sorted((case_id, 1) for case_id in {case_id for case_id, _ in held})
    assert review.count(decisions) == 80
    assert review.count(cases, cases.c.state == CaseState.DECIDED) == 80


@pytest.mark.slow
def test_eight_people_empty_a_queue_of_five_hundred(office: Staffed) -> None:
    """F-07, at its full size."""
    review, names = review_of(office, 500), _crowd(office, 8)

    def work(person_id: str) -> list[str]:
        token, mine = review.token(person_id), []
        while (lease := review.desk.take_next(token, ANY)) is not None:
            mine.append(lease.case_id)
            review.desk.execute(token, review.command(lease))
        return mine

    with ThreadPoolExecutor(8) as pool:
        done = [case_id for mine in pool.map(work, names) for case_id in mine]

    assert len(done) == len(set(done)) == review.count(decisions) == 500


def _crowd(office: Staffed, count: int) -> list[str]:
    """More demo reviewers than the demo has."""
    names = [f"crowd-{n}" for n in range(count)]
    row = {"name": "Somebody", "roles": "reviewer", "is_demo": True, "is_active": True, "settings": "{}"}
    with office.ledger.write() as connection:
        connection.execute(insert(people), [{"person_id": name, "created_at": 0, **row} for name in names])
    return names


def test_the_desk_takes_no_session_that_ended(review: Review) -> None:
    desk: Desk = review.desk

    with pytest.raises(SessionError):
        desk.take_next("nobody", QueueFilter())
    assert review.count(commands) == 0


def test_removals_are_delayed_by_chance_so_that_their_moment_tells_nothing(office: Staffed) -> None:
    review = review_of(office, 6)
    waits = {asked(review, review.decide(RITA).decision_id)[2][2] for _ in range(6)}

    assert len(waits) == 6
    assert all(930 <= wait <= 930 + 5_400 for wait in waits)


def test_a_day_at_the_desk_on_either_database(staffed: Staffed) -> None:
    """The same code on SQLite and PostgreSQL: every read and every write of the desk once."""
    review = review_of(staffed, 6, policy=plain_policy(second_review_share=1.0))
    desk, rita, theo = review.desk, review.token(RITA), review.token(THEO)
    confirmed = review.decide(RITA)
    undone = review.decide(RITA, Outcome.REJECT)
    desk.execute(rita, Undo(idempotency_key="undo", decision_id=str(undone.decision_id)))
    held = desk.mine(rita)
    assert held is not None
    desk.execute(rita, SaveDraft(idempotency_key="draft", case_id=held.case_id, fence=held.fence, text="half"))
    desk.execute(rita, ExtendLease(idempotency_key="more", case_id=held.case_id, fence=held.fence))
    desk.execute(rita, Skip(idempotency_key="skip", case_id=held.case_id, fence=held.fence, reason="conflict"))
    review.decide(THEO, Outcome.ESCALATE)
    desk.execute(theo, DeclareConflict(idempotency_key="known", account_id="a5"))
    staffed.forward(seconds=31)
    tended = tend_queue(staffed.ledger, now=staffed.clock())

    assert (tended.second_reviews, tended.expired) == (1, 0)
    assert [one.account_id for one in desk.queue(theo, QueueFilter(priority="high", service_id="S-1")).cases] == []
    assert {one.account_id for one in desk.queue(theo, ANY).cases} == {"a0", "a2", "a3", "a4"}
    assert desk.waiting(rita).count == 4
    assert desk.undoable(rita) is None
    assert desk.queue(review.token(MAX), ANY).total == 0
    lease = desk.take_next(theo, ANY)
    assert lease is not None
    assert desk.plan(theo, lease.case_id, review.command(lease).engagement_ids).step == 2
    assert len(desk.look_alikes(theo, lease.case_id)) == 3
    assert desk.execute(theo, review.command(lease)).decision_id is None
    events = {row.event for row in review.all(select(decision_events.c.event))}
    assert {"second_review_agreed", "undone"} <= events
    assert review.count(actions, actions.c.decision_id == confirmed.decision_id) == 3


@pytest.mark.parametrize("minutes", [9, 11])
def test_closing_an_account_needs_a_sign_in_of_the_last_ten_minutes(office: Staffed, minutes: int) -> None:
    """D.2: to ask for it and to agree to it; a refusal leaves nothing, and the case stays with whoever holds it."""
    review = review_of(office, 1)
    for n in range(4):
        review.strike("a0", 60 - n)
    token, lease = taken(review)
    office.forward(minutes=minutes)
    before = review.count(decisions)
    if minutes < 10:
        assert "must agree" in review.desk.execute(token, review.command(lease)).message
        return
    with pytest.raises(RightsError, match="last ten minutes"):
        review.desk.execute(token, review.command(lease))

    assert review.count(decisions) == before
    assert review.desk.mine(token) is not None
    assert "must agree" in review.desk.execute(review.token(RITA), review.command(lease)).message


def test_a_light_step_needs_no_fresh_sign_in(review: Review) -> None:
    token, lease = taken(review)
    review.office.forward(minutes=11)

    assert "confirmed" in review.desk.execute(token, review.command(lease)).message
