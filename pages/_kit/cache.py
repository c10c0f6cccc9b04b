"""The only caches: the workspace of a home, and reads keyed by what they were read from."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from analytics.workspace import Workspace


def home_path() -> str:
    """Return the folder that holds everything of this installation."""
    return str(Path(os.environ.get("UNBOUGHT_HOME") or "data/local").resolve())


@st.cache_resource(show_spinner=False, max_entries=4)
def _workspace(path: str) -> Workspace:
    return Workspace.open(Path(path))


def workspace() -> Workspace:
    """Return the one workspace of this process; it holds no person and no rights."""
    return _workspace(home_path())
