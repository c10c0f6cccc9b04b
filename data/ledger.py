"""The ledger: the precious, append-only database of what people decided. SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.engine import url as urls
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from data.audit_chain import KEY
from data.errors import ConfigError, StorageError
from data.home import Home
from data.migrations import HEAD, migrate, refuse_newer, schema_of
from data.tables import audit

URL = "UNBOUGHT_LEDGER_URL"
KEY_FILE = "audit"
BUSY_SECONDS = 30
# Any number, the same in every process: writers of a PostgreSQL ledger take turns on it, as SQLite's do on the file.
_WRITERS = 20_181_119
_WANTS_TO_WRITE = "unbought_writes"


class Ledger:
    """Transactions over one ledger; safe to share between threads."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        self._engine = engine
        self.file = file
        # Writers of one process queue here: SQLite lets waiters sleep and poll, which with fifty people means seconds.
        self._turns = threading.Lock()

    @classmethod
    def open(cls, home: Home, *, url: str | None = None, file: Path | None = None, migrates: bool = True) -> Ledger:
        """Open the ledger of a home, or another file of it, creating it or bringing its schema up to date first."""
        key = _key(home.root)
        address = url if url is not None else os.environ.get(URL, "").strip()
        if address and file is None:
            ledger = cls(_postgresql(address, key), None)
        else:
            there = file or home.ledger_file
            ledger = cls(_sqlite(there, key), there)
        if migrates:
            ledger._migrate()
        return ledger

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection on one consistent state of the ledger; it cannot write."""
        with _told("The ledger cannot be read"), self._transaction(is_write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection that alone may write; all of it is kept at the end, or nothing."""
        with _told("Not saved"), self._transaction(is_write=True) as connection:
            yield connection

    def version(self) -> int:
        """Return the number of the last audit row: it grows with everything that people do, not with deliveries."""
        with self.read() as connection:
            return connection.scalar(select(func.max(audit.c.seq))) or 0

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, is_write: bool) -> Iterator[Connection]:
        is_shared = self._engine.dialect.name == "postgresql"
        with self._turn() if is_write and not is_shared else nullcontext(), self._engine.connect() as connection:
            connection.execution_options(**{_WANTS_TO_WRITE: is_write})
            with connection.begin():
                if is_shared:
                    _take_turns(connection, is_write=is_write)
                yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=BUSY_SECONDS):
            raise StorageError("Not saved: the ledger is busy.", "Try again in a moment.")
        try:
            yield
        finally:
            self._turns.release()

    def _migrate(self) -> None:
        with self.read() as connection:
            schema = schema_of(connection)
        refuse_newer(schema)
        if schema != HEAD:
            with self.write() as connection:
                migrate(connection)


def _sqlite(file: Path, key: bytes) -> Engine:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Created by us, so that nobody else on the machine may read it.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        cause = os.strerror(error.errno or 0).lower()
        raise StorageError(f"The ledger cannot be opened: {cause}.", f"See to {file}.") from error
    engine = create_engine(
        # Not a text: a place may hold signs that a URL reads otherwise.
        urls.URL.create("sqlite", database=str(file)),
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        pool_size=16,
        max_overflow=64,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        record.info[KEY] = key
        for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "recursive_triggers=on"):
            connection.execute(f"pragma {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_write = connection.get_execution_options().get(_WANTS_TO_WRITE, False)
        connection.exec_driver_sql(f"pragma query_only={'off' if is_write else 'on'}")
        connection.exec_driver_sql("begin immediate" if is_write else "begin")

    return engine


def _postgresql(address: str, key: bytes) -> Engine:
    if not address.startswith("postgresql"):
        raise ConfigError(f"{URL} does not name a PostgreSQL database.", "It begins with postgresql://")
    engine = create_engine(
        "postgresql+psycopg://" + address.split("://", 1)[-1], pool_size=16, max_overflow=64, pool_pre_ping=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(_connection: Any, record: Any) -> None:
        record.info[KEY] = key

    return engine


def _take_turns(connection: Connection, *, is_write: bool) -> None:
    """Give PostgreSQL the two kinds of transaction that SQLite has: one writer at a time, readers on one state."""
    if is_write:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _WRITERS})
    else:
        connection.exec_driver_sql("set transaction isolation level repeatable read, read only")


def _key(root: Path) -> bytes:
    """Read the key of the audit chain, where one was laid down."""
    file = root / "secrets" / KEY_FILE
    return file.read_bytes().strip() if file.exists() else b""


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn a refusal of the disk or the database into one sentence; a broken rule stays what it is."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except (OperationalError, DatabaseError) as error:
        cause = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
        raise StorageError(f"{what}: {cause}.", "Nothing was acknowledged; try again when there is room.") from error
