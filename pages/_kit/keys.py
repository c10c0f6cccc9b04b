"""Every session key and every keyboard key, named once."""

from __future__ import annotations

from enum import StrEnum


class Key(StrEnum):
    """Names in the session; nobody writes a literal one elsewhere. Nothing that matters lives there."""

    TOKEN = "sign_in_token"  # noqa: S105 - the name of the key, not a secret
    TICKET = "sign_in_ticket"
    NOTICE = "notice"
    DRAFT = "desk_draft"
    SHOWN = "desk_shown"
    REVEALED = "desk_revealed"
    FILTER = "desk_evidence_filter"
    GO = "desk_go_on"
    PANEL = "desk_panel"
    ONCE = "idempotency_keys"
    LAST = "desk_last_decision"
    SITTING = "desk_sitting"
    COMMENTS = "desk_comments_shown"


class Shortcut(StrEnum):
    """What a key does on the desk. C and R belong to Streamlit, even with modifiers (U-02)."""

    CONFIRM = "1"
    PART = "2"
    REJECT = "3"
    ESCALATE = "4"
    SKIP = "S"
    UNDO = "U"
    LOOK_ALIKES = "L"
    HELP = "H"
    NEXT = "N"


class KeyMode(StrEnum):
    """How keys fire (WCAG 2.1.4): alone, only with Alt, or not at all."""

    SINGLE = "single"
    ALT = "alt"
    OFF = "off"


def pressed(shortcut: Shortcut, mode: KeyMode) -> str | None:
    """Return what Streamlit listens for; it never fires while somebody types."""
    if mode is KeyMode.OFF:
        return None
    return f"Alt+{shortcut.value}" if mode is KeyMode.ALT else shortcut.value
