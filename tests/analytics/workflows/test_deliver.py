"""Delivery: each action once, in the order of its plan. The sandbox platform's counters are the judge."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import update

from analytics.workflows.deliver import DeliveryReport, deliver_due, resume
from data.platform import outbox, switches
from data.platform.connector import Connector
from data.records import ActionKind
from data.tables import actions
from data.tables import outbox as outbox_rows
from tests.delivery_world import (
    IMPATIENT,
    NOON,
    Clock,
    Decided,
    LocalLedger,
    SandboxServer,
    decide,
    micros,
    row_of,
    settings,
    states,
    tries,
)

K = ActionKind
PLAN = [K.RESET_PASSWORD, K.WARN, K.REMOVE_ENGAGEMENTS]


@pytest.fixture
def patience() -> dict[str, float]:
    """The platform hangs here."""
    return IMPATIENT


def deliver(
    ledger: LocalLedger, connector: Connector, clock: Clock, limit: int = 100, **sections: Any
) -> DeliveryReport:
    chosen = settings(**sections)
    return deliver_due(ledger, connector, now=clock, worker_id="w1", limit=100, settings=chosen, rng=random.Random(1))


def decided(ledger: LocalLedger, kinds: list[ActionKind] | None = None, **more: Any) -> Decided:
    with ledger.write() as connection:
        return decide(connection, kinds or PLAN, **more)


def test_a_decision_reaches_the_platform_once_and_in_plan_order(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger)
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=3)
    assert deliver(ledger, connector, clock) == DeliveryReport()
    assert states(ledger, one) == ["delivered"] * 3
    order = ["sessions_revoked", "password_reset", "link_sent", "warned", "engagements_removed"]
    assert sandbox.order_of_effects(one.account_id) == order
    assert sandbox.get(f"/v1/accounts/{one.account_id}")["removed"] == [f"{one.account_id}/like-{n}" for n in (0, 1)]
    assert one.action_ids[0] in row_of(ledger, one.action_ids[0]).receipt


def test_nothing_leaves_before_the_undo_window_is_over(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    """P-05."""
    one = decided(ledger, undo_seconds=30)
    clock.forward(29.999999)
    assert deliver(ledger, connector, clock) == DeliveryReport()
    assert sandbox.effects(one.account_id) == {}
    clock.forward(0.000001)
    assert deliver(ledger, connector, clock).delivered == 3


def test_a_later_step_waits_for_an_earlier_one_that_must_be_repeated(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger)
    sandbox.misbehave({"answer": "status", "status": 503, "account_id": one.account_id, "kind": "reset_password"})
    assert deliver(ledger, connector, clock) == DeliveryReport(retried=1)
    assert sandbox.effects(one.account_id) == {}
    clock.forward(60)
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=3)


def test_a_later_step_waits_behind_a_dead_letter_until_it_is_retried(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    """Nothing is removed without the notice that is owed."""
    one = decided(ledger)
    sandbox.misbehave({"answer": "status", "status": 400, "account_id": one.account_id, "kind": "warn"})
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=1, dead=1)
    assert states(ledger, one) == ["delivered", "dead", "queued"]
    with ledger.write() as connection:
        assert outbox.revive(connection, one.action_ids[1], micros(clock()))
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=2)
    assert sandbox.effects(one.account_id)["engagements_removed"] == 1


def test_one_refused_chunk_of_a_removal_does_not_hold_the_others(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger, [K.REMOVE_ENGAGEMENTS, K.REMOVE_ENGAGEMENTS])
    sandbox.misbehave({"answer": "status", "status": 400, "account_id": one.account_id})
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=1, dead=1)


@pytest.mark.parametrize(
    ("status", "state"), [(400, "dead"), (401, "dead"), (403, "dead"), (422, "dead"), (404, "already_absent")]
)
def test_an_answer_that_no_retry_heals_ends_the_action(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer, status: int, state: str
) -> None:
    one = decided(ledger, [K.WARN])
    sandbox.misbehave({"answer": "status", "status": status, "account_id": one.account_id})
    deliver(ledger, connector, clock)
    assert states(ledger, one) == [state]
    clock.forward(100_000)
    assert deliver(ledger, connector, clock).sent == 0


def test_a_success_for_another_action_is_a_dead_letter_and_an_alarm(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger, [K.WARN])
    sandbox.misbehave({"answer": "wrong_echo", "account_id": one.account_id})
    assert deliver(ledger, connector, clock) == DeliveryReport(dead=1)
    with ledger.read() as connection:
        assert list(switches.read_alarms(connection)) == ["contract"]


@pytest.mark.parametrize("answer", ["status", "drop", "hang"])
def test_applied_but_not_acknowledged_is_sent_again_under_the_same_id(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer, answer: str
) -> None:
    """F-10."""
    one = decided(ledger, [K.WARN])
    sandbox.misbehave({"answer": answer, "applies": True, "seconds": 0.4, "account_id": one.account_id})
    assert deliver(ledger, connector, clock) == DeliveryReport(retried=1)
    assert sandbox.effects(one.account_id) == {"warned": 1}
    while states(ledger, one) != ["delivered"]:
        clock.forward(60)
        deliver(ledger, connector, clock)
    assert sandbox.effects(one.account_id) == {"warned": 1}
    assert {call[0] for call in sandbox.calls(one.action_ids)} == set(one.action_ids)
    assert tries(ledger, one.action_ids[0])[0].result == "unknown"


def test_a_claim_whose_worker_died_is_taken_over_after_its_time(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger, [K.WARN])
    with ledger.write() as connection:
        now = micros(clock())
        assert outbox.claim(connection, one.action_ids[0], "dead worker", now, now + 60_000_000)
    assert deliver(ledger, connector, clock).sent == 0
    clock.forward(60.000001)
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=1)
    assert [(row.number, row.result) for row in tries(ledger, one.action_ids[0])] == [(1, "lost"), (2, "delivered")]


def test_an_answer_after_the_claim_was_taken_over_changes_nothing_in_the_outbox(
    ledger: LocalLedger, clock: Clock
) -> None:
    one = decided(ledger, [K.WARN])
    with ledger.write() as connection:
        now = micros(clock())
        late = outbox.claim(connection, one.action_ids[0], "slow", now, now + 1)
        second = outbox.claim(connection, one.action_ids[0], "quick", now + 2, now + 100)
        assert late
        assert second
        assert not outbox.finish(connection, late, outbox.ActionState.DEAD, now + 3)
        assert outbox.finish(connection, second, outbox.ActionState.DELIVERED, now + 4)
    assert states(ledger, one) == ["delivered"]


def test_after_the_last_try_an_action_is_a_dead_letter_and_a_retry_gives_it_as_many_again(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger, [K.WARN])
    sandbox.misbehave({"answer": "status", "status": 500, "times": 3, "account_id": one.account_id})
    retry = {"max_attempts": 3, "cap_seconds": 1}
    seen = []
    for _ in range(5):
        deliver(ledger, connector, clock, retry=retry)
        seen += states(ledger, one)
        clock.forward(2)
    assert seen == ["queued", "queued", "dead", "dead", "dead"]
    with ledger.write() as connection:
        outbox.revive(connection, one.action_ids[0], micros(clock()))
    deliver(ledger, connector, clock, retry=retry)
    assert states(ledger, one) == ["delivered"]


def test_a_request_changed_in_the_ledger_is_not_sent(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger, [K.WARN])
    with ledger.write() as connection:
        connection.execute(update(actions).values(body=actions.c.body + " "))
    assert deliver(ledger, connector, clock) == DeliveryReport(dead=1)
    assert sandbox.calls(one.action_ids) == []


def test_a_reversal_waits_for_what_it_reverses(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger, [K.REMOVE_ENGAGEMENTS], undo_seconds=100)
    back = decided(ledger, [K.RESTORE_ENGAGEMENTS], account_id=one.account_id, reverses=one.action_ids)
    assert deliver(ledger, connector, clock).sent == 0
    clock.forward(100)
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=2)
    assert sandbox.order_of_effects(one.account_id) == ["engagements_removed", "engagements_restored"]
    assert states(ledger, back) == ["delivered"]


def test_a_reversal_of_something_that_never_left_is_not_sent(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    one = decided(ledger, [K.REMOVE_ENGAGEMENTS], undo_seconds=100)
    with ledger.write() as connection:
        assert outbox.undo(connection, one.decision_id, micros(clock())) == 1
    back = decided(ledger, [K.RESTORE_ENGAGEMENTS], account_id=one.account_id, reverses=one.action_ids)
    assert deliver(ledger, connector, clock) == DeliveryReport(cancelled=1)
    assert states(ledger, back) == ["cancelled"]
    assert sandbox.calls(back.action_ids) == []


def test_bad_credentials_stop_all_delivery_until_a_person_resumes_it(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    first, second = decided(ledger, [K.WARN]), decided(ledger, [K.WARN])
    sandbox.misbehave({"answer": "status", "status": 401, "times": None})
    assert deliver(ledger, connector, clock) == DeliveryReport(dead=1)
    clock.forward(1_000_000)
    assert deliver(ledger, connector, clock).sent == 0
    with ledger.read() as connection:
        assert list(switches.read_alarms(connection)) == ["circuit"]
    sandbox.behave()
    with ledger.write() as connection:
        resume(connection, micros(clock()))
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=1)
    assert sorted([*states(ledger, first), *states(ledger, second)]) == ["dead", "delivered"]


def test_an_ailing_platform_is_left_alone_and_then_probed_with_one_call(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    ten = [decided(ledger, [K.WARN]) for _ in range(10)]
    sandbox.misbehave({"answer": "status", "status": 500, "times": None})
    assert deliver(ledger, connector, clock) == DeliveryReport(retried=5)
    clock.forward(14)
    assert deliver(ledger, connector, clock).sent == 0
    clock.forward(1)
    assert deliver(ledger, connector, clock) == DeliveryReport(retried=1)
    sandbox.behave()
    clock.forward(29)
    assert deliver(ledger, connector, clock).sent == 0
    clock.forward(31)
    assert deliver(ledger, connector, clock) == DeliveryReport(delivered=10)
    assert [sandbox.effects(one.account_id) for one in ten] == [{"warned": 1}] * 10
    with ledger.read() as connection:
        assert switches.read_alarms(connection) == {}


def test_too_many_removals_in_an_hour_pause_what_restricts_people_and_not_what_gives_back(
    ledger: LocalLedger, connector: Connector, clock: Clock, sandbox: SandboxServer
) -> None:
    """T-16."""
    limit = {"removals_per_hour": 5}
    removals = [decided(ledger, [K.REMOVE_ENGAGEMENTS]) for _ in range(3)]
    assert deliver(ledger, connector, clock, pause=limit) == DeliveryReport(delivered=2)
    lift = decided(ledger, [K.LIFT_LIMIT])
    warn = decided(ledger, [K.WARN])
    clock.forward(4_000)
    assert deliver(ledger, connector, clock, pause=limit) == DeliveryReport(delivered=1)
    assert (states(ledger, lift), states(ledger, warn)) == (["delivered"], ["queued"])
    with ledger.write() as connection:
        assert list(switches.read_alarms(connection)) == ["pause"]
        resume(connection, micros(clock()))
    assert deliver(ledger, connector, clock, pause=limit) == DeliveryReport(delivered=2)
    assert sum(sandbox.effects(one.account_id)["engagements_removed"] for one in removals) == 3


def test_the_limit_grows_with_the_usual_hour(ledger: LocalLedger, connector: Connector, clock: Clock) -> None:
    """The pause is for what is unusual, not for a large platform's ordinary day."""
    for _ in range(27):
        decided(ledger, [K.REMOVE_ENGAGEMENTS], likes=100)
        deliver(ledger, connector, clock)
        clock.forward(24 * 3_600)
    for _ in range(4):
        decided(ledger, [K.REMOVE_ENGAGEMENTS], likes=9)
    limit = {"removals_per_hour": 1, "times_usual": 9}
    assert deliver(ledger, connector, clock, pause=limit) == DeliveryReport(delivered=4)


def test_a_dead_letter_that_was_given_back_is_never_tried_again(ledger: LocalLedger) -> None:
    with ledger.write() as connection:
        one = decide(connection, [K.LIMIT])
        decide(connection, [K.LIFT_LIMIT], account_id=one.account_id, reverses=one.action_ids)
        connection.execute(update(outbox_rows).where(outbox_rows.c.action_id == one.action_ids[0]).values(state="dead"))

        assert outbox.revive(connection, one.action_ids[0], micros(NOON)) is False


def test_giving_back_does_not_wait_for_a_dead_letter_of_giving_back(ledger: LocalLedger) -> None:
    with ledger.write() as connection:
        taken = decide(connection, [K.REMOVE_ENGAGEMENTS, K.LIMIT])
        connection.execute(update(outbox_rows).values(state="delivered"))
        kinds = [K.RESTORE_ENGAGEMENTS, K.LIFT_LIMIT]
        back = decide(connection, kinds, account_id=taken.account_id, reverses=taken.action_ids)
        connection.execute(
            update(outbox_rows).where(outbox_rows.c.action_id == back.action_ids[0]).values(state="dead")
        )

        assert outbox.next_due(connection, micros(NOON)) == back.action_ids[1]
