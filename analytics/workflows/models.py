"""Reading and writing model bundles: the shipped one beside the code, trained ones under the home."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.detection.models import CARD, Bundle, bundle_hash, read_bundle
from data.errors import ModelError

SHIPPED = Path(__file__).parents[2] / "data" / "reference" / "models"
POINTER = "current.json"


def load_bundle(folder: Path) -> Bundle:
    """The bundle that the folder's pointer names, its hash checked against the pointer's."""
    try:
        pointer = json.loads((folder / POINTER).read_text(encoding="utf-8"))
        files = {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted((folder / pointer["model_version"]).iterdir())
            if path.suffix == ".txt" or path.name == CARD
        }
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"No usable model in {folder.name}.", "Train one with `make model`.") from error
    return read_bundle(files, str(pointer["model_hash"]))


def current_bundle(models: Path) -> Bundle:
    """The model trained on this platform's own decisions where one is in use, else the shipped one."""
    return load_bundle(_folder(models))


def kept_bundle(models: Path) -> Bundle:
    """The same, kept until the pointer changes, for one question after the other."""
    folder = _folder(models)
    return _kept(folder, (folder / POINTER).read_bytes())


@lru_cache(maxsize=1)
def _kept(folder: Path, _pointer: bytes) -> Bundle:
    return load_bundle(folder)


def _folder(models: Path) -> Path:
    return models if (models / POINTER).exists() else SHIPPED


def store_bundle(folder: Path, version: str, files: Mapping[str, str]) -> None:
    """Write a bundle beside the others, then point to it; a reader sees the old or the new one, never a mixture."""
    partial, final = folder / f"{version}.partial", folder / version
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, text in files.items():
        (partial / name).write_text(text, encoding="utf-8")
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    pointer: dict[str, Any] = {"model_version": version, "model_hash": bundle_hash(files)}
    draft = folder / f"{POINTER}.partial"
    draft.write_text(json.dumps(pointer, indent=1) + "\n", encoding="utf-8")
    draft.replace(folder / POINTER)
