"""Where an export may be written: a regular file, new or replaced whole; what a link leads to, not the link."""

from __future__ import annotations

from pathlib import Path

from data.errors import StorageError


def place_of(out: Path) -> Path:
    """The file that stands behind a name, or one sentence about why nothing can be written there."""
    try:
        target = out.resolve()
    except (OSError, RuntimeError) as error:
        raise StorageError(f"{out} is a link that leads nowhere.", "Choose another place.") from error
    if not target.parent.is_dir():
        raise StorageError(f"The folder {target.parent} does not exist.", "Make it, or choose another place.")
    if out.is_dir():
        raise StorageError(f"{out} is a folder.", "Name a file in it.")
    # Its name would be taken over by a file, and whoever reads from it would wait for ever.
    if out.exists() and not out.is_file():
        raise StorageError(
            f"{out} is a device or a pipe, not a file.", "Name a file; it is written whole or not at all."
        )
    return target
