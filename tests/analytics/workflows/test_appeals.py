"""P-18, X-18, issue 4 item 7: an appeal from its filing to what the platform gives back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.applications import Starlette

from analytics.views.appeals import appeal_view
from analytics.workflows.appeal_intake import Filing, file_from_outside
from analytics.workflows.appeals import Appeals, DecideAppeal, FileAppeal, file_appeal, intake
from analytics.workflows.deliver import deliver_due
from analytics.workflows.endpoints import routes
from analytics.workflows.gate import Gate
from analytics.workflows.ledger_checks import ledger_faults
from data.errors import CommandError, ConflictError, InvalidCommandError, RightsError, StaleCaseError
from data.home import Home
from data.platform.connector import Connector
from data.platform.outbox import revive
from data.platform.signing import sign
from data.platform.webhooks import AppealMessage, Incoming
from data.records import ActionKind as K
from data.records import AppealState
from data.tables import actions, appeal_outcomes, appeals, audit, cases, decision_events, decisions, notices, outbox
from tests.analytics.workflows.appealed_world import PLAN, AppealedWorld
from tests.analytics.workflows.bulk_world import BulkWorld
from tests.delivery_world import NOON, SECRET, Clock, SandboxServer, ServedApp, settings

NOW = settings(removal={"delay_seconds": 0, "jitter_seconds": 0})


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[AppealedWorld]:
    world = AppealedWorld(tmp_path, clock)
    yield world
    world.ledger.close()


def deliver(world: AppealedWorld, connector: Connector) -> None:
    deliver_due(world.ledger, connector, now=world.clock, worker_id="w", settings=NOW)


def answer(world: AppealedWorld, appeal_id: str, outcome: AppealState, who: str = "demo-ivo", **over: Any) -> str:
    told = {"idempotency_key": world.key(), "grounds": "The owner's own phone made them."} | over
    command = DecideAppeal(appeal_id=appeal_id, outcome=outcome, **told)
    return world.appeals.execute(world.token(who), command).message


def test_an_overturned_decision_gives_back_exactly_what_it_took(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer
) -> None:
    """Confirm, delivered, appeal, overturned, restored: the platform's own counters are the judge."""
    done = world.confirmed(PLAN, likes=3)
    deliver(world, connector)
    assert sandbox.get("/v1/effects", account_id=done.account_id)["engagements"] == {"engagements_removed": 3}

    said = answer(world, world.filed(done), AppealState.OVERTURNED)
    deliver(world, connector)

    assert said == "Overturned: 3 engagements go back. The owner is told."
    counted = sandbox.get("/v1/effects", account_id=done.account_id)["engagements"]
    assert counted == {"engagements_removed": 3, "engagements_restored": 3}
    standing = sandbox.get(f"/v1/accounts/{done.account_id}")
    assert (standing["removed"], len(standing["restored"])) == ([], 3)
    assert sandbox.order_of_effects(done.account_id)[-2:] == ["engagements_restored", "warned"]
    assert [row.event for row in world.rows(decision_events, decision_id=done.decision_id)] == ["overturned"]
    assert {row.state for row in world.rows(outbox)} == {"delivered"}
    assert "We are putting back 3 likes that your account gave to others." in world.rows(notices)[0].body


def test_a_limit_and_a_suspension_are_lifted(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer
) -> None:
    done = world.confirmed([K.LIMIT, K.SUSPEND])
    deliver(world, connector)
    before = sandbox.get(f"/v1/accounts/{done.account_id}")
    answer(world, world.filed(done), AppealState.OVERTURNED)
    deliver(world, connector)
    after = sandbox.get(f"/v1/accounts/{done.account_id}")

    assert (before["is_limited"], before["is_suspended"]) == (True, True)
    assert (after["is_limited"], after["is_suspended"]) == (False, False)


def test_what_has_not_left_is_cancelled_and_never_sent(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer
) -> None:
    done = world.confirmed(PLAN)

    said = answer(world, world.filed(done), AppealState.OVERTURNED)
    deliver(world, connector)

    assert said == "Overturned: 3 actions will not be sent. The owner is told."
    assert sandbox.effects(done.account_id) == {"warned": 1}
    assert [row.kind for row in world.rows(actions) if row.reverses] == []


