"""What services are called: the name people gave, else the one that the newest case file shows."""

from __future__ import annotations

import threading
from collections.abc import Collection

from sqlalchemy import Connection, func, select

from analytics.casework.freezing import thaw
from analytics.workflows.services import read_names
from data.tables import case_files, cases

_KNOWN: dict[tuple[str, str], str] = {}
_LOCK = threading.Lock()
# Looked up service by service, each by its place in the index; to group them all would read every case.
_OTHERS = cases.alias("others")
_NEWEST = select(func.max(_OTHERS.c.case_id))


def titles(connection: Connection, service_ids: Collection[str]) -> dict[str, str]:
    """Return the names of services by id; files never change, so each is read once."""
    wanted = sorted(set(service_ids))
    if not wanted:
        return {}
    given = read_names(connection)
    some = select(cases.c.service_id).where(cases.c.service_id.in_(wanted)).distinct().subquery()
    of_service = _NEWEST.where(_OTHERS.c.service_id == some.c.service_id)
    newest = select(some.c.service_id, of_service.scalar_subquery())
    found = {service: _filed(connection, service, case_id) for service, case_id in connection.execute(newest)}
    return {service: given.of(service, found.get(service, service)) for service in wanted}


def _filed(connection: Connection, service_id: str, case_id: str) -> str:
    with _LOCK:
        known = _KNOWN.get((service_id, case_id))
    if known is None:
        content = connection.scalar(select(case_files.c.content).where(case_files.c.case_id == case_id))
        known = (thaw(content).service_name if content is not None else None) or service_id
        with _LOCK:
            _KNOWN[service_id, case_id] = known
    return known
