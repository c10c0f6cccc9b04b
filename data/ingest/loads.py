"""What a page is told of files on their way in: what they seem to be, and where their load stands."""

from __future__ import annotations

from dataclasses import dataclass

from data.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one file seems to be: its columns and its first rows, as text."""

    name: str
    format: str
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadState:
    """Where a load stands. `state`: waiting, loading, loaded, refused or ended (its process died)."""

    state: str
    share: float = 0.0
    message: str = ""
    hint: str = ""
    faults: tuple[Fault, ...] = ()
    total: int = 0

    @property
    def is_running(self) -> bool:
        return self.state == "loading"