def test_a_removal_whose_outcome_nobody_knows_is_settled_and_then_given_back(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer, clock: Clock
) -> None:
    """F-10 with an appeal in between: the platform removed, then cut the line."""
    done = world.confirmed([K.REMOVE_ENGAGEMENTS], likes=4)
    sandbox.misbehave({"answer": "drop", "applies": True, "account_id": done.account_id})
    deliver(world, connector)
    assert world.rows(outbox)[0].state == "queued"

    answer(world, world.filed(done), AppealState.OVERTURNED)
    clock.forward(600)
    deliver(world, connector)
    clock.forward(600)
    deliver(world, connector)

    counted = sandbox.get("/v1/effects", account_id=done.account_id)["engagements"]
    assert counted == {"engagements_removed": 4, "engagements_restored": 4}
    assert sandbox.get(f"/v1/accounts/{done.account_id}")["removed"] == []


def test_a_limit_that_another_decision_still_holds_stays(world: AppealedWorld, connector: Connector) -> None:
    first = world.confirmed([K.LIMIT], account_id="lent")
    second = world.confirmed([K.LIMIT], account_id="lent")
    limits = {row.decision_id: row for row in world.rows(actions)}
    assert set(limits) == {first.decision_id, second.decision_id}
    deliver(world, connector)

    answer(world, world.filed(first), AppealState.OVERTURNED)

    assert [row.kind for row in world.rows(actions) if row.reverses] == []


def test_an_upheld_decision_changes_nothing_but_tells_the_owner(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer
) -> None:
    done = world.confirmed(PLAN)
    deliver(world, connector)

    said = answer(world, world.filed(done), AppealState.UPHELD)
    deliver(world, connector)

    assert said == "The decision stands. The owner is told."
    assert sandbox.effects(done.account_id)["engagements_removed"] == 1
    assert "engagements_restored" not in sandbox.effects(done.account_id)
    (notice,) = world.rows(notices)
    assert (notice.template, notice.title) == ("upheld", "We looked at your appeal")
    assert "3 likes that your account gave to others" in notice.body
    assert world.rows(decision_events) == []


def test_the_message_that_leaves_is_the_notice_word_for_word(world: AppealedWorld) -> None:
    done = world.confirmed([K.REMOVE_ENGAGEMENTS], likes=2)
    answer(world, world.filed(done), AppealState.OVERTURNED)

    (notice,) = world.rows(notices)
    (told,) = [row for row in world.rows(actions) if row.kind == "warn"]

    assert "Nothing has to be put back." in notice.body
    assert json.loads(told.body)["notice"] == {"language": "en", "title": notice.title, "body": notice.body}


def test_whoever_decided_first_never_decides_the_appeal(world: AppealedWorld) -> None:
    """P-18: the same person is refused with both roles, and an audit row says so."""
    appeal_id, who = world.filed(world.confirmed()), "rita"
    token = world.token(who)

    assert not world.appeals.may_decide(token, appeal_id)
    with pytest.raises(ConflictError, match="took part"):
        answer(world, appeal_id, AppealState.UPHELD, who)
    assert world.rows(appeal_outcomes) == []
    assert world.audited()[-1] == ("DecideAppeal.refused", "ConflictError")


def test_nothing_that_is_read_names_the_first_reviewer(world: AppealedWorld) -> None:
    """P-18."""
    done = world.confirmed()
    complaint = world.appeals.open(world.token("demo-ivo"), world.filed(done))

    assert complaint.decision.decision_id == done.decision_id
    assert complaint.removed == {"like": 3, "follow": 0, "comment": 0}
    assert [action.kind for action in complaint.actions] == PLAN
    assert "rita" not in f"{complaint} {appeal_view(complaint, NOON.tzinfo)}".lower()  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["demo-theo", "demo-max", "demo-ana", "demo-kit"])
def test_only_senior_reviewers_read_and_decide_appeals(world: AppealedWorld, who: str) -> None:
    """X-21."""
    appeal_id = world.filed(world.confirmed())
    for ask in (lambda: world.appeals.list(world.token(who)), lambda: world.appeals.open(world.token(who), appeal_id)):
        with pytest.raises(RightsError):
            ask()
    with pytest.raises(RightsError):
        answer(world, appeal_id, AppealState.UPHELD, who)


def test_an_appeal_is_answered_once(world: AppealedWorld) -> None:
    appeal_id = world.filed(world.confirmed())
    key = world.key()
    first = answer(world, appeal_id, AppealState.OVERTURNED, idempotency_key=key)

    assert answer(world, appeal_id, AppealState.OVERTURNED, idempotency_key=key) == first
    with pytest.raises(StaleCaseError, match="answered already"):
        answer(world, appeal_id, AppealState.UPHELD, "demo-sena")
    assert len(world.rows(appeal_outcomes)) == 1
    assert len([row for row in world.rows(actions) if row.kind == "warn"]) == 2


