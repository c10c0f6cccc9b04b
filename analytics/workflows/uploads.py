"""Files on their way in: kept apart under a random name, small, few, and what they claim to be."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from data.errors import InputError, RightsError
from data.ingest.sources import SUFFIXES

MOST_FILES = 5
MOST_BYTES = 25 * 1024 * 1024
KEPT_FOR = timedelta(days=1)
_FORM = re.compile(r"[0-9a-f]{32}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Files that one person brought, or a folder of the inbox that they named."""

    upload_id: str
    person_id: str
    folder: Path
    paths: tuple[Path, ...]
    # A folder of the inbox was put there by whoever runs the machine.
    is_trusted: bool

    @property
    def status_file(self) -> Path:
        return self.folder / "status.json"


class Uploads:
    """The quarantine of one home."""

    def __init__(self, root: Path, inbox: Path) -> None:
        self._root, self._inbox = root, inbox

    def receive(self, person_id: str, files: Sequence[tuple[str, bytes]], now: datetime) -> Upload:
        """Keep uploaded files; a wrong ending, too many or too much is refused before anything is written."""
        self._clear(now)
        if not 1 <= len(files) <= MOST_FILES:
            raise InputError(f"Bring one to {MOST_FILES} files at a time.")
        if sum(len(body) for _, body in files) > MOST_BYTES:
            raise InputError(
                f"The files are larger than {MOST_BYTES // 1024**2} MB together.",
                "Put a larger log into the inbox folder of the machine and name that.",
            )
        names = [_UNSAFE.sub("_", Path(name).name)[-80:] for name, _ in files]
        for name in names:
            if Path(name).suffix.lower() not in SUFFIXES or name.startswith("."):
                raise InputError(f"{name} is neither Parquet, CSV nor JSONL.", f"Known endings: {', '.join(SUFFIXES)}.")
        if len(set(names)) != len(names):
            raise InputError("Two files have the same name.")
        folder = self._new(person_id, {"names": names})
        for name, (_, body) in zip(names, files, strict=True):
            (folder / name).write_bytes(body)
        return self.find(folder.name, person_id)

    def point(self, person_id: str, name: str, now: datetime) -> Upload:
        """Name a folder or file of the inbox; nothing outside it can be named."""
        self._clear(now)
        inbox = self._inbox.resolve()
        path = (inbox / name.strip().lstrip("/")).resolve()
        if not path.is_relative_to(inbox) or not path.exists():
            raise InputError("That is not in the inbox.", f"Put the log under {self._inbox}, then name it from there.")
        return self.find(self._new(person_id, {"inbox": str(path)}).name, person_id)

    def find(self, upload_id: str, person_id: str) -> Upload:
        """Find an upload of this person."""
        folder = self._root / upload_id
        if not _FORM.fullmatch(upload_id) or not (folder / "upload.json").exists():
            raise InputError("This upload is not kept any more.", "Choose the files again.")
        told: dict[str, Any] = json.loads((folder / "upload.json").read_text())  # Any: JSON
        if told["person_id"] != person_id:
            raise RightsError("Somebody else brought this upload.")
        is_trusted = "inbox" in told
        paths = (Path(told["inbox"]),) if is_trusted else tuple(folder / name for name in told["names"])
        return Upload(upload_id=upload_id, person_id=person_id, folder=folder, paths=paths, is_trusted=is_trusted)

    def _new(self, person_id: str, told: dict[str, Any]) -> Path:  # Any: JSON
        folder = self._root / uuid4().hex
        folder.mkdir(parents=True)
        (folder / "upload.json").write_text(json.dumps({"person_id": person_id, **told}))
        return folder

    def _clear(self, now: datetime) -> None:
        for folder in self._root.glob("*"):
            if folder.stat().st_mtime < (now - KEPT_FOR).timestamp():
                shutil.rmtree(folder, ignore_errors=True)
