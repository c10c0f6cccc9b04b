"""The table of rooms: arrows run pages → analytics → data, and nowhere else."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# folder → what it must not import. The longest matching folder decides, shorter ones apply as well.
FORBIDDEN = {
    "app.py": r"^(data|duckdb|polars|shap|sqlalchemy|lightgbm)\b",
    "pages": r"^(data|duckdb|polars|shap|sqlalchemy|lightgbm)\b",
    "analytics": r"^(streamlit|pages|app)\b",
    "analytics/detection": r"^(duckdb|sqlalchemy|httpx|analytics\.workflows|data\.(warehouse|ledger|home|tables))\b",
    "analytics/casework": r"^(duckdb|sqlalchemy|httpx|analytics\.workflows|data\.(warehouse|ledger|home|tables))\b",
    "analytics/statistics": r"^(duckdb|sqlalchemy|httpx|analytics\.workflows|data\.(warehouse|ledger|home|tables))\b",
    "analytics/charts": r"^(duckdb|sqlalchemy|httpx|analytics\.workflows|data\.(warehouse|ledger|home|tables))\b",
    "analytics/views": r"^(duckdb|sqlalchemy|httpx|analytics\.workflows|data\.(warehouse|ledger|home|tables))\b",
    "data": r"^(streamlit|analytics|pages|app)\b",
}
DUCKDB_ROOMS = {"data/engine.py", "data/query_sandbox.py"}
STANDARD_LIBRARY_ONLY = {"data/records.py", "data/errors.py", "data/contracts.py"}


def sources(*folders: str) -> list[Path]:
    names = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if name.endswith(".py") and (ROOT / name).exists()]


def imports(path: Path) -> list[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found += [(node.lineno, node.module or "")]
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


@pytest.mark.parametrize("room", FORBIDDEN)
def test_no_import_runs_against_the_arrows(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(room)
        for line, name in imports(path)
        if re.match(FORBIDDEN[room], name)
    ]

    assert wrong == []


def test_duckdb_is_called_in_its_rooms_only() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources("data", "analytics", "pages", "app.py")
        if str(path.relative_to(ROOT)) not in DUCKDB_ROOMS
        and any(re.match(r"^duckdb\b", name) for _, name in imports(path))
    ]

    assert wrong == []


@pytest.mark.parametrize("module", sorted(STANDARD_LIBRARY_ONLY))
def test_the_nouns_need_the_standard_library_only(module: str) -> None:
    outside = [
        name for _, name in imports(ROOT / module) if name.split(".")[0] not in sys.stdlib_module_names | {"__future__"}
    ]

    assert outside == []


def test_no_module_has_a_name_without_meaning() -> None:
    meaningless = {"utils", "helpers", "common", "manager", "service", "core", "misc"}

    assert [path for path in sources() if path.stem in meaningless] == []


def test_hostile_text_is_never_rendered_as_markup() -> None:
    """T-05."""
    wrong = [
        path for path in sources("pages", "app.py") if re.search(r"unsafe_allow_html\s*=\s*True", path.read_text())
    ]

    assert wrong == []


def test_nothing_is_drawn_in_a_frame_or_decided_in_a_dialog() -> None:
    """R-05, S-21: a frame has a name that nobody chose, and a dialog is gone with its words on the next run."""
    drawn = re.compile(r"\bst\.(dialog|iframe|components)\b|streamlit\.components\.v1")

    assert [path.name for path in sources("pages", "app.py") if drawn.search(path.read_text(encoding="utf-8"))] == []


def test_every_query_says_what_one_row_is() -> None:
    wrong = [path.name for path in (ROOT / "data" / "sql").rglob("*.sql") if "one row per" not in first_line(path)]

    assert wrong == []


def first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].lower()
