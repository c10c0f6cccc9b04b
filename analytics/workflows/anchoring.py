"""When the end of the audit chain is written down outside the ledger (C.7)."""

from __future__ import annotations

from datetime import datetime

from analytics.workflows.deliver import LedgerLike
from data.anchors import last_anchor, write_anchor
from data.audit_chain import head
from data.home import Home
from data.moments import micros

# An anchor is due after so many rows, or so long after the last one when anything was added.
ANCHOR_ROWS = 100
ANCHOR_MINUTES = 5
_MINUTE = 60_000_000


def anchor_when_due(home: Home, ledger: LedgerLike, now: datetime) -> bool:
    """Write down where the chain ends, when enough was added or enough time has passed."""
    with ledger.read() as connection:
        end = head(connection)
    last = last_anchor(home)
    added = end.seq - (last.seq if last else 0)
    waited = micros(now) - (last.at if last else 0)
    if added >= ANCHOR_ROWS or (added > 0 and waited >= ANCHOR_MINUTES * _MINUTE):
        write_anchor(home, end, at=micros(now))
        return True
    return False
