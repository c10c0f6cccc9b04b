"""P-19: figures and health for the operator, without personal data."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from analytics.workflows.metrics import Health, health, prometheus_text
from data.platform import outbox, switches
from data.records import ActionKind, ActionState
from data.tables import cases
from tests.delivery_world import NOON, Clock, LocalLedger, decide, micros

NOW = micros(NOON)


def read(ledger: LocalLedger, now: int) -> dict[tuple[str, ...], float]:
    with ledger.read() as connection:
        text = prometheus_text(connection, now)
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_figures_agree_with_the_ledger(ledger: LocalLedger) -> None:
    with ledger.write() as connection:
        one = decide(connection, [ActionKind.WARN, ActionKind.REMOVE_ENGAGEMENTS])
        decide(connection, [ActionKind.WARN], undo_seconds=600)
        held = outbox.claim(connection, one.action_ids[0], "w", NOW, NOW + 1)
        assert held
        outbox.finish(connection, held, ActionState.DELIVERED, NOW)
        switches.beat(connection, "w", NOW, {})
    found = read(ledger, NOW + 30_000_000)
    assert found["unbought_cases", "decided"] == 2
    assert found["unbought_decisions", "confirm"] == 2
    assert found["unbought_actions", "warn", "delivered"] == 1
    assert found["unbought_actions", "warn", "queued"] == 1
    assert found["unbought_actions", "remove_engagements", "queued"] == 1
    assert found["unbought_oldest_due_action_seconds",] == 30
    assert found["unbought_worker_silent_seconds",] == 30
    assert found["unbought_circuit_open",] == 0


def test_a_case_that_is_shown_again_to_measure_people_is_no_work(ledger: LocalLedger) -> None:
    with ledger.write() as connection:
        decide(connection, [], lane="known_answer")
        connection.execute(update(cases).values(lane="known_answer", state="open"))
    found = read(ledger, NOW + 30_000_000)

    assert [key for key in found if key[0] in ("unbought_cases", "unbought_decisions")] == []
    assert found["unbought_oldest_case_seconds",] == 0


def test_figures_name_no_account_and_no_person(ledger: LocalLedger) -> None:
    """X-24."""
    with ledger.write() as connection:
        decide(connection, [ActionKind.WARN], account_id="canary-account")
        text = prometheus_text(connection, NOW)
    assert "canary" not in text
    assert "rita" not in text.lower()


def test_an_empty_ledger_has_figures_too(ledger: LocalLedger) -> None:
    assert read(ledger, NOW)["unbought_oldest_due_action_seconds",] == 0


def test_health_names_what_is_stuck(ledger: LocalLedger, clock: Clock) -> None:
    with ledger.write() as connection:
        switches.beat(connection, "w", NOW, {})
        assert health(connection, NOW) == Health(())
        one = decide(connection, [ActionKind.WARN])
        two = decide(connection, [ActionKind.WARN])
        held = outbox.claim(connection, two.action_ids[0], "w", NOW, NOW + 1)
        assert held
        outbox.finish(connection, held, ActionState.DEAD, NOW)
        switches.raise_alarm(connection, "pause", "Too many removals.", NOW)
        told = health(connection, NOW + 1_200_000_000)
    assert one.action_ids
    assert told.problems == (
        "The worker shows no sign of life.",
        "An action has been due for 20 minutes.",
        "1 dead letters wait for a person.",
        "Too many removals.",
    )
