"""What must be right before the desk may be used in earnest (X-25): production refuses to start, the demo warns."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
from sqlalchemy import func, select

from analytics.workflows.people import is_production
from data.audit_chain import head
from data.errors import ConfigError, StorageError
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.platform.secret_files import SECRETS
from data.tables import people

CONFIG = Path(__file__).parent.parent.parent / ".streamlit" / "config.toml"
# What every browser's safety rests on: option of the web server → the only value that is safe.
SAFE_OPTIONS = {
    "client.showErrorDetails": "none",
    "server.enableAgentApi": "false",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
}
# The server's own values where nothing is set.
_DEFAULTS = {"client.showErrorDetails": "full", "server.enableAgentApi": "false"}
SHORTEST_SECRET = 32
_WELL_KNOWN = ("changeme", "change-me", "secret", "password", "example", "test", "default")
CLOCK_TOLERANCE = timedelta(minutes=5)
Asked = Callable[[str], datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is about to be started: the web server's own options, the names it answers to, and the environment."""

    home: Home
    options: Mapping[str, str]
    hosts: Sequence[str]
    environment: Mapping[str, str]
    now: datetime


def check_start(start: Start, tell: Callable[[str], None], *, ask_time: Asked | None = None) -> None:
    """Refuse to start in production with every fault listed; anywhere else say what would be one."""
    faults = list(start_faults(start, ask_time or platform_time))
    if not is_production():
        for fault in faults:
            tell(f"Warning: {fault}")
        return
    faults += list(demo_faults(start))
    if faults:
        listed = "".join(f"\n  - {fault}" for fault in faults)
        raise ConfigError(f"Not started: {len(faults)} things are unsafe for production.{listed}")


def start_faults(start: Start, ask_time: Asked) -> Iterator[str]:
    """Find what is wrong whatever the desk is used for."""
    yield from _options(start)
    if not start.hosts:
        yield "The pages answer to any name: set UNBOUGHT_ALLOWED_HOSTS."
    yield from _secrets(start)
    yield from _files(start.home)
    yield from _ledger(start)
    yield from _clock(start, ask_time)


def demo_faults(start: Start) -> Iterator[str]:
    """Find what belongs to the demo and to nothing else."""
    if not start.environment.get("UNBOUGHT_PLATFORM_URL", "").strip():
        yield "No platform is named, the sandbox would be used: set UNBOUGHT_PLATFORM_URL."
    try:
        ledger = Ledger.open(start.home)
    except StorageError:
        return
    with ledger.read() as connection:
        demo = connection.scalar(select(func.count()).where(people.c.is_demo, people.c.is_active)) or 0
    ledger.close()
    if demo:
        yield f"{demo} demo identities without a password may sign in: deactivate them."


def platform_time(address: str) -> datetime | None:
    """Ask the platform what time it is; None when it does not say."""
    try:
        told = httpx.get(address, timeout=3.0, trust_env=False).headers.get("date", "")
        return parsedate_to_datetime(told).astimezone(UTC)
    except (httpx.HTTPError, ValueError):
        return None


def _options(start: Start) -> Iterator[str]:
    set_in_file = _flat(tomllib.loads(CONFIG.read_text(encoding="utf-8"))) if CONFIG.exists() else {}
    for option, safe in SAFE_OPTIONS.items():
        in_environment = start.environment.get(_variable(option))
        value = start.options.get(option) or in_environment or set_in_file.get(option) or _DEFAULTS.get(option, safe)
        if value.lower() != safe:
            yield f"{option} is {value}; it must be {safe}."


def _flat(told: Mapping[str, object]) -> dict[str, str]:
    sections = {name: values for name, values in told.items() if isinstance(values, dict)}
    return {
        f"{section}.{name}": str(value).lower() if isinstance(value, bool) else str(value)
        for section, values in sections.items()
        for name, value in values.items()
    }


def _variable(option: str) -> str:
    """Name the environment variable of an option: server.enableCORS is STREAMLIT_SERVER_ENABLE_CORS."""
    section, name = option.split(".")
    spelled = "".join(
        f"_{letter}" if letter.isupper() and not before.isupper() else letter
        for before, letter in zip(f"A{name}", name, strict=False)
    )
    return f"STREAMLIT_{section}_{spelled}".upper()


def _secrets(start: Start) -> Iterator[str]:
    for name, variable in SECRETS.items():
        file = start.home.root / "secrets" / name
        given = start.environment.get(variable, "").strip()
        held = given or (file.read_text(encoding="utf-8").strip() if file.exists() else "")
        for one in held.split():
            if len(one.removeprefix("whsec_")) < SHORTEST_SECRET or _is_well_known(one):
                where = variable if given else str(file)
                yield f"The {name} secret in {where} is too short or well known: {SHORTEST_SECRET} random letters."


def _is_well_known(secret: str) -> bool:
    plain = secret.lower().removeprefix("whsec_")
    return len(set(plain)) < 8 or any(plain.startswith(word) for word in _WELL_KNOWN)


def _files(home: Home) -> Iterator[str]:
    """Nobody else on the machine may read the ledger, its copies or the secrets."""
    folders = (home.ledger_file.parent, home.root / "secrets")
    for file in sorted(file for folder in folders if folder.exists() for file in folder.iterdir() if file.is_file()):
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield f"{file} may be read by others: chmod 600."


def _ledger(start: Start) -> Iterator[str]:
    try:
        Ledger.open(start.home).close()
    except StorageError as error:
        yield str(error)


def _clock(start: Start, ask_time: Asked) -> Iterator[str]:
    """Compare the clock with the last audit row, which cannot lie ahead, and with the platform's own."""
    try:
        ledger = Ledger.open(start.home)
        with ledger.read() as connection:
            last = head(connection).at
        ledger.close()
    except StorageError:
        return
    if last - micros(start.now) > CLOCK_TOLERANCE / timedelta(microseconds=1):
        yield "The clock is behind the last audit row: set it right."
    address = start.environment.get("UNBOUGHT_PLATFORM_URL", "").strip()
    theirs = ask_time(address) if address else None
    if theirs is not None and abs(theirs - start.now) > CLOCK_TOLERANCE:
        yield f"The clock is {abs(theirs - start.now).total_seconds() / 60:.0f} min off the platform's: set it right."


def starting(home: Home, options: Mapping[str, str], hosts: Sequence[str]) -> Start:
    """Return what is about to be started in this process's environment, now."""
    return Start(home=home, options=options, hosts=hosts, environment=os.environ, now=datetime.now(UTC))
