"""Statements of reasons in the ledger: written with the decision, exported for the database."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, exists, insert, select

from analytics.casework.statements import StatementFacts, StatementRules, parse_rules, statement_of
from data.errors import ConfigError, StorageError
from data.export_place import place_of
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.tables import decision_events, statements

SHIPPED = Path(__file__).parents[2] / "data" / "reference" / "statements.toml"


@cache
def load_statement_rules(path: Path = SHIPPED) -> StatementRules:
    """Read and check the reviewed mapping."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be used: {error}.", "Restore it from the repository.") from error
    return parse_rules(told)


def keep_statement(connection: Connection, facts: StatementFacts, at: datetime) -> str | None:
    """Write the statement that a decision owes and return its id; None when the decision restricts nothing."""
    statement = statement_of(facts, load_statement_rules())
    if statement is None:
        return None
    row = {"puid": statement.puid, "decision_id": facts.decision_id, "content": statement.to_json()}
    connection.execute(insert(statements).values(**row, created_at=micros(at)))
    return statement.puid


def export_statements(home: Home, out: Path) -> int:
    """Write every statement of a decision that was not undone as one JSON array; return how many."""
    target = place_of(out)
    ledger = Ledger.open(home)
    try:
        with ledger.read() as connection:
            texts = _standing(connection)
    finally:
        ledger.close()
    unfinished = target.with_name(f".{target.name}.part")
    try:
        unfinished.write_text("[" + ",\n".join(texts) + "]\n", encoding="utf-8")
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(f"{out} could not be written: {error.strerror}.", "Choose another place.") from error
    return len(texts)


def _standing(connection: Connection) -> list[str]:
    was_undone = exists().where(
        decision_events.c.decision_id == statements.c.decision_id, decision_events.c.event == "undone"
    )
    query = select(statements.c.content).where(~was_undone).order_by(statements.c.created_at, statements.c.puid)
    return list(connection.scalars(query))
