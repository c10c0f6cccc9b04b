"""The ledger's history of schemas: each step up and down, and which ones this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from data.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

# Every schema that ever was, oldest first; the last one is what this program reads and writes.
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = REVISIONS[-1]
_VERSION_TABLE = "alembic_version"


def schema_of(connection: Connection) -> str | None:
    """Return the schema a ledger has; None when it is new."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    found: str | None = connection.scalar(text(f"select version_num from {_VERSION_TABLE}"))
    return found


def refuse_newer(schema: str | None) -> None:
    """Refuse a schema this program does not know, before anything is read through it."""
    if schema is not None and schema not in REVISIONS:
        raise StorageError(
            f"The ledger has schema {schema}, which is newer than this program ({HEAD}).",
            "Update the program, or restore a backup made with this version.",
        )


def migrate(connection: Connection, to: str = HEAD) -> None:
    """Bring a ledger to a schema, up or down, inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415 - 0.2 s that only a new schema should cost

    schema = schema_of(connection)
    refuse_newer(schema)
    is_down = schema is not None and (to == "base" or REVISIONS.index(to) < REVISIONS.index(schema))
    (command.downgrade if is_down else command.upgrade)(_config(connection), to)


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see migrate

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
