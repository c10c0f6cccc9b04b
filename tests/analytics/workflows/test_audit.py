"""`verify`: the chain, the anchor and every rule of the ledger; what it finds it names."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import insert

from analytics.workflows.anchoring import ANCHOR_ROWS, anchor_when_due
from analytics.workflows.audit import HIDDEN, AuditFilter, AuditLog, verify
from data.anchors import anchor_file, read_anchors
from data.audit_chain import AuditEntry, append_audit, head
from data.errors import RightsError
from data.home import Home
from data.ledger import Ledger
from data.records import ActionKind
from data.tables import decision_engagements
from tests.delivery_world import NOON, Decided, decide
from tests.ledger_fixtures import Staffed
from tests.process.processes import ROOT

KIT, RITA, MAX = "demo-kit", "demo-rita", "demo-max"
PLAN = [ActionKind.RESET_PASSWORD, ActionKind.WARN, ActionKind.REMOVE_ENGAGEMENTS]


def decided(office: Staffed) -> Decided:
    """Decide one case as the desk would: the decision with its rows, its actions and its audit row."""
    with office.ledger.write() as connection:
        one = decide(connection, PLAN, at=NOON, likes=3)
        rows = pl.DataFrame({"kind": ["like"] * 4, "is_removed": [True, True, True, False]})
        sink = io.BytesIO()
        rows.write_parquet(sink)
        told = {"decision_id": one.decision_id, "engagements": sink.getvalue(), "removed_likes": 3, "proposed": 4}
        connection.execute(insert(decision_engagements).values(**told, removed_follows=0, removed_comments=0))
        entry = AuditEntry(actor_id=RITA, actor_role="reviewer", verb="Tested", subject=one.decision_id)
        append_audit(connection, entry, at=1)
    return one


@pytest.fixture
def busy(office: Staffed) -> Staffed:
    """Open a ledger in which people signed in, set something and decided two cases."""
    office.people.save_settings(office.token(RITA), {"keys": "alt"})
    decided(office)
    decided(office)
    return office


def edit(office: Staffed, *statements: str) -> None:
    """Change facts behind the program's back, with the guards taken away."""
    office.ledger.close()
    with closing(sqlite3.connect(office.home.ledger_file)) as connection:
        names = connection.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_sound_ledger_is_sound_and_gets_anchored(busy: Staffed) -> None:
    report = verify(busy.home)
    assert (report.is_sound, report.faults, report.first_bad_seq) == (True, (), None)
    with busy.ledger.read() as connection:
        end = head(connection)
    assert (report.rows, report.head_hash) == (end.seq, end.hash)
    anchored = read_anchors(busy.home).last
    assert anchored is not None
    assert (anchored.seq, anchored.hash) == (end.seq, end.hash)
    assert verify(busy.home).sentence == (
        f"Sound: {end.seq} audit rows, anchored up to row {end.seq}; every rule of the ledger holds."
    )


def test_verifying_twice_anchors_once(busy: Staffed) -> None:
    verify(busy.home)
    verify(busy.home)
    assert len(anchor_file(busy.home).read_text().splitlines()) == 1


def test_an_empty_ledger_is_sound(office: Staffed, tmp_path: Path) -> None:
    report = verify(Home(tmp_path / "new"))
    assert (report.is_sound, report.rows) == (True, 0)


def test_the_command_fails_when_one_byte_of_the_audit_table_is_changed(busy: Staffed) -> None:
    """Issue 2, C.7: exit code 0 before, 1 after, and the sentence names the row."""
    before = run_verify(busy)
    assert before.returncode == 0, before.stderr
    edit(busy, "update audit set after = replace(after, 'alt', 'alx') where verb = 'SaveSettings'")
    with closing(sqlite3.connect(busy.home.ledger_file)) as connection:
        (seq,) = connection.execute("select seq from audit where verb = 'SaveSettings'").fetchone()
    after = run_verify(busy)
    assert after.returncode == 1
    told = json.loads(after.stdout)
    assert (told["is_sound"], told["first_bad_seq"]) == (False, seq)
    assert told["sentence"].startswith(f"Not sound: Audit row {seq} was changed.")


