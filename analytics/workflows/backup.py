"""Copy the ledger while it is in use, and put a copy back: only one that verifies, and never over the only other."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from analytics.workflows.audit import examine, verify
from data.anchors import RESTORED, Anchors, read_anchors, write_anchor
from data.audit_chain import AuditEntry, Head, append_audit
from data.errors import ConfigError, InputError, StorageError
from data.home import Home
from data.ledger import URL, Ledger
from data.moments import micros

COPY, MANIFEST = "ledger.sqlite", "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy is: when it was made, what its bytes are, and where its audit chain ends."""

    made_at: str
    sha256: str
    bytes: int
    audit_seq: int
    audit_hash: str


def backup(home: Home, folder: Path, *, now: datetime) -> Path:
    """Copy the ledger into a new folder under `folder` and return it; the ledger stays in use meanwhile."""
    _refuse_postgresql("pg_dump --format=custom --file={file} {url}")
    if not home.ledger_file.exists():
        raise StorageError("There is no ledger to copy.", f"Looked at {home.ledger_file}.")
    place = folder / now.astimezone(UTC).strftime("ledger-%Y%m%dT%H%M%SZ")
    if place.exists():
        raise InputError(f"{place} is there already.", "Choose another folder, or wait a second.")
    partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True, mode=0o700)
        _copy(home.ledger_file, partial / COPY)
        _write(partial / MANIFEST, json.dumps(asdict(_manifest(partial / COPY, now)), indent=1) + "\n")
        partial.rename(place)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(f"The copy was not made: {error}.", "The ledger itself is unharmed.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def restore(home: Home, folder: Path, *, now: datetime | None = None) -> Path:
    """Put a copy back in place after checking it; the ledger that was there is kept beside it."""
    _refuse_postgresql("pg_restore --clean --dbname={url} {file}")
    moment = micros(now or datetime.now(UTC))
    source = _newest(folder)
    manifest = _read_manifest(source)
    candidate = home.ledger_file.with_name("restoring.sqlite")
    try:
        _bring(source / COPY, candidate)
        _check(home, candidate, manifest)
        _swap(candidate, home.ledger_file, f"before-restore-{moment}")
    except (OSError, sqlite3.Error) as error:
        raise StorageError(f"The copy could not be put in place: {error}.", "The ledger is as it was.") from error
    finally:
        _remove(candidate)
    _record(home, manifest, moment)
    report = verify(home)
    if not report.is_sound:
        raise StorageError(report.sentence, "The ledger that was there before lies beside it.")
    return source


def _bring(source: Path, candidate: Path) -> None:
    candidate.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove(candidate)
    _copy(source, candidate)


def _check(home: Home, candidate: Path, manifest: Manifest) -> None:
    """Refuse a copy that is not sound, before anything is replaced by it."""
    before = tuple(one for one in read_anchors(home).holding if one.seq <= manifest.audit_seq)
    ledger = Ledger.open(home, file=candidate)
    try:
        report = examine(ledger, Anchors(before, (), 0))
    finally:
        ledger.close()
    _settle(candidate)
    if not report.is_sound:
        raise InputError(f"The copy is not sound, nothing was changed. {report.sentence}", "Take another copy.")


def _swap(candidate: Path, file: Path, name: str) -> None:
    """Put the copy in place in one step; before it, the ledger that was there gets a second name."""
    if file.exists():
        try:
            _settle(file)
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise StorageError("The ledger is in use.", "Stop `serve` and `work` first.") from error
        for tail in ("-wal", "-shm"):
            left = file.with_name(file.name + tail)
            if left.exists():
                left.rename(file.with_name(f"{name}.sqlite{tail}"))
        os.link(file, file.with_name(f"{name}.sqlite"))
    candidate.replace(file)


def _settle(file: Path) -> None:
    """Bring everything into the one file; only possible when nobody else has it open."""
    with closing(sqlite3.connect(file, timeout=1)) as connection:
        connection.execute("pragma journal_mode=delete").fetchone()


def _record(home: Home, manifest: Manifest, moment: int) -> None:
    """Say in the anchor file and in the chain itself that the ledger was put back to an earlier state."""
    write_anchor(home, Head(manifest.audit_seq, manifest.audit_hash, 0), at=moment, event=RESTORED)
    ledger = Ledger.open(home)
    told = {"made_at": manifest.made_at, "sha256": manifest.sha256, "audit_seq": manifest.audit_seq}
    entry = AuditEntry(actor_id="operator", actor_role="command", verb="RestoreLedger", subject="ledger", after=told)
    with ledger.write() as connection:
        append_audit(connection, entry, at=moment)
    ledger.close()


def _copy(source: Path, target: Path) -> None:
    """Use SQLite's own online copy: a whole state of the database, whatever is written meanwhile."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(_unwritten(source), uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("pragma journal_mode=delete")
    handle = os.open(target, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _unwritten(file: Path) -> str:
    """A database as SQLite opens it for reading only."""
    return f"{file.absolute().as_uri()}?mode=ro"


def _manifest(copy: Path, now: datetime) -> Manifest:
    with closing(sqlite3.connect(_unwritten(copy), uri=True)) as connection:
        end = connection.execute("select seq, hash from audit order by seq desc limit 1").fetchone()
    seq, hashed = end or (0, "")
    return Manifest(
        made_at=now.isoformat(), sha256=_sha256(copy), bytes=copy.stat().st_size, audit_seq=seq, audit_hash=hashed
    )


def _read_manifest(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        is_whole = _sha256(folder / COPY) == manifest.sha256
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{folder} holds no usable copy of a ledger.", "Name a folder that `backup` made.") from error
    if not is_whole:
        raise InputError("The copy is not what its manifest says; nothing was changed.", "Take another copy.")
    return manifest


def _newest(folder: Path) -> Path:
    """Return the copy itself, or the newest one of a folder of copies."""
    if (folder / MANIFEST).exists():
        return folder
    found = sorted(path.parent for path in folder.glob(f"ledger-*/{MANIFEST}"))
    if not found:
        raise InputError(f"{folder} holds no copy of a ledger.", "Name a folder that `backup` made.")
    return found[-1]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _remove(file: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + tail).unlink(missing_ok=True)


def _refuse_postgresql(command: str) -> None:
    address = os.environ.get(URL, "").strip()
    if address:
        told = command.format(file="ledger.dump", url=make_url(address).render_as_string(hide_password=True))
        raise ConfigError("The ledger is in PostgreSQL, which has its own copies.", f"Use: {told}")
