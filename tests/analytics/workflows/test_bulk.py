"""U-09 to U-13, F-12, F-19: many alike cases from the frozen list to the report."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text, update

from analytics.casework.bulk import draw_sample
from analytics.workflows import bulk_run
from analytics.workflows.bulk import ApproveBulk, BulkQuery, FreezeBulk, StopBulk
from analytics.workflows.bulk_reads import load_bulk_rules
from analytics.workflows.bulk_run import run_bulks
from analytics.workflows.deliver import deliver_due
from analytics.workflows.ledger_checks import ledger_faults
from analytics.workflows.work import Worker
from data.audit_chain import canonical
from data.errors import CommandError, ConflictError, InvalidCommandError, RightsError, StaleCaseError
from data.home import Home
from data.platform.connector import Connector
from data.records import ActionKind, ReasonCode
from data.tables import audit, bulk_events, bulks, case_events, cases, decision_events, decisions, outbox, people
from tests.analytics.workflows.bulk_world import AT_ONCE, SERVICE, BulkWorld
from tests.delivery_world import NOON, Clock, SandboxServer, decide, micros


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[BulkWorld]:
    world = BulkWorld(Home(tmp_path), clock)
    yield world
    world.ledger.close()


def stop(world: BulkWorld, bulk_id: str, who: str = "theo") -> str:
    return world.bulk.execute(world.token(who), StopBulk(idempotency_key=world.key(), bulk_id=bulk_id)).message


def revoke(world: BulkWorld, person_id: str, roles: str = "viewer") -> None:
    with world.ledger.write() as connection:
        connection.execute(update(people).where(people.c.person_id == person_id).values(roles=roles))


def state(world: BulkWorld, bulk_id: str) -> str:
    return world.bulk.open(world.token("rita"), bulk_id).state


def test_a_bulk_from_the_list_to_the_report(world: BulkWorld) -> None:
    """U-09 to U-12: frozen, sampled, approved, run, and every case decided once in its author's name."""
    ids = world.cases(40)
    bulk_id = world.freeze()
    record = world.bulk.open(world.token("rita"), bulk_id)
    assert (record.state, len(record.case_ids), len(record.sample_ids)) == ("previewed", 40, 30)
    assert record.sample_ids == draw_sample(ids, record.sample_seed, load_bulk_rules())

    world.sample_at_the_desk(bulk_id)
    world.approve(bulk_id)
    world.start(bulk_id)
    assert world.run() == 10

    done = world.bulk.open(world.token("rita"), bulk_id)
    assert (done.state, done.progress.decided, dict(done.progress.skipped)) == ("done", 10, {})
    by_run = world.rows(decisions, bulk_id=bulk_id)
    assert {row.person_id for row in by_run} == {"demo-rita"}
    assert {row.case_id for row in by_run} == set(ids) - set(record.sample_ids)
    assert {row.state for row in world.rows(cases)} == {"decided"}
    assert Counter(row.case_id for row in world.rows(decisions)) == Counter(ids)
    with world.ledger.read() as connection:
        assert list(ledger_faults(connection)) == []
    told = [row for row in world.rows(audit) if row.subject.startswith("case-") and "bulk_id" in row.after]
    assert len(told) == 10


def test_each_decision_of_a_run_removes_what_was_proposed_and_nothing_else(
    world: BulkWorld, connector: Connector, sandbox: SandboxServer, clock: Clock
) -> None:
    bulk_id = world.ready(31)
    world.start(bulk_id)
    world.run()
    (row,) = world.rows(decisions, bulk_id=bulk_id)
    clock.forward(60)
    deliver_due(world.ledger, connector, now=clock, worker_id="w", settings=AT_ONCE, limit=500)

    removed = sandbox.get(f"/v1/accounts/{row.account_id}")["removed"]
    assert removed == [f"{row.case_id}/like-{n}" for n in range(3)]
    assert sandbox.order_of_effects(row.account_id)[:3] == ["sessions_revoked", "password_reset", "link_sent"]