@pytest.mark.parametrize(
    "over", [{"grounds": " "}, {"grounds": "x" * 2_001}, {"outcome": AppealState.OPEN}, {"appeal_id": "none"}]
)
def test_an_answer_without_grounds_or_sense_is_refused(world: AppealedWorld, over: dict[str, Any]) -> None:
    told = {"appeal_id": world.filed(world.confirmed()), "outcome": AppealState.UPHELD, "grounds": "seen"} | over
    with pytest.raises(InvalidCommandError):
        world.appeals.execute(world.token("demo-ivo"), DecideAppeal(idempotency_key=world.key(), **told))
    assert world.rows(appeal_outcomes) == []


def test_the_case_is_closed_and_its_version_moves_on(world: AppealedWorld) -> None:
    done = world.confirmed()
    answer(world, world.filed(done), AppealState.UPHELD)

    (case,) = world.rows(cases)
    assert (case.state, case.version) == ("closed", 3)


def test_the_list_shows_who_waits_longest_first(world: AppealedWorld, clock: Clock) -> None:
    first = world.filed(world.confirmed())
    clock.forward(60)
    second = world.filed(world.confirmed())
    third = world.filed(world.confirmed())
    answer(world, second, AppealState.UPHELD)
    token = world.token("demo-ivo")

    assert [one.appeal_id for one in world.appeals.list(token)] == [first, third]
    assert [one.state for one in world.appeals.list(token, None)] == ["open", "upheld", "open"]


def test_the_same_words_by_command_are_one_appeal(world: AppealedWorld) -> None:
    done = world.confirmed()
    told = {"decision_id": done.decision_id, "text": "It was me.", "channel": "command", "now": world.clock()}

    first, again = file_appeal(world.home, **told), file_appeal(world.home, **told)

    assert (first.repeated, again.repeated, again.subject_id) == (False, True, first.subject_id)
    assert len(world.rows(appeals)) == 1
    assert [verb for verb, _ in world.audited() if verb == "FileAppeal"] == ["FileAppeal"]


@pytest.mark.parametrize("written", ["{}", " #{} "])
def test_the_number_in_the_notice_finds_the_decision(world: AppealedWorld, written: str) -> None:
    """N-05: the owner reads a number, not the name of a row; the last confirmation of the case is meant."""
    world.confirmed()
    done = world.confirmed()
    [case] = world.rows(cases, account_id=done.account_id)
    told = {"decision_id": written.format(case.number), "text": "It was me.", "channel": "letter", "now": world.clock()}

    first, again = file_appeal(world.home, **told), file_appeal(world.home, **told)

    assert (again.repeated, again.subject_id) == (True, first.subject_id)
    assert [row.decision_id for row in world.rows(appeals)] == [done.decision_id]
    [entry] = [row for row in world.rows(audit) if row.verb == "FileAppeal"]
    assert done.decision_id in entry.after


def test_what_only_measured_a_reviewer_is_no_decision_an_owner_can_appeal(world: AppealedWorld) -> None:
    """N-05: a known answer is decided again on the same case, later, and nothing follows from it."""
    done = world.confirmed()
    [row] = world.rows(decisions, decision_id=done.decision_id)
    measured = row._asdict() | {"decision_id": "measured", "lane": "known_answer", "decided_at": row.decided_at + 1}
    with world.ledger.write() as connection:
        connection.execute(insert(decisions).values(measured))
    [case] = world.rows(cases, account_id=done.account_id)
    told = {"text": "It was me.", "channel": "letter", "now": world.clock()}

    with pytest.raises(InvalidCommandError, match="no such decision"):
        file_appeal(world.home, decision_id="measured", **told)
    file_appeal(world.home, decision_id=str(case.number), **told)
    assert [row.decision_id for row in world.rows(appeals)] == [done.decision_id]


def test_a_number_that_no_case_has_is_refused(world: AppealedWorld) -> None:
    world.confirmed()

    with pytest.raises(InvalidCommandError, match="no such decision"):
        file_appeal(world.home, decision_id="999999", text="Me.", channel="letter", now=world.clock())
    assert world.rows(appeals) == []


