"""What people send about a bulk; each command after the first repeats the fingerprint of the list it is about."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.workflows.bulk_reads import BulkQuery
from data.records import ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeBulk:
    """Fix a list of cases, draw its sample, and ask for it to be decided; `named` lets single large accounts in."""

    idempotency_key: str
    query: BulkQuery
    reason: ReasonCode
    note: str = ""
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveBulk:
    idempotency_key: str
    bulk_id: str
    list_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteBulk:
    idempotency_key: str
    bulk_id: str
    list_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopBulk:
    idempotency_key: str
    bulk_id: str


BulkCommand = FreezeBulk | ApproveBulk | ExecuteBulk | StopBulk
