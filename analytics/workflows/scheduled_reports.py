"""Each month's figures are frozen soon after its end, so that a published number can be reproduced years later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.figures import Period
from analytics.workflows.reports import Reports, freeze, is_decided_in
from data.audit_chain import AuditEntry, append_audit
from data.moments import micros
from data.tables import reports

MACHINE = "worker"


def freeze_last_month(ledger: LedgerLike, of: Reports, now: datetime) -> str | None:
    """Freeze the calendar month before `now`, once, when anything was decided in it; returns the report's id."""
    period = month_before(now)
    with ledger.read() as connection:
        if not _is_wanted(connection, period):
            return None
    content = of.draft(period)
    with ledger.write() as connection:
        if not _is_wanted(connection, period):
            return None
        report_id = freeze(connection, content, period, person_id=None, now=now)
        facts = {"since": content["since"], "until": content["until"], "as_of_seq": content["as_of_seq"]}
        entry = AuditEntry(
            actor_id=MACHINE, actor_role="machine", verb="FreezeReport", subject=report_id, after={"facts": facts}
        )
        append_audit(connection, entry, at=micros(now))
    return report_id


def month_before(now: datetime) -> Period:
    """The whole calendar month before a moment, in UTC."""
    until = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = (until.year - 1, 12) if until.month == 1 else (until.year, until.month - 1)
    return Period(since=until.replace(year=year, month=month), until=until)


def _is_wanted(connection: Connection, period: Period) -> bool:
    since, until = micros(period.since), micros(period.until)
    frozen = select(reports.c.report_id).where(
        reports.c.period_from == since, reports.c.period_to == until, reports.c.person_id.is_(None)
    )
    return connection.execute(frozen.limit(1)).first() is None and is_decided_in(connection, period)