def test_a_signed_message_counts_once_by_its_id(world: AppealedWorld) -> None:
    """X-18."""
    done, take = world.confirmed(), intake(world.ledger, world.clock)
    told = {"type": "appeal.filed", "decision_id": done.decision_id, "account_id": done.account_id, "text": "Me."}
    incoming = Incoming("m-1", AppealMessage(**told))

    assert take(incoming) == take(incoming)
    answer(world, world.rows(appeals)[0].appeal_id, AppealState.UPHELD)
    assert take(incoming) == take(incoming)
    assert [row.external_id for row in world.rows(appeals)] == ["m-1"]


@pytest.mark.parametrize("change", [{"account_id": "somebody-else"}, {"decision_id": "none"}, {"text": "a\x00b"}])
def test_a_message_about_another_account_or_no_decision_is_refused_and_recorded(
    world: AppealedWorld, change: dict[str, str]
) -> None:
    done, take = world.confirmed(), intake(world.ledger, world.clock)
    told = {"type": "appeal.filed", "decision_id": done.decision_id, "account_id": done.account_id, "text": "Me."}

    with pytest.raises(InvalidCommandError):
        take(Incoming("m-1", AppealMessage(**told | change)))
    assert world.rows(appeals) == []
    assert world.audited()[-1] == ("FileAppeal.refused", "InvalidCommandError")


def test_the_window_is_checked_when_an_appeal_is_filed(world: AppealedWorld, clock: Clock) -> None:
    """P-18: at least 183 days."""
    done, late = world.confirmed(), world.confirmed()
    clock.at = NOON + timedelta(days=183)
    world.filed(done)
    clock.at = NOON + timedelta(days=184)

    with pytest.raises(ConflictError, match="ended on"):
        world.filed(late)


