"""What services are called in select boxes: an address holds the words of a choice, so links must use the same ones."""

from __future__ import annotations

from analytics.views.text import plain
from pages._kit.state import Here


def words(here: Here) -> dict[str, str]:
    """Return the name of every service of the newest run, by its id."""
    return {one: plain(name, 40) for one, name in here.workspace.services.titles().items()}


def word(here: Here, service_id: str) -> str:
    """Return what one service is called; its id where the newest run does not know it."""
    return words(here).get(service_id, plain(service_id, 40))
