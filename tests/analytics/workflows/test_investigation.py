"""What analysts and managers write: rights, second persons, and what the ledger keeps of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from analytics.workflows.figures import Period
from analytics.workflows.governance import (
    ApproveThresholds,
    Governance,
    ProposeThresholds,
    PublishReport,
    SetTarget,
)
from analytics.workflows.investigation import AddNote, Investigation, LookUp, MergeService, NameService, SaveView
from analytics.workflows.limits import limits
from analytics.workflows.reports import Reports
from analytics.workflows.services import read_names
from analytics.workflows.statistics import Statistics
from data.errors import ConflictError, InvalidCommandError, RightsError
from data.moments import micros
from data.tables import audit, cases, leases, lookups
from tests.analytics.workflows.decided_world import DecidedWorld
from tests.analytics.workflows.investigating import NOW, staffed_gate
from tests.delivery_world import LocalLedger


class Desk:
    def __init__(self, path: Path) -> None:
        self.now = NOW
        self.ledger = LocalLedger(path)
        self.gate = staffed_gate(self.ledger, self.clock)
        self.reports = Reports(self.ledger, Statistics(self.ledger, self.clock))
        self.investigation = Investigation(self.gate, self.ledger, self.clock)
        self.governance = Governance(self.gate, self.ledger, self.reports)

    def clock(self):
        return self.now


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "ledger.sqlite")


def test_an_account_opens_with_a_reason_and_closes_again_after_eight_hours(desk: Desk) -> None:
    """T-01."""
    looking = desk.investigation
    assert not looking.may_open("ana", "a1")
    looking.look_up("ana", LookUp(idempotency_key="1", account_id="a1", reason="Complaint 17"))

    assert looking.may_open("ana", "a1")
    assert not looking.may_open("ana", "a2")
    assert not looking.may_open("olu", "a1")
    desk.now += timedelta(hours=8, seconds=1)
    assert not looking.may_open("ana", "a1")


def test_nobody_looks_through_the_accounts_one_by_one(desk: Desk) -> None:
    """T-01, T-02: the look that is one too many is refused, written down, and opens nothing."""
    most = limits()["lookups"]
    for number in range(most + 1):
        command = LookUp(idempotency_key=f"k{number}", account_id=f"a{number}", reason="Complaint 17")
        if number < most:
            desk.investigation.look_up("ana", command)
        else:
            with pytest.raises(ConflictError, match=f"At most {most} lookups an hour"):
                desk.investigation.look_up("ana", command)

    assert not desk.investigation.may_open("ana", f"a{most}")
    assert desk.investigation.may_open("ana", f"a{most - 1}")


def test_a_look_without_a_reason_or_a_right_is_refused_and_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(InvalidCommandError):
        desk.investigation.look_up("ana", LookUp(idempotency_key="1", account_id="a1", reason="  "))
    with pytest.raises(RightsError):
        desk.investigation.look_up("rita", LookUp(idempotency_key="2", account_id="a1", reason="curious"))

    with desk.ledger.read() as connection:
        assert connection.execute(select(lookups)).all() == []


def test_a_reviewer_sees_the_account_of_the_case_they_hold_and_no_other(desk: Desk) -> None:
    world = DecidedWorld(desk.ledger, micros(NOW))
    case_id = world.case(account_id="a1", state="leased")
    row = {"case_id": case_id, "person_id": "rita", "fence": 1, "taken_at": 0, "expires_at": micros(NOW) + 1}
    with desk.ledger.write() as connection:
        connection.execute(insert(leases).values(row))

    assert desk.investigation.may_open("rita", "a1")
    assert not desk.investigation.may_open("rita", "a2")
    assert not desk.investigation.may_open("sena", "a1")


def test_a_note_needs_an_open_account(desk: Desk) -> None:
    note = AddNote(idempotency_key="1", account_id="a1", text="Same comments as a2")
    with pytest.raises(RightsError):
        desk.investigation.note("ana", note)
    desk.investigation.look_up("ana", LookUp(idempotency_key="2", account_id="a1", reason="Complaint"))

    assert "kept" in desk.investigation.note("ana", note).message


def test_naming_and_merging_a_service_leaves_audit_rows(desk: Desk) -> None:
    desk.investigation.name_service("ana", NameService(idempotency_key="1", service_id="S-1", name="Gramlift"))
    desk.investigation.merge_service("sena", MergeService(idempotency_key="2", service_id="S-2", into="S-1"))
    with pytest.raises(InvalidCommandError):
        desk.investigation.merge_service("ana", MergeService(idempotency_key="3", service_id="S-1", into="S-1"))
    with pytest.raises(RightsError):
        desk.investigation.name_service("max", NameService(idempotency_key="4", service_id="S-1", name="x"))

    with desk.ledger.read() as connection:
        names = read_names(connection)
        verbs = connection.execute(select(audit.c.verb, audit.c.subject).order_by(audit.c.seq)).all()
    assert (dict(names.names), dict(names.merged_into)) == ({"S-1": "Gramlift"}, {"S-2": "S-1"})
    assert [tuple(row) for row in verbs] == [
        ("NameService", "S-1"),
        ("MergeService", "S-2"),
        ("MergeService.refused", "S-1"),
        ("NameService.refused", "S-1"),
    ]


def test_views_are_saved_under_a_name_and_shared(desk: Desk) -> None:
    desk.investigation.save_view(
        "ana", SaveView(idempotency_key="1", page="explore", name="Night likes", content="kinds=like")
    )

    assert [(view.name, view.content) for view in desk.investigation.views("explore")] == [
        ("Night likes", "kinds=like")
    ]
    assert desk.investigation.views("query") == ()


def test_a_candidate_is_made_live_by_a_second_person_only(desk: Desk) -> None:
    """D.2, issue point 5."""
    value = {"remove": {"like": 0.9}}
    desk.governance.propose_thresholds("ana", ProposeThresholds(idempotency_key="1", value=value, reason="Fewer lost"))
    candidate = desk.governance.candidates()[0]
    assert desk.governance.live_thresholds() is None
    with pytest.raises(ConflictError, match="yourself"):
        desk.governance.approve_thresholds("ana", ApproveThresholds(idempotency_key="2", event_id=candidate.event_id))
    desk.governance.approve_thresholds("max", ApproveThresholds(idempotency_key="3", event_id=candidate.event_id))

    live = desk.governance.candidates()[0]
    assert (live.proposed_by, live.approved_by) == ("ana", "max")
    assert desk.governance.live_thresholds()["remove"] == {"like": 0.9}
    with pytest.raises(InvalidCommandError):
        desk.governance.approve_thresholds("max", ApproveThresholds(idempotency_key="4", event_id="nothing"))


def test_a_target_says_who_set_it_and_when(desk: Desk) -> None:
    desk.governance.set_target("max", SetTarget(idempotency_key="1", metric_id="M-08", value=0.05))
    with pytest.raises(RightsError):
        desk.governance.set_target("ana", SetTarget(idempotency_key="2", metric_id="M-08", value=0.5))

    target = desk.governance.targets()["M-08"]
    assert (target.value, target.person_id, target.at) == (0.05, "max", micros(NOW))


def test_publishing_is_a_managers_command_and_freezes_the_period(desk: Desk) -> None:
    DecidedWorld(desk.ledger, micros(NOW)).decision(-24)
    period = Period(since=NOW - timedelta(days=30), until=NOW)
    told = desk.governance.publish_report("max", PublishReport(idempotency_key="1", period=period))
    again = desk.governance.publish_report("max", PublishReport(idempotency_key="1", period=period))

    assert (told.repeated, again) == (False, replace(told, repeated=True))
    assert [report.person_id for report in desk.reports.list()] == ["max"]
    with pytest.raises(RightsError):
        desk.governance.publish_report("ana", PublishReport(idempotency_key="2", period=period))


def test_whoever_holds_a_case_is_told_its_account_and_need_not_look_it_up(desk: Desk) -> None:
    """T-01: that of a colleague and that of a lease which ran out are not theirs."""
    world = DecidedWorld(desk.ledger, micros(NOW))
    for person, hours in (("rita", 1), ("rita", -1), ("sena", 1)):
        row = {"case_id": world.case(state="leased"), "person_id": person, "fence": 1, "taken_at": micros(NOW)}
        with desk.ledger.write() as connection:
            connection.execute(insert(leases).values(row | {"expires_at": micros(NOW + timedelta(hours=hours))}))

    assert desk.investigation.held("rita") == ("account-1",)
    assert (desk.investigation.may_look_up("rita"), desk.investigation.may_look_up("ana")) == (False, True)


@pytest.mark.parametrize("person", ["rita", "sena"])
def test_whoever_decides_blind_sees_the_account_afterwards(desk: Desk, person: str) -> None:
    """S-01: the account's page says what the machine makes of it; no look-up leads around that."""
    world = DecidedWorld(desk.ledger, micros(NOW))
    case_id = world.case(state="leased", is_blind=True, account_id="unseen")
    row = {"case_id": case_id, "person_id": person, "fence": 1, "taken_at": micros(NOW)}
    with desk.ledger.write() as connection:
        connection.execute(insert(leases).values(row | {"expires_at": micros(NOW + timedelta(hours=1))}))

    assert desk.investigation.held(person) == ()
    assert desk.investigation.decides_blind(person, "unseen")
    assert not desk.investigation.may_open(person, "unseen")
    with pytest.raises(RightsError):
        desk.investigation.look_up(person, LookUp(idempotency_key="1", account_id="unseen", reason="To peek"))
    assert not desk.investigation.may_open(person, "unseen")

    with desk.ledger.write() as connection:
        connection.execute(update(cases).where(cases.c.case_id == case_id).values(state="decided"))
    assert desk.investigation.may_open(person, "unseen")


