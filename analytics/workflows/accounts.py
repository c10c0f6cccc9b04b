"""One account over time: what it did, from where, for whom, and what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analytics.workflows.account_history import History, read_history
from analytics.workflows.account_score import Why, why
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.explore import Readers
from data.moments import of_micros
from data.records import KIND_CODES, Mark

KINDS = {code: kind.value for kind, code in KIND_CODES.items()}
_ENFORCING = {"remove_engagements": "Engagements removed", "reset_password": "Password reset", "limit": "Limited"}
_ENFORCING |= {"suspend": "Suspended", "reinstate": "Reinstated", "restore_engagements": "Engagements restored"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLife:
    """Everything about one account; times in frames are UTC datetimes.

    `hours`: hour, source, kind, client, engagements. `sessions`, `logins`, `targets`, `sources`, `churn`,
    `neighbours`: see the .sql files of the same names.
    """

    account_id: str
    header: dict[str, Any]
    hours: pl.DataFrame
    sessions: pl.DataFrame
    logins: pl.DataFrame
    targets: pl.DataFrame
    sources: pl.DataFrame
    churn: pl.DataFrame
    neighbours: pl.DataFrame
    marks: tuple[Mark, ...]
    history: History


class Accounts:
    """Reads for the account page; who may look is checked by the caller's look-up command (T-01)."""

    def __init__(self, readers: Readers, ledger: LedgerLike, models: Path) -> None:
        self._readers = readers
        self._ledger = ledger
        self._models = models

    def life(self, account_id: str) -> AccountLife | None:
        """Return one account's life, or None when the log does not know it."""
        reader = self._readers()
        header = reader.rows("account_header", {"account_id": account_id})
        if header.is_empty():
            return None
        known = {"account_key": int(header["account_key"].item())}
        found = {name: _timed(reader.rows(f"account_{name}", known)) for name in _PARTS}
        with self._ledger.read() as connection:
            history = read_history(connection, account_id)
        return AccountLife(
            account_id=account_id,
            header=header.row(0, named=True),
            marks=_marks(found["logins"], history),
            history=history,
            **{**found, "hours": _kinds(found["hours"])},
        )

    def why(self, account_id: str) -> Why | None:
        """Explain an account's score, also where nobody is asked to look at it; None when the run did not score it."""
        reader = self._readers()
        key = reader.rows("account_key", {"account_id": account_id})
        return why(reader, int(key["account_key"].item()), self._models) if key.height else None

    def comments(self, account_id: str) -> pl.DataFrame:
        """Return the wordings of an account's comments, on demand only (D.5): wording, example, comments, targets."""
        reader = self._readers()
        key = reader.rows("account_key", {"account_id": account_id})
        wanted = int(key["account_key"].item()) if key.height else -1
        return reader.rows("account_comments", {"account_key": wanted})


_PARTS = ("hours", "sessions", "logins", "targets", "sources", "churn", "neighbours")
_MOMENTS = {"hour", "started_at", "ended_at", "at", "followed_at"}


def _timed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        pl.from_epoch(name, "us").dt.replace_time_zone("UTC") for name in rows.columns if name in _MOMENTS
    )


def _kinds(hours: pl.DataFrame) -> pl.DataFrame:
    return hours.with_columns(pl.col("kind").cast(pl.Int64).replace_strict(KINDS, return_dtype=pl.String))


def _marks(logins: pl.DataFrame, history: History) -> tuple[Mark, ...]:
    """Sign-ins from new networks and delivered enforcement, in order of time."""
    entries = [
        Mark(at=at, kind="login", label=f"Signed in from a new network, AS{asn}" if asn else "Signed in from elsewhere")
        for at, asn in logins.filter("is_new").select("at", "asn").iter_rows()
    ]
    done = history.actions.filter(pl.col("finished_at").is_not_null(), pl.col("kind").is_in(list(_ENFORCING)))
    enforced = [
        Mark(at=of_micros(at), kind="enforcement", label=_ENFORCING[kind])
        for at, kind in done.select("finished_at", "kind").unique(maintain_order=True).iter_rows()
    ]
    return tuple(sorted([*entries, *enforced], key=lambda mark: mark.at))