def test_a_reviewer_may_take_an_appeal_in_and_an_analyst_may_not(world: AppealedWorld) -> None:
    done = world.confirmed()
    command = FileAppeal(idempotency_key="k", decision_id=f" {done.decision_id} ", text="By telephone: it was me.")

    with pytest.raises(RightsError):
        world.appeals.execute(world.token("demo-ana"), command)
    world.appeals.execute(world.token("demo-theo"), command)
    assert [row.channel for row in world.rows(appeals)] == ["page"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_an_empty_or_endless_appeal_is_refused(world: AppealedWorld, text: str) -> None:
    with pytest.raises(CommandError):
        world.filed(world.confirmed(), text)


def test_a_later_restriction_that_would_be_milder_today_is_put_before_a_person(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer, clock: Clock
) -> None:
    """F-18: the step is a pure function of what stands; what still runs is decided by a person, not by itself."""
    first = world.confirmed(PLAN, account_id="lent", step=1)
    clock.forward(86_400)
    second = world.confirmed([K.REMOVE_ENGAGEMENTS, K.LIMIT], account_id="lent", step=2)
    deliver(world, connector)

    said = answer(world, world.filed(first), AppealState.OVERTURNED)
    (raised,) = world.appeals.list(world.token("demo-ivo"))
    complaint = world.appeals.open(world.token("demo-ivo"), raised.appeal_id)
    assert "1 later restriction waits for a second look" in said
    assert (raised.decision_id, complaint.is_recount) == (second.decision_id, True)
    assert "would now be step 1, and it was step 2" in raised.text
    assert [action.kind for action in complaint.actions] == [K.LIMIT]

    answer(world, raised.appeal_id, AppealState.OVERTURNED, "demo-sena")
    deliver(world, connector)
    standing = sandbox.get("/v1/accounts/lent")
    assert standing["is_limited"] is False
    assert [row.event for row in world.rows(decision_events, decision_id=second.decision_id)] == []
    assert sandbox.get("/v1/effects", account_id="lent")["engagements"]["engagements_restored"] == 3
    assert world.appeals.list(world.token("demo-ivo")) == ()


def test_a_later_restriction_that_the_ladder_still_gives_is_left_alone(
    world: AppealedWorld, connector: Connector, clock: Clock
) -> None:
    first = world.confirmed(PLAN, account_id="lent", step=1)
    clock.forward(86_400)
    world.confirmed([K.LIMIT], account_id="lent", step=1)
    deliver(world, connector)

    answer(world, world.filed(first), AppealState.OVERTURNED)
    assert world.appeals.list(world.token("demo-ivo")) == ()


def test_a_dead_letter_of_an_overturned_decision_can_never_be_sent_again(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer
) -> None:
    done = world.confirmed([K.REMOVE_ENGAGEMENTS])
    sandbox.misbehave({"answer": "status", "status": 400, "account_id": done.account_id})
    deliver(world, connector)
    assert [row.state for row in world.rows(outbox)] == ["dead"]

    answer(world, world.filed(done), AppealState.OVERTURNED)
    with world.ledger.write() as connection:
        assert not revive(connection, done.action_ids[0], 0)
    deliver(world, connector)

    assert sandbox.effects(done.account_id) == {"warned": 1}


def test_a_removal_that_acted_but_was_not_acknowledged_is_given_back(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer
) -> None:
    """The platform removed and answered for another action: a dead letter, but not one without effect."""
    done = world.confirmed([K.REMOVE_ENGAGEMENTS], likes=2)
    sandbox.misbehave({"answer": "wrong_echo", "applies": True, "account_id": done.account_id})
    deliver(world, connector)
    answer(world, world.filed(done), AppealState.OVERTURNED)
    deliver(world, connector)

    assert sandbox.get(f"/v1/accounts/{done.account_id}")["removed"] == []
    counted = sandbox.get("/v1/effects", account_id=done.account_id)["engagements"]
    assert counted == {"engagements_removed": 2, "engagements_restored": 2}


def test_an_upheld_owner_is_told_even_when_something_is_stuck(
    world: AppealedWorld, connector: Connector, sandbox: SandboxServer
) -> None:
    done = world.confirmed([K.REMOVE_ENGAGEMENTS])
    sandbox.misbehave({"answer": "status", "status": 400, "account_id": done.account_id})
    deliver(world, connector)
    answer(world, world.filed(done), AppealState.UPHELD)
    deliver(world, connector)

    assert sandbox.effects(done.account_id) == {"warned": 1}


def test_the_platforms_signed_messages_become_appeals_over_http(world: AppealedWorld) -> None:
    """X-18 from the wire to the ledger: the same id again has no second effect, a wrong byte has none at all."""
    done = world.confirmed()
    told = {"type": "appeal.filed", "decision_id": done.decision_id, "account_id": done.account_id, "text": "Me."}
    server = ServedApp(
        Starlette(routes=routes(world.ledger, (SECRET,), intake(world.ledger, world.clock), world.clock))
    )

    def send(message: dict[str, str], message_id: str, *, changed: bool = False) -> int:
        body = json.dumps(message)
        headers = sign(SECRET, message_id, world.clock(), body)
        return server.client.post("/hooks/appeals", content=body + " " * changed, headers=headers).status_code

    answers = [send(told, "m-1"), send(told, "m-1"), send(told, "m-2", changed=True), send(told, "m-3")]
    answers.append(send(told | {"account_id": "somebody-else"}, "m-4"))
    server.close()

    assert answers == [200, 200, 401, 422, 422]
    assert [(row.external_id, row.channel, row.text) for row in world.rows(appeals)] == [("m-1", "webhook", "Me.")]


def test_a_decision_of_the_desk_goes_back_whole_and_the_ledger_stays_sound(
    tmp_path: Path, clock: Clock, connector: Connector, sandbox: SandboxServer
) -> None:
    """From the desk's own confirmation to the restored account, in Portuguese, with every rule of the ledger kept."""
    desk = BulkWorld(Home(tmp_path / "desk"), clock)
    (case_id,) = desk.cases(1, account_id="lent-by-ana", language="pt")
    desk.sample_at_the_desk(desk.freeze())
    clock.forward(60)
    carry = {"now": clock, "worker_id": "w", "settings": NOW}
    deliver_due(desk.ledger, connector, **carry)
    (decision,) = desk.rows(decisions)
    told = Filing(decision_id=decision.decision_id, text="Fui eu.", channel="webhook")
    appeal_id = file_from_outside(desk.ledger, told, clock()).appeal_id
    assert sandbox.get("/v1/accounts/lent-by-ana")["removed"] == [f"{case_id}/like-{n}" for n in range(3)]

    command = DecideAppeal(
        idempotency_key="k", appeal_id=appeal_id, outcome=AppealState.OVERTURNED, grounds="His phone."
    )
    Appeals(Gate(desk.ledger, clock), desk.ledger, clock).execute(desk.token("sena"), command)
    deliver_due(desk.ledger, connector, **carry)

    assert sandbox.get("/v1/accounts/lent-by-ana")["removed"] == []
    first, last = desk.rows(notices)
    assert (first.template, last.template, last.language) == ("step_1", "overturned", "pt")
    assert "Vamos devolver o que a sua conta deu a outras: 3 curtidas." in last.body
    with desk.ledger.read() as connection:
        assert list(ledger_faults(connection)) == []