def test_a_period_in_which_nothing_was_decided_is_not_published(desk: Desk) -> None:
    """X-11. Dashes and zeros, frozen for ever, would be a figure nobody counted."""
    DecidedWorld(desk.ledger, micros(NOW)).decision(-24)
    long_ago = Period(since=NOW - timedelta(days=90), until=NOW - timedelta(days=60))
    with pytest.raises(InvalidCommandError, match="Nothing was decided in this period"):
        desk.governance.publish_report("max", PublishReport(idempotency_key="1", period=long_ago))
    assert desk.reports.list() == ()


def test_a_period_that_is_not_over_is_not_published(desk: Desk) -> None:
    DecidedWorld(desk.ledger, micros(NOW)).decision(-24)
    running = Period(since=NOW - timedelta(days=30), until=NOW + timedelta(microseconds=1))
    with pytest.raises(InvalidCommandError, match="not over"):
        desk.governance.publish_report("max", PublishReport(idempotency_key="1", period=running))
    assert desk.reports.list() == ()


def test_a_published_period_is_published_again_only_by_saying_so(desk: Desk) -> None:
    DecidedWorld(desk.ledger, micros(NOW)).decision(-24)
    period = Period(since=NOW - timedelta(days=30), until=NOW)
    desk.governance.publish_report("max", PublishReport(idempotency_key="1", period=period))
    with pytest.raises(ConflictError, match="published already"):
        desk.governance.publish_report("max", PublishReport(idempotency_key="2", period=period))
    desk.governance.publish_report("max", PublishReport(idempotency_key="3", period=period, again=True))

    assert len(desk.reports.list()) == 2