def test_a_run_goes_on_where_it_was_broken_off(world: BulkWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in the middle of one case leaves that case untouched, and no case is decided twice."""
    bulk_id = world.ready(40)
    world.start(bulk_id)
    world.run(most=4)
    real, calls = bulk_run.write_finding, []

    def breaks(*args: Any) -> Any:
        calls.append(args)
        written = real(*args)
        if len(calls) == 2:
            raise OSError("the machine stopped")
        return written

    monkeypatch.setattr(bulk_run, "write_finding", breaks)
    with pytest.raises(OSError, match="stopped"):
        world.run()
    assert len(world.rows(decisions, bulk_id=bulk_id)) == 5
    monkeypatch.undo()

    assert world.run() == 5
    assert state(world, bulk_id) == "done"
    assert max(Counter(row.case_id for row in world.rows(decisions)).values()) == 1


def test_the_worker_decides_what_was_started(
    world: BulkWorld, connector: Connector, sandbox: SandboxServer, tmp_path: Path, clock: Clock
) -> None:
    bulk_id = world.ready(33)
    world.start(bulk_id)
    worker = Worker(
        home=Home(tmp_path),
        ledger=world.ledger,
        connector=connector,
        settings=AT_ONCE,
        clock=clock,
        worker_id="w",
    )
    worker.run(threading.Event(), rounds=1)

    assert state(world, bulk_id) == "done"
    assert len(world.rows(decisions, bulk_id=bulk_id)) == 3


def test_two_workers_at_once_decide_each_case_once(world: BulkWorld) -> None:
    bulk_id = world.ready(50)
    world.start(bulk_id)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: world.run(), range(2)))
    world.run()

    assert Counter(row.case_id for row in world.rows(decisions)) == Counter(row.case_id for row in world.rows(cases))
    assert [row.event for row in world.rows(bulk_events)].count("done") == 1


def test_what_moved_on_meanwhile_is_left_alone_and_said(world: BulkWorld) -> None:
    bulk_id = world.ready(40)
    record = world.bulk.open(world.token("rita"), bulk_id)
    others = [case_id for case_id in record.case_ids if case_id not in record.sample_ids]
    world.desk.take(world.token("sena"), others[0])
    with world.ledger.write() as connection:
        row = {"event_id": "e", "case_id": others[1], "event": "skipped", "person_id": "demo-rita"}
        connection.execute(insert(case_events).values(**row, reason="conflict", at=micros(NOON)))
    world.start(bulk_id)
    world.run()

    progress = world.bulk.open(world.token("rita"), bulk_id).progress
    assert (progress.decided, progress.skipped) == (8, {"moved_on": 1, "not_for_author": 1})
    assert [row.state for row in world.rows(cases, case_id=others[0])] == ["leased"]


def test_a_severe_step_is_never_decided_in_a_list(world: BulkWorld, clock: Clock) -> None:
    """A suspension takes a second person for that account alone."""
    bulk_id = world.ready(32)
    record = world.bulk.open(world.token("rita"), bulk_id)
    severe = next(case_id for case_id in record.case_ids if case_id not in record.sample_ids)
    (row,) = world.rows(cases, case_id=severe)
    with world.ledger.write() as connection:
        for _ in range(3):
            decide(connection, [ActionKind.WARN], account_id=row.account_id, at=clock())
    world.start(bulk_id)
    world.run()

    assert world.bulk.open(world.token("rita"), bulk_id).progress.skipped == {"severe": 1}


def test_large_and_measured_cases_stay_out_of_the_list(world: BulkWorld) -> None:
    """U-11: above the follower line only by name; cases that measure reviewers never."""
    plain = world.cases(3)
    (large,) = world.cases(1, followers=2_000_000)
    world.cases(1, lane="random_audit")
    world.cases(1, is_blind=True)
    world.cases(1, state="snoozed")
    world.cases(1, service_id="S-08")
    world.cases(1, score=0.5)
    query = BulkQuery(service_id=SERVICE, least_score=0.9)

    looked = world.bulk.look(world.token("rita"), query)
    named = world.bulk.look(world.token("rita"), query, frozenset({large}))

    assert [one.case_id for one in looked.taken] == plain
    assert [one.case_id for one in looked.above_line] == [large]
    assert [one.case_id for one in named.taken] == [*plain, large]


def test_cases_with_nothing_proposed_stay_out_of_a_mixed_list(world: BulkWorld) -> None:
    """U-11: neither looked at as part of the list nor frozen into it; how many they are is said."""
    plain = world.cases(3)
    world.cases(2, proposed_likes=0)
    query = BulkQuery(service_id=SERVICE)

    looked = world.bulk.look(world.token("rita"), query)
    assert [one.case_id for one in looked.taken] == plain
    assert looked.unproposed == 2
    assert list(world.bulk.open(world.token("rita"), world.freeze()).case_ids) == plain


def test_a_list_in_which_nothing_is_proposed_is_refused(world: BulkWorld) -> None:
    world.cases(2, proposed_likes=0)
    with pytest.raises(InvalidCommandError, match="No case fits"):
        world.freeze()


def test_the_sample_is_marked_in_the_queue_and_given_back_by_a_stop(world: BulkWorld) -> None:
    world.cases(35)
    bulk_id = world.freeze()
    assert Counter(row.lane for row in world.rows(cases)) == {"bulk_sample": 30, "queue": 5}

    stop(world, bulk_id)
    assert {row.lane for row in world.rows(cases)} == {"queue"}


@pytest.mark.parametrize(("reject", "part", "words"), [(2, 0, "Only 28 of 30"), (1, 1, "Only 28 of 30")])
def test_a_doubtful_sample_blocks_approval_and_start(world: BulkWorld, reject: int, part: int, words: str) -> None:
    """U-10: a confirmation of only a part says that the proposal was wrong as well."""
    world.cases(40)
    bulk_id = world.freeze()
    with pytest.raises(ConflictError, match="30 of 30 sampled cases are not decided yet"):
        world.approve(bulk_id)
    world.sample(bulk_id, reject=reject, part=part)
    for step in (world.approve, world.start):
        with pytest.raises(ConflictError, match=words):
            step(bulk_id)


def test_one_rejection_in_thirty_still_lets_it_go_on(world: BulkWorld) -> None:
    world.cases(40)
    bulk_id = world.freeze()
    world.sample(bulk_id, reject=1)
    world.approve(bulk_id)
    world.start(bulk_id)

    assert state(world, bulk_id) == "executing"


def test_nobody_approves_their_own_bulk_and_nobody_else_starts_it(world: BulkWorld) -> None:
    """F-19, D.2: author and approver are two persons."""
    world.cases(40)
    bulk_id = world.freeze("sena")
    world.sample(bulk_id)
    with pytest.raises(ConflictError, match="own bulk"):
        world.approve(bulk_id, "sena")
    with pytest.raises(RightsError):
        world.approve(bulk_id, "theo")
    with pytest.raises(ConflictError, match="not approved"):
        world.start(bulk_id, "sena")
    world.approve(bulk_id, "max")
    with pytest.raises(ConflictError, match="Only its author"):
        world.start(bulk_id, "rita")

    refused = [row.verb for row in world.rows(audit) if row.verb.endswith(".refused")]
    assert refused == ["ApproveBulk.refused", "ApproveBulk.refused", "ExecuteBulk.refused", "ExecuteBulk.refused"]
    assert world.run() == 0


def test_two_approvals_and_two_starts_at_once_make_one_execution(world: BulkWorld) -> None:
    """F-19."""
    world.cases(40)
    bulk_id = world.freeze()
    world.sample(bulk_id)

    def both(act: Any, people_: tuple[str, str]) -> list[str]:
        def once(who: str) -> str:
            try:
                return str(act(bulk_id, who).command)
            except CommandError as error:
                return type(error).__name__

        with ThreadPoolExecutor(2) as pool:
            return sorted(pool.map(once, people_))

    assert both(world.approve, ("sena", "max")) == ["ApproveBulk", "ConflictError"]
    assert both(world.start, ("rita", "rita")) == ["ExecuteBulk", "StaleCaseError"]
    assert [row.event for row in world.rows(bulk_events)] == ["previewed", "approved", "executing"]


def test_another_list_than_the_frozen_one_is_neither_approved_nor_started(world: BulkWorld) -> None:
    """F-19, U-09."""
    world.cases(40)
    bulk_id = world.freeze()
    world.sample(bulk_id)
    with pytest.raises(ConflictError, match="not the list"):
        world.approve(bulk_id, list_hash="0" * 64)
    world.approve(bulk_id)
    with pytest.raises(ConflictError, match="not the list"):
        world.start(bulk_id, list_hash="0" * 64)


def test_a_list_changed_in_the_database_is_refused(world: BulkWorld) -> None:
    """F-19: the fingerprint is counted afresh, so an edit past the triggers does not help."""
    bulk_id = world.ready(40)
    more = world.cases(1)
    with world.ledger.write() as connection:
        for name in connection.scalars(text("select name from sqlite_master where type = 'trigger'")).all():
            if "bulks" in name:
                connection.execute(text(f'drop trigger "{name}"'))
        changed = [
            *[row.case_id for row in connection.execute(select(cases.c.case_id)) if row.case_id not in more],
            *more,
        ]
        connection.execute(update(bulks).values(case_ids=canonical(changed)))

    with pytest.raises(ConflictError, match="not the list"):
        world.start(bulk_id)


def test_an_approver_who_lost_the_right_before_the_start_counts_no_more(world: BulkWorld) -> None:
    """F-19."""
    bulk_id = world.ready(40)
    revoke(world, "demo-sena")

    with pytest.raises(ConflictError, match="may no longer approve"):
        world.start(bulk_id)
    assert state(world, bulk_id) == "approved"


@pytest.mark.parametrize("person", ["demo-sena", "demo-rita"])
def test_a_right_lost_during_the_run_ends_it(world: BulkWorld, person: str) -> None:
    """F-19, X-21: rights are read afresh for every case."""
    bulk_id = world.ready(40)
    world.start(bulk_id)
    world.run(most=3)
    revoke(world, person)

    assert world.run() == 0
    told = world.bulk.open(world.token("max"), bulk_id)
    assert (told.state, told.progress.decided) == ("refused", 3)
    assert "may no longer" in told.detail
    assert world.rows(audit)[-1].verb != "Decide"


def test_an_approval_runs_out_after_a_day(world: BulkWorld, clock: Clock) -> None:
    """U-12."""
    bulk_id = world.ready(40)
    clock.at = NOON + timedelta(hours=24, seconds=1)
    with pytest.raises(ConflictError, match="older than 24 hours"):
        world.start(bulk_id)

    world.approve(bulk_id)
    world.start(bulk_id)
    clock.at += timedelta(hours=30)
    assert world.run() == 10


def test_starting_and_approving_need_a_sign_in_of_the_last_minutes(world: BulkWorld, clock: Clock) -> None:
    """D.2: step-up."""
    world.cases(40)
    bulk_id = world.freeze()
    world.sample(bulk_id)
    token, record = world.token("sena"), world.bulk.open(world.token("rita"), bulk_id)
    clock.forward(11 * 60)

    command = {"idempotency_key": "late", "bulk_id": bulk_id, "list_hash": record.list_hash}
    with pytest.raises(RightsError, match="sign-in of the last"):
        world.bulk.execute(token, ApproveBulk(**command))


def test_a_small_list_is_its_own_sample_and_needs_nobody_else(world: BulkWorld) -> None:
    world.cases(20)
    bulk_id = world.freeze()
    world.sample(bulk_id)
    world.start(bulk_id)

    assert world.run() == 0
    assert state(world, bulk_id) == "done"


@pytest.mark.parametrize(
    "over",
    [
        {"reason": ReasonCode.NOT_INAUTHENTIC},
        {"reason": ReasonCode.OTHER},
        {"note": "x" * 2_001},
        {"query": BulkQuery(service_id="none")},
    ],
)
def test_a_list_without_cases_or_sense_is_refused(world: BulkWorld, over: dict[str, Any]) -> None:
    world.cases(2)
    with pytest.raises(InvalidCommandError):
        world.freeze(**over)
    assert world.rows(bulks) == []


@pytest.mark.parametrize("who", ["ana", "kit", "max"])
def test_only_reviewers_write_a_bulk(world: BulkWorld, who: str) -> None:
    world.cases(2)
    command = FreezeBulk(idempotency_key="k", query=BulkQuery(), reason=ReasonCode.PURCHASED_LIKES)
    with pytest.raises(RightsError):
        world.bulk.execute(world.token(who), command)


def test_a_stop_during_the_run_leaves_the_rest_undecided_and_opens_what_had_not_left(world: BulkWorld) -> None:
    """U-13."""
    bulk_id = world.ready(40)
    world.start(bulk_id)
    world.run(most=4)

    said = stop(world, bulk_id)

    assert said == "Stopped: 12 actions cancelled, 4 cases open again, 6 cases never reached."
    assert world.run() == 0
    told = world.bulk.open(world.token("rita"), bulk_id)
    assert (told.state, told.progress.undone, dict(told.progress.actions)) == ("stopped", 4, {"cancelled": 12})
    assert Counter(row.state for row in world.rows(cases)) == {"decided": 30, "open": 10}
    assert len(world.rows(decision_events, event="undone")) == 4
    with pytest.raises(StaleCaseError, match="stopped already"):
        stop(world, bulk_id)


def test_a_stop_is_heard_between_two_cases_of_the_same_round(world: BulkWorld) -> None:
    """F-12: the worker holds a list of ten cases when the stop comes; it decides not one more."""
    bulk_id = world.ready(40)
    world.start(bulk_id)
    writes: list[int] = []

    class Stopping:
        """The ledger, with somebody pressing the stop just before the third case."""

        read = staticmethod(world.ledger.read)

        @contextmanager
        def write(self) -> Iterator[Connection]:
            writes.append(1)
            if len(writes) == 3:
                stop(world, bulk_id)
            with world.ledger.write() as connection:
                yield connection

    assert run_bulks(Stopping(), world.clock, world.rules) == 2
    assert len(world.rows(decisions, bulk_id=bulk_id)) == 2
    assert [row.event for row in world.rows(bulk_events)][-1] == "stopped"


def test_a_stop_says_what_was_already_told_to_owners(world: BulkWorld, connector: Connector, clock: Clock) -> None:
    """The reset and the message had left; the removal had not: a person must look at these."""
    bulk_id = world.ready(31)
    world.start(bulk_id)
    world.run()
    clock.forward(60)
    (row,) = world.rows(decisions, bulk_id=bulk_id)
    with world.ledger.write() as connection:
        later = micros(clock()) + 10**9
        removal = select(outbox.c.action_id).where(outbox.c.state == "queued")
        assert connection.execute(removal).first()
        connection.execute(
            text("update outbox set not_before = :later where action_id in"
                 " (select action_id from actions where kind = 'remove_engagements')"),
            {"later": later},
        )  # fmt: skip
    deliver_due(world.ledger, connector, now=clock, worker_id="w", settings=AT_ONCE, limit=500)

    assert (
        stop(world, bulk_id) == "Stopped: 1 action cancelled, 0 cases open again, 1 case partly done: see the report."
    )
    assert world.bulk.open(world.token("rita"), bulk_id).progress.partly == 1
    assert [
        one.event for one in world.rows(decision_events, decision_id=row.decision_id) if one.event == "undone"
    ] == []


def test_stop_during_a_bulk_of_a_thousand(
    world: BulkWorld, connector: Connector, sandbox: SandboxServer, clock: Clock
) -> None:
    """F-12: delivered, cancelled and dead are a thousand; nothing claimed after the stop is sent."""
    with world.ledger.write() as connection:
        row = {"bulk_id": "b", "author_id": "demo-rita", "query": "{}", "case_ids": "[]", "list_hash": "h"}
        row |= {"sample_ids": "[]", "sample_seed": 1, "reason": "PURCHASED_LIKES", "created_at": micros(NOON)}
        connection.execute(insert(bulks).values(row))
        event = {"event_id": "e", "bulk_id": "b", "event": "executing", "at": micros(NOON)}
        connection.execute(insert(bulk_events).values(event))
        made = [decide(connection, [ActionKind.WARN], bulk_id="b") for _ in range(1_000)]
    sandbox.misbehave({"answer": "status", "status": 400, "times": 5})
    ids = {action_id for done in made for action_id in done.action_ids}
    deliverer = threading.Thread(target=_deliver_all, args=(world, connector, clock))
    deliverer.start()
    while len(sandbox.calls(list(ids))) < 60:
        threading.Event().wait(0.01)

    stop(world, "b")
    at_stop = Counter(row.state for row in world.rows(outbox))
    deliverer.join(60)

    ended = Counter(row.state for row in world.rows(outbox))
    assert ended["delivered"] + ended["cancelled"] + ended["dead"] == 1_000
    assert (ended["dead"], ended["cancelled"]) == (5, at_stop["cancelled"])
    assert ended["delivered"] - at_stop["delivered"] <= at_stop["in_flight"] <= 1
    assert len(sandbox.calls(list(ids))) == ended["delivered"] + ended["dead"]
    assert {row.action_id for row in world.rows(outbox, state="cancelled")} & {
        action_id for action_id, _ in sandbox.calls(list(ids))
    } == set()
    told = world.bulk.open(world.token("rita"), "b").progress
    assert {name.value: count for name, count in told.actions.items()} == ended


def _deliver_all(world: BulkWorld, connector: Connector, clock: Clock) -> None:
    while deliver_due(world.ledger, connector, now=clock, worker_id="w", settings=AT_ONCE, limit=50).moved:
        pass
