"""The demo world is built once: a second time changes nothing, and what was cut off begins anew."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.workflows import demo
from analytics.workflows.demo import DemoSummary, build_demo
from data.errors import ConflictError, StorageError
from data.home import Home
from tests.ledger_fixtures import new_ledger

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def build(root: Path) -> DemoSummary:
    return build_demo(Home(root), seed=7, now=NOW, progress=lambda _share, _what: None)


def files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted((root / "snapshots").rglob("*")) if path.is_file()}


def test_a_home_with_a_demo_keeps_it(prepared_home: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(prepared_home, tmp_path / "home"))
    before = files(root)
    summary = build(root)

    assert not summary.is_new
    assert summary.engagements > summary.accounts > summary.flagged > 0
    assert files(root) == before
    assert not Home(root).unfinished_demo.exists()


def test_a_home_with_another_log_is_refused(prepared_home: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared_home / "snapshots", tmp_path / "snapshots")
    with pytest.raises(ConflictError, match="holds a log already"):
        build(tmp_path)


def test_a_demo_that_was_cut_off_begins_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text("kept")

    def cut_off(home: Home, **_told: Any) -> DemoSummary:
        (home.root / "runs").mkdir()
        (home.root / "runs" / "r-20261110T000000000000.duckdb").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_built", cut_off)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path)
    assert Home(tmp_path).newest_run() is not None
    assert Home(tmp_path).unfinished_demo.exists()

    found: list[Path | None] = []

    def whole(home: Home, **_told: Any) -> DemoSummary:
        found.append(home.newest_run())
        with pytest.raises(StorageError, match="is being built"):
            build(home.root)
        return DemoSummary(1, 2, 3, 4)

    monkeypatch.setattr(demo, "_built", whole)
    assert build(tmp_path).is_new
    assert found == [None]
    assert own.read_text() == "kept"
    assert not Home(tmp_path).unfinished_demo.exists()


def test_a_ledger_that_was_there_before_is_never_cleared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    new_ledger(Home(tmp_path)).close()

    def cut_off(_home: Home, **_told: Any) -> DemoSummary:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_built", cut_off)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path)
    assert Home(tmp_path).ledger_file.exists()


def test_a_database_elsewhere_is_not_emptied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Home(tmp_path).unfinished_demo.touch()
    monkeypatch.setenv("UNBOUGHT_LEDGER_URL", "postgresql://nowhere")
    with pytest.raises(ConflictError, match="database of its own"):
        build(tmp_path)
