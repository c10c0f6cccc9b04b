"""The reviewed notice texts of data/reference/notices, and the notices that a decision leaves in the ledger."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert
from uuid6 import uuid7

from analytics.casework.notice_templates import NoticeName, NoticeTemplate, parse_notices
from data.errors import ConfigError
from data.moments import micros
from data.records import NoticeText
from data.tables import notices

SHIPPED = Path(__file__).parents[2] / "data" / "reference" / "notices"


@cache
def load_notices(folder: Path = SHIPPED) -> dict[NoticeName, NoticeTemplate]:
    """Read and check every language of a folder; a faulty one is refused by name."""
    return parse_notices({path.stem: _read(path) for path in sorted(folder.glob("*.toml"))})


def keep_notice(
    connection: Connection,
    *,
    decision_id: str,
    account_id: str,
    name: NoticeName,
    text: NoticeText,
    at: datetime,
    appeal_until: datetime | None = None,
) -> str:
    """Write the notice that a decision owes to the account, word for word, and return its id."""
    notice_id = str(uuid7())
    connection.execute(
        insert(notices).values(
            notice_id=notice_id,
            decision_id=decision_id,
            account_id=account_id,
            template=name.value,
            template_version=text.template_version,
            language=text.language,
            title=text.title,
            body=text.body,
            appeal_until=micros(appeal_until) if appeal_until else None,
            created_at=micros(at),
        )
    )
    return notice_id


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be used: {error}.", "Restore it from the repository.") from error
