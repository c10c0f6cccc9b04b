"""Expected failures as a page shows them: what happened, and what to do."""

from __future__ import annotations

from analytics.views.frame import Notice
from data.errors import EmptyHomeError, SessionError, UnboughtError

Expected = UnboughtError
SignInEnded = SessionError
NothingLoaded = EmptyHomeError


def refused(error: UnboughtError) -> Notice:
    """Return the sentence for a refused command; nothing was changed."""
    return Notice(message=error.message, hint=error.hint, is_refusal=True)
