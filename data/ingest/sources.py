"""The files of a load: which there are, what they are, and which tables of the contract they feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.contracts import INPUT
from data.errors import Fault, InputError
from data.ingest.mapping import Mapping
from data.ingest.reading import shown_name

MOST_COLUMNS = 200
_BLOCK = 1 << 20
# Credentials are never received and never stored (D.5).
_SECRET = re.compile(
    r"passw(or)?d|passwd|pwd|passphrase|secret|(^|[_\W])(token|cookie|credential|auth|otp)s?($|[_\W])"
    r"|api_?key|private_?key|access_?token|refresh_?token|session_?(id|key|token)",
    re.IGNORECASE,
)
_MAGIC = {
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "compressed (gzip)",
    b"PK\x03\x04": "compressed (zip)",
    b"\x28\xb5\x2f\xfd": "compressed (zstd)",
    b"BZh": "compressed (bzip2)",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


class Format(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


SUFFIXES = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".csv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
}
# Endings under which a log may lie in a folder that we cannot read; left alone in silence it would be missed.
UNREAD = frozenset({
    ".gz", ".zip", ".zst", ".bz2", ".xz", ".7z", ".tgz",
    ".tsv", ".tab", ".txt", ".json", ".xlsx", ".xls", ".ods", ".avro", ".orc", ".arrow", ".feather",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of a load."""

    number: int
    path: Path
    format: Format
    digest: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def staged(self) -> str:
        """The name under which its rows are staged."""
        return f"source_{self.number}"

    def refusal(self, cause: str, hint: str = "", *, line: int = 0) -> InputError:
        """Refuse the whole file for one cause."""
        fault = Fault(shown_name(self.name), line, cause)
        return InputError(f"{fault}.", hint or "Nothing was loaded.", faults=(fault,), total=1)


def find_sources(paths: Sequence[Path], mapping: Mapping | None) -> list[Source]:
    """Every file to load, in a fixed order, with the fingerprint by which it is known again."""
    _refuse_unread(paths, mapping)
    found = sorted({file for path in paths for file in _files(path)}, key=lambda path: (path.name, str(path)))
    if not found:
        raise InputError("There is no file to load.", "Give a folder or files: Parquet, CSV or JSONL.")
    if mapping:
        found = [path for path in found if any(rule.reads(path.name) for rule in mapping.tables.values())]
        if not found:
            raise InputError("The mapping reads none of these files.", "Look at its `files` patterns.")
    reading = f"+{mapping.digest[:16]}" if mapping else ""
    return [
        Source(number=number, path=path, format=SUFFIXES[path.suffix.lower()], digest=_digest(path) + reading)
        for number, path in enumerate(found)
    ]


def _refuse_unread(paths: Iterable[Path], mapping: Mapping | None) -> None:
    """Refuse a folder with a file that seems to belong to the log and cannot be read, before the rest is loaded."""
    there = sorted(file for path in paths if path.is_dir() for file in path.iterdir() if _seems_unread(file.name))
    unread = [
        file.name for file in there if mapping is None or any(r.reads(file.name) for r in mapping.tables.values())
    ]
    if unread:
        raise InputError(
            f"The folder holds {shown_name(unread[0])}, which is neither Parquet, CSV nor JSONL.",
            "Nothing was loaded. Unpack or convert it, or take it out of the folder.",
        )


def _seems_unread(name: str) -> bool:
    """Whether a file is named like a table of the contract, or like a log that was packed."""
    first, *endings = name.lower().split(".")
    if not first or first.startswith("_") or not endings or f".{endings[-1]}" not in UNREAD:
        return False
    return first.startswith(tuple(INPUT)) or any(f".{one}" in SUFFIXES for one in endings[:-1])


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        there = [file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file()]
        if not there:
            raise InputError(f"The folder {path.name} holds no Parquet, CSV or JSONL file.")
        return [file for file in there if not file.name.startswith((".", "_"))]
    if not path.exists():
        raise InputError(f"{path} is not there.", "Give a folder or files: Parquet, CSV or JSONL.")
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path.name} is neither Parquet, CSV nor JSONL.", f"Known endings: {', '.join(SUFFIXES)}.")
    return [path]


def _digest(path: Path) -> str:
    told = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                told.update(block)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}.") from error
    return told.hexdigest()


def check_bytes(source: Source) -> None:
    """Refuse what the ending does not promise: another format, a compressed file, an empty one."""
    with source.path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise source.refusal("the file is empty")
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)
    is_parquet = kind == _MAGIC[b"PAR1"]
    if source.format is Format.PARQUET and not is_parquet:
        raise source.refusal("not a readable Parquet file")
    if source.format is not Format.PARQUET and kind:
        raise source.refusal(f"this is {kind}, not UTF-8 text", "Write it as UTF-8 text, not compressed.")


def check_columns(source: Source, names: Collection[str]) -> None:
    """Refuse column names that are empty, double, too many, or that promise a secret."""
    if len(names) > MOST_COLUMNS:
        raise source.refusal(f"it has {len(names):,} columns; {MOST_COLUMNS} are the most", line=1)
    seen: set[str] = set()
    for place, name in enumerate(names, start=1):
        if not is_utf8(name) or "\0" in name:
            raise source.refusal(f"the name of column {place} is not UTF-8 text", line=1)
        if not name.strip():
            raise source.refusal(f"column {place} has no name", line=1)
        if name.lower() in seen:
            raise source.refusal(f"the column {shown_name(name)} comes twice", line=1)
        seen.add(name.lower())
    secret = next((name for name in names if _SECRET.search(name)), None)
    if secret is not None:
        raise source.refusal(
            f"the column {shown_name(secret)} looks like a password or token",
            "Credentials are never loaded, not even to be ignored: take the column out of the file.",
            line=1,
        )


def is_utf8(text: str) -> bool:
    """Whether a text has no halves of characters, as a strict reader wants it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def tables_of(source: Source, names: Collection[str], mapping: Mapping | None) -> Iterator[str]:
    """The tables that a file feeds: as the mapping says, else by its name, else by its columns."""
    if mapping:
        fed = [table for table, rule in mapping.tables.items() if rule.reads(source.name)]
        named = [table for table in fed if mapping.tables[table].files or source.name.lower().startswith(table)]
        yield from named or fed
        return
    by_name = [table for table in INPUT if source.name.lower().startswith(table)]
    fitting = [table for table in INPUT if _fits(table, set(names))]
    chosen = by_name or fitting
    if len(chosen) != 1:
        raise source.refusal(
            "it cannot be told which table this is",
            f"Let its name begin with {', '.join(INPUT)}, or give a mapping.",
        )
    yield chosen[0]


def _fits(table: str, names: set[str]) -> bool:
    columns = INPUT[table]
    needed = {column.name for column in columns if column.required}
    return needed <= names <= {column.name for column in columns}
