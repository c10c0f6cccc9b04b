"""What services are called in select boxes."""

from __future__ import annotations

from analytics.views.text import plain
from pages._kit.state import Here


def words(here: Here) -> dict[str, str]:
    """Return the name of every service of the newest run, by its id."""
    return {one: plain(name, 40) for one, name in here.workspace.services.titles().items()}
