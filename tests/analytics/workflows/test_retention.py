"""D.5: names and sign-ins go in time, facts stay, and what went is counted in the chain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from analytics.workflows.limits import spend
from analytics.workflows.retention import Purged, purge
from data.audit_chain import parsed
from data.records import ActionKind
from data.tables import audit, cases, handles, sign_ins, switches
from tests.delivery_world import NOON, decide, micros
from tests.ledger_fixtures import Staffed

RITA = "demo-rita"


def name_account(office: Staffed, account_id: str, *, state: str, days_ago: float) -> None:
    """Open a case of a named account that was last touched so many days ago."""
    at = NOON - timedelta(days=days_ago)
    with office.ledger.write() as connection:
        decide(connection, [ActionKind.WARN], account_id=account_id, at=at)
        connection.execute(update(cases).where(cases.c.account_id == account_id).values(state=state))
        row = {"account_id": account_id, "handle": account_id.title(), "updated_at": micros(NOON - timedelta(days=300))}
        connection.execute(insert(handles).values(row))


def left(office: Staffed, column: Any) -> list[Any]:
    with office.ledger.read() as connection:
        return sorted(connection.scalars(select(column)))


def test_names_go_when_nobody_can_need_them_any_more(staffed: Staffed) -> None:
    name_account(staffed, "long decided", state="decided", days_ago=201)
    name_account(staffed, "may still appeal", state="decided", days_ago=199)
    name_account(staffed, "still waits", state="open", days_ago=250)
    name_account(staffed, "two cases", state="decided", days_ago=250)
    with staffed.ledger.write() as connection:
        decide(connection, [ActionKind.WARN], account_id="two cases", at=NOON - timedelta(days=3))
    before = len(left(staffed, cases.c.case_id))
    assert purge(staffed.home, staffed.ledger, NOON) == Purged(handles=1)
    assert left(staffed, handles.c.account_id) == ["may still appeal", "still waits", "two cases"]
    assert len(left(staffed, cases.c.case_id)) == before


def test_old_sign_ins_go_and_open_ones_stay(staffed: Staffed) -> None:
    staffed.token(RITA)
    staffed.forward(days=31)
    held = staffed.token(RITA)
    assert purge(staffed.home, staffed.ledger, staffed.clock()) == Purged(sign_ins=1)
    assert staffed.people.who(held).person.person_id == RITA
    assert len(left(staffed, sign_ins.c.token_hash)) == 1


def test_counters_that_are_full_again_go_and_other_switches_stay(office: Staffed) -> None:
    with office.ledger.write() as connection:
        connection.execute(insert(switches).values(name="pause", value="{}", updated_at=1))
        connection.execute(insert(switches).values(name="spentX", value="{}", updated_at=1))
        spend(connection, RITA, {"decisions": 1}, NOON)
    assert purge(office.home, office.ledger, NOON + timedelta(hours=23)).counters == 0
    assert purge(office.home, office.ledger, NOON + timedelta(hours=25)).counters == 1
    assert left(office, switches.c.name) == ["pause", "spentX"]


def test_one_audit_row_says_how_much_went_and_a_second_round_says_nothing(office: Staffed) -> None:
    name_account(office, "long decided", state="closed", days_ago=400)
    for _ in range(2):
        purge(office.home, office.ledger, NOON)
    with office.ledger.read() as connection:
        rows = connection.execute(select(audit).where(audit.c.verb == "Purge")).all()
    assert [(row.actor_id, parsed(row.after)) for row in rows] == [
        ("worker", {"sign_ins": 0, "handles": 1, "counters": 0, "files": []})
    ]
    assert "long decided" not in str(rows)