def run_verify(office: Staffed) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"UNBOUGHT_HOME": str(office.home.root)}
    command = [sys.executable, "-m", "analytics", "verify", "--json"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


BROKEN = {
    "an action of a rejected decision": (
        "update decisions set outcome = 'reject' where decision_id = '{decision}'",
        "Action {action} (reset_password) has neither a confirming decision nor an overturned appeal.",
    ),
    "a reversal nobody ruled": (
        "update actions set reverses = '{action}' where action_id = '{last}'",
        "Action {last} (remove_engagements) has neither a confirming decision nor an overturned appeal.",
    ),
    "an action that is in no outbox": (
        "delete from outbox where action_id = '{action}'",
        "Action {action} has no place in the outbox.",
    ),
    "a decision without a trace": (
        "update audit set subject = 'other' where subject = '{decision}'",
        "Decision {decision} is not in the audit chain.",
    ),
    "an undone decision on its way": (
        "insert into decision_events values ('e', '{decision}', 'undone', 'rita', 1, '')",
        "Action {action} is on its way although its decision was undone.",
    ),
    "another request": (
        "update actions set body = replace(body, 'like-0', 'like-9') where action_id = '{last}'",
        "The request of action {last} is not the one that was decided.",
    ),
    "fewer engagements than chosen": (
        "delete from actions where action_id = '{last}'",
        "Decision {decision} chose 3 engagements, its actions name 0.",
    ),
    "counts that are not the rows'": (
        "update decision_engagements set removed_follows = 1, removed_likes = 2 where decision_id = '{decision}'",
        "The counts of decision {decision} are not those of its rows.",
    ),
    "a case in no known state": (
        "update cases set state = 'lost' where case_id = '{case}'",
        "Case {case} is in no known state.",
    ),
    "a case leased to nobody": (
        "update cases set state = 'leased' where case_id = '{case}'",
        "Case {case} is leased to nobody.",
    ),
    "a case decided by nobody": (
        (
            "create temp table one as select * from cases limit 1; update one set case_id = 'new', number = 99;"
            "insert into cases select * from one"
        ),
        "Case new is decided by nobody.",
    ),
    "a command without an audit row": (
        "insert into commands values ('forged', 'demo-kit', 'ChangeRoles', 'h', '', 1)",
        "Command forged (ChangeRoles) has no audit row.",
    ),
    "an audit row without its command": (
        "delete from commands where name = 'SaveSettings'",
        "Command {key} (SaveSettings) is audited but was never executed.",
    ),
    "another command": (
        "update commands set body_hash = 'other'",
        "Command {key} is not the one that was audited.",
    ),
    "a row that belongs to nothing": (
        "delete from sign_ins; delete from people where person_id = 'rita'",
        "A row of decisions belongs to a row of people that is gone.",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_is_named(office: Staffed, what: str) -> None:
    office.people.save_settings(office.token(RITA), {"keys": "alt"})
    one = decided(office)
    decided(office)
    with closing(sqlite3.connect(office.home.ledger_file)) as connection:
        (case,) = connection.execute(
            "select case_id from decisions where decision_id = ?", (one.decision_id,)
        ).fetchone()
        (key,) = connection.execute("select idempotency_key from commands").fetchone()
    names = {"decision": one.decision_id, "action": one.action_ids[0], "last": one.action_ids[-1], "case": case}
    statement, told = BROKEN[what]
    assert verify(office.home).is_sound
    edit(office, *(part.format(**names, key=key) for part in statement.split(";")))
    report = verify(office.home)
    assert not report.is_sound
    assert told.format(**names, key=key) in report.faults


def test_an_overturned_appeal_is_ground_enough_to_give_back(busy: Staffed) -> None:
    one = decided(busy)
    edit(
        busy,
        f"insert into appeals select 'ap', decision_id, case_id, account_id, 'page', null, '', 1 from decisions"
        f" where decision_id = '{one.decision_id}'",
        "insert into appeal_outcomes values ('ap', 'rita', 'overturned', '', 2)",
        f"insert into actions select 'back', decision_id, case_id, account_id, 'restore_engagements', 9, body,"
        f" body_hash, engagements, null, action_id, 1 from actions where action_id = '{one.action_ids[-1]}'",
        "insert into outbox select 'back', state, not_before, 0, null, null, '', '', null, 1 from outbox limit 1",
    )
    assert verify(busy.home).faults == ()
    edit(busy, "update appeal_outcomes set outcome = 'upheld'")
    assert verify(busy.home).faults == (
        "Action back (restore_engagements) has neither a confirming decision nor an overturned appeal.",
    )


def test_a_damaged_file_is_a_fault_and_no_crash(busy: Staffed) -> None:
    busy.ledger.close()
    with closing(sqlite3.connect(busy.home.ledger_file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        (page,) = connection.execute("select rootpage from sqlite_master where name = 'audit'").fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    content = bytearray(busy.home.ledger_file.read_bytes())
    content[(page - 1) * size : (page - 1) * size + 64] = b"\xff" * 64
    busy.home.ledger_file.write_bytes(content)
    report = verify(busy.home)
    assert not report.is_sound
    assert "malformed" in report.sentence


def test_an_unsound_ledger_is_never_anchored(busy: Staffed) -> None:
    edit(busy, "update audit set subject = 'x' where seq = 2")
    assert not verify(busy.home).is_sound
    assert not anchor_file(busy.home).exists()


def test_an_anchor_is_due_after_so_many_rows_or_minutes(office: Staffed) -> None:
    """C.7: every N rows or M minutes."""

    def add(rows: int) -> None:
        with office.ledger.write() as connection:
            for _ in range(rows):
                append_audit(connection, AuditEntry(actor_id="a", actor_role="r", verb="V", subject="s"), at=1)

    def due() -> bool:
        return anchor_when_due(office.home, office.ledger, office.clock())

    assert [due(), due()] == [True, False]
    add(1)
    office.forward(minutes=4, seconds=59)
    assert due() is False
    office.forward(seconds=1)
    assert [due(), due()] == [True, False]
    add(ANCHOR_ROWS - 1)
    assert due() is False
    add(1)
    assert [due(), due()] == [True, False]
    office.forward(hours=1)
    assert due() is False


@pytest.fixture
def log(busy: Staffed) -> AuditLog:
    return AuditLog(busy.home, busy.ledger, busy.clock)


def test_rows_are_listed_newest_first_and_filtered(busy: Staffed, log: AuditLog) -> None:
    who = busy.people.sign_in_demo(MAX)
    page = log.page(who, AuditFilter())
    assert [row.seq for row in page.rows] == list(range(page.total, 0, -1))
    assert (page.page, page.pages) == (1, 1)
    choices = log.choices(who)
    assert choices.verbs == ("AddDemoPeople", "SaveSettings", "SignIn", "Tested")
    assert choices.names[RITA] == "Rita Marlow"
    saved = log.page(who, AuditFilter(verb="SaveSettings", person_id=RITA))
    assert [(row.verb, row.subject, row.after["facts"]) for row in saved.rows] == [
        ("SaveSettings", RITA, {"keys": "alt"})
    ]
    assert log.page(who, AuditFilter(subject="nothing")).total == 0


def test_a_page_past_the_end_is_the_last_one(busy: Staffed, log: AuditLog) -> None:
    with busy.ledger.write() as connection:
        for _ in range(100):
            append_audit(connection, AuditEntry(actor_id="a", actor_role="r", verb="V", subject="s"), at=1)
    page = log.page(busy.people.sign_in_demo(MAX), AuditFilter(verb="V"), page=99)
    assert (page.page, page.pages, len(page.rows)) == (2, 2, 50)
    assert log.page(busy.people.sign_in_demo(MAX), AuditFilter(verb="V"), page=-3).page == 1


def test_an_administrator_does_not_see_which_cases_and_accounts(busy: Staffed, log: AuditLog) -> None:
    """D.2: admin cannot see cases."""
    page = log.page(busy.people.sign_in_demo(KIT), AuditFilter())
    seen = {row.verb: (row.subject, row.after) for row in page.rows}
    assert seen["Tested"] == (HIDDEN, {})
    assert seen["SaveSettings"][0] == RITA
    everything = str(page)
    with busy.ledger.read() as connection:
        for table in ("cases", "decisions"):
            for (name,) in connection.exec_driver_sql(f"select account_id from {table}"):
                assert name not in everything


def test_a_reviewer_does_not_read_the_record(busy: Staffed, log: AuditLog) -> None:
    who = busy.people.sign_in_demo(RITA)
    with pytest.raises(RightsError):
        log.page(who, AuditFilter())
    with pytest.raises(RightsError):
        log.verify(who)


def test_the_status_says_how_far_the_chain_is_anchored(busy: Staffed, log: AuditLog) -> None:
    assert log.status().anchored_seq is None
    anchor_when_due(busy.home, busy.ledger, busy.clock())
    rows = log.status().rows
    assert log.status().anchored_seq == rows
    busy.token(RITA)
    assert (log.status().rows, log.status().anchored_seq) == (rows + 1, rows)
    assert log.status().anchored_at == micros_of(busy)


def micros_of(office: Staffed) -> int:
    return int((office.clock() - NOON + timedelta(seconds=NOON.timestamp())).total_seconds()) * 1_000_000


def test_verify_on_postgresql(either: Ledger, tmp_path: Path) -> None:
    with either.write() as connection:
        append_audit(connection, AuditEntry(actor_id="a", actor_role="r", verb="V", subject="s"), at=1)
    report: Any = verify(Home(tmp_path), ledger=either)
    assert (report.is_sound, report.rows, report.faults) == (True, 1, ())
