"""The query box: rights, log, export, proposals; what it refuses is tested in tests/data/test_query_process.py."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from analytics.views.query import EXAMPLES
from analytics.workflows.limits import limits, spend
from analytics.workflows.query import ExportQuery, ProposeCases, QueryBox
from data.analyst_copy import pseudonym
from data.errors import ConflictError, InvalidCommandError, RightsError
from data.query_process import Limits
from data.tables import actions, audit, cases, decisions, outbox, query_log
from tests.analytics.workflows.investigating import KEY, NOW, log_files, propose, staffed_gate
from tests.delivery_world import LocalLedger


@pytest.fixture
def ledger(tmp_path: Path) -> LocalLedger:
    return LocalLedger(tmp_path / "ledger.sqlite")


@pytest.fixture
def box(ledger: LocalLedger, tmp_path: Path) -> QueryBox:
    return QueryBox(staffed_gate(ledger, lambda: NOW), ledger, log_files(tmp_path), propose, lambda: NOW)


def count(ledger: LocalLedger, table) -> int:
    with ledger.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_an_analyst_gets_rows_and_the_query_is_logged(box: QueryBox, ledger: LocalLedger) -> None:
    found = box.run("ana", "select band, count(*) as n from engagements group by band order by n")

    assert (found.outcome, found.rows.rows()) == ("done", [("review", 10), ("remove", 20), ("keep", 40)])
    asked = box.history("ana")
    assert [(one.person_id, one.outcome, one.rows) for one in asked] == [("ana", "done", 3)]


def test_a_refused_query_is_logged_too(box: QueryBox) -> None:
    found = box.run("ana", "select * from read_csv('/etc/passwd')")

    assert (found.is_answered, found.message) == (False, "Files and network are off.")
    assert [one.outcome for one in box.history("ana")] == ["refused"]


def test_a_reviewer_may_not_ask(box: QueryBox, ledger: LocalLedger) -> None:
    with pytest.raises(RightsError):
        box.run("rita", "select 1")

    assert count(ledger, query_log) == 0


def test_everybody_sees_their_own_history(box: QueryBox) -> None:
    box.run("ana", "select 1")

    assert box.history("olu") == ()
    assert len(box.history("max", everybody=True)) == 1


@pytest.mark.process
def test_one_person_runs_one_query_at_a_time_and_does_not_hold_up_others(box: QueryBox) -> None:
    """T-15."""
    endless = "with recursive s as (select 1 as a union all select a from s) select count(*) from s"
    running = threading.Thread(target=box.run, args=("ana", endless, Limits(seconds=2)))
    running.start()
    while not box._asking:
        pass
    with pytest.raises(ConflictError, match="still running"):
        box.run("ana", "select 1")
    assert box.run("olu", "select 1 as a").is_answered
    running.join()
    assert box.run("ana", "select 1 as a").is_answered


def test_an_export_is_guarded_and_audited(box: QueryBox, ledger: LocalLedger) -> None:
    """X-12."""
    sql = "select '=1+1' as formula, count(*) as n from engagements"
    made = box.export("ana", ExportQuery(idempotency_key="k", sql=sql))

    assert list(csv.reader(io.StringIO(made.body.decode())))[1] == ["'=1+1", "70"]
    with ledger.read() as connection:
        assert connection.execute(select(audit.c.verb)).scalars().all() == ["ExportQuery"]


def test_nobody_carries_everything_away_in_an_hour(box: QueryBox, ledger: LocalLedger) -> None:
    """T-02: the export that is one too many is refused."""
    most = limits()["exports"]
    with ledger.write() as connection:
        spend(connection, "ana", {"exports": most - 1}, NOW)
    sql = "select count(*) as n from engagements"
    box.export("ana", ExportQuery(idempotency_key="last", sql=sql))
    with pytest.raises(ConflictError, match=f"At most {most} exports an hour"):
        box.export("ana", ExportQuery(idempotency_key="over", sql=sql))
    assert box.export("max", ExportQuery(idempotency_key="other", sql=sql)).rows == 1


def test_rows_about_fewer_than_five_people_stay_inside(box: QueryBox) -> None:
    """D.3 point 6: the ten-day log has three accounts that act, so nothing of them leaves."""
    by_kind = "select kind, count(distinct account) as accounts from engagements group by kind"
    persons = "select distinct account from engagements"

    asked = {"kinds": by_kind, "persons": persons}
    left_out = [box.export("ana", ExportQuery(idempotency_key=key, sql=sql)).left_out for key, sql in asked.items()]
    assert left_out == [2, 3]


def test_proposed_cases_are_in_state_proposed_and_nothing_else_was_written(box: QueryBox, ledger: LocalLedger) -> None:
    """P-12: from the query box no path leads to a decision or the outbox."""
    found = box.run("ana", "select distinct account from engagements where service = 'S-1'")
    names = tuple(found.rows[found.person_column])
    told = box.propose(
        "ana", ProposeCases(idempotency_key="k", query_id=found.query_id, pseudonyms=names, reason="Night likes")
    )

    assert told.message == "2 cases were proposed for review."
    with ledger.read() as connection:
        rows = connection.execute(select(cases.c.account_id, cases.c.state).order_by(cases.c.account_id)).all()
    assert [tuple(row) for row in rows] == [("a1", "proposed"), ("a2", "proposed")]
    assert [count(ledger, table) for table in (decisions, actions, outbox)] == [0, 0, 0]


def test_whoever_has_a_waiting_case_is_left_out_and_counted(box: QueryBox, ledger: LocalLedger) -> None:
    def proposed(key: str, *accounts: str) -> str:
        names = tuple(pseudonym(KEY, one) for one in accounts)
        return box.propose(
            "ana", ProposeCases(idempotency_key=key, query_id="q", pseudonyms=names, reason="Night likes")
        ).message

    assert proposed("first", "a1") == "1 case was proposed for review."
    assert proposed("second", "a1", "a2").startswith(
        "1 case was proposed for review. 1 of 2 accounts were left out: a case waits for them already"
    )
    assert count(ledger, cases) == 2


def test_a_manager_proposes_nothing_and_unknown_or_too_many_accounts_are_refused(
    box: QueryBox, ledger: LocalLedger
) -> None:
    def wanted(*names: str) -> ProposeCases:
        return ProposeCases(idempotency_key="k", query_id="q", pseudonyms=names, reason="because")

    known = pseudonym(KEY, "a1")
    with pytest.raises(RightsError):
        box.propose("max", wanted(known))
    with pytest.raises(InvalidCommandError, match="1 of these accounts are unknown"):
        box.propose("ana", wanted(known, "anobodyatall"))
    with pytest.raises(InvalidCommandError, match="1 to 500"):
        box.propose("ana", wanted(*(f"a{number}" for number in range(501))))
    assert count(ledger, cases) == 0


def test_two_columns_of_one_name_stay_two(box: QueryBox) -> None:
    assert box.run("ana", "select 1 as a, 2 as a").rows.rows() == [(1, 2)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_can_be_asked(box: QueryBox, name: str) -> None:
    assert box.run("ana", EXAMPLES[name]).outcome == "done"
