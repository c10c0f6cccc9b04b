"""What the deliveries page reads: every action with its state and tries, and whether actions may leave."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.workflows.deliver import deliver_due
from analytics.workflows.deliveries import PAGE_SIZE, Deliveries, DeliveryFilter
from data.platform import switches
from data.platform.connector import Connector
from data.records import ActionKind, ActionState
from tests.delivery_world import NOON, Clock, LocalLedger, SandboxServer, decide, micros, settings

K = ActionKind


@pytest.fixture
def deliveries(ledger: LocalLedger, clock: Clock) -> Deliveries:
    return Deliveries(ledger, clock)


def test_actions_are_listed_newest_decision_first_and_in_plan_order(
    ledger: LocalLedger, deliveries: Deliveries
) -> None:
    with ledger.write() as connection:
        old = decide(connection, [K.RESET_PASSWORD, K.WARN], at=NOON - timedelta(hours=1))
        new = decide(connection, [K.RESET_PASSWORD, K.REMOVE_ENGAGEMENTS])
    page = deliveries.list()
    assert [action.action_id for action in page.actions] == [*new.action_ids, *old.action_ids]
    removal = page.actions[1]
    assert (removal.kind, removal.state, removal.engagements) == (K.REMOVE_ENGAGEMENTS, ActionState.QUEUED, 2)
    assert (removal.not_before, removal.finished_at) == (NOON, None)


def test_a_filter_narrows_and_a_page_past_the_end_is_the_last(ledger: LocalLedger, deliveries: Deliveries) -> None:
    with ledger.write() as connection:
        decided = [decide(connection, [K.WARN, K.LIMIT]) for _ in range(PAGE_SIZE + 1)]
    warned = deliveries.list(DeliveryFilter(kind=K.WARN), page=99)
    assert (warned.total, warned.page, warned.pages, len(warned.actions)) == (PAGE_SIZE + 1, 2, 2, 1)
    one = deliveries.list(DeliveryFilter(decision_id=decided[3].decision_id))
    assert [action.action_id for action in one.actions] == decided[3].action_ids
    assert deliveries.list(DeliveryFilter(account_id="' OR 1=1 --")).total == 0
    assert deliveries.list(DeliveryFilter(state=ActionState.DEAD)).actions == ()


def test_every_try_is_shown_with_its_answer(
    ledger: LocalLedger, deliveries: Deliveries, connector: Connector, sandbox: SandboxServer, clock: Clock
) -> None:
    with ledger.write() as connection:
        one = decide(connection, [K.WARN])
    sandbox.misbehave({"answer": "status", "status": 502, "account_id": one.account_id})
    for _ in range(2):
        deliver_due(ledger, connector, now=clock, worker_id="w", settings=settings())
        clock.forward(60)
    shown = [(attempt.number, attempt.status, attempt.result) for attempt in deliveries.attempts(one.action_ids[0])]
    assert shown == [(1, 502, "unknown"), (2, 200, "delivered")]
    assert deliveries.counts() == {K.WARN: {ActionState.DELIVERED: 1}}


def test_the_state_says_why_nothing_leaves(ledger: LocalLedger, deliveries: Deliveries) -> None:
    assert deliveries.state().circuit == "closed"
    with ledger.write() as connection:
        refused = switches.Circuit().forbidden(micros(NOON), "status 401")
        switches.write_circuit(connection, refused, micros(NOON))
        switches.raise_alarm(connection, "circuit", "Delivery stopped: status 401.", micros(NOON))
        switches.beat(connection, "w", micros(NOON), {})
    state = deliveries.state()
    assert (state.circuit, state.needs_person, state.circuit_reason) == ("open", True, "status 401")
    assert state.alarms == ("Delivery stopped: status 401.",)
    assert state.worker_seen_at == NOON
