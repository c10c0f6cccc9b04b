"""The parts of the account page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics import charts
from analytics.views import account as view
from analytics.views.reasons import sentences
from analytics.views.words import Direction
from analytics.workspace import BLIND, AddNote, LookUp
from pages._kit import layout, state
from pages._kit.state import Here

_TABLES = (
    ("targets", "Whom it serves", "No engagement given in this log."),
    ("sources", "Who serves it", "No engagement received in this log."),
    ("neighbours", "Neighbours in group or service", "It shares no group and no service with anybody."),
    ("churn", "Follows taken back", "No follow was taken back."),
    ("logins", "Sign-ins", "This log has no sign-ins of the account."),
)
_HISTORY = (
    ("decisions", "Decisions", "Nothing was decided about it."),
    ("cases", "Cases", "It never had a case."),
    ("actions", "Actions", "No action was taken."),
    ("notices", "Notices", "No notice was sent."),
    ("appeals", "Appeals", "Nobody appealed."),
    ("notes", "Notes", "No note yet."),
    ("lookups", "Look-ups", "Nobody looked it up."),
)
_DIRECTIONS = (
    ("What speaks for it", Direction.FOR),
    ("What speaks against it", Direction.AGAINST),
    ("Not seen", Direction.NOT_SEEN),
)
_SCORES = {"Score": st.column_config.NumberColumn(format="%.2f")}
# Tables of many columns: in half the width the last ones would be cut off.
_WIDE = frozenset({"decisions", "cases", "actions"})


def wanted() -> str:
    """Return the account of the address."""
    return str(st.query_params.get("account_id", ""))[:300]


def decide_first() -> None:
    """Show nothing of the machine's opinion to whoever still decides without it (S-01)."""
    layout.empty(BLIND, "Decide it on the desk, or give it back; then the account opens.")


def only_own(here: Here, account_id: str) -> None:
    """Say which accounts open to whoever may see those of their own cases only."""
    held = here.workspace.investigation.held(here.token)
    about = "This account does not open to you." if account_id else "Which account?"
    if held:
        layout.empty(about, "You see the accounts of the cases that you hold; these are:")
    else:
        layout.empty(about, "You see the accounts of the cases that you hold, and you hold none. Take one on the desk.")
    for place, one in enumerate(held):
        words = layout.literal(layout.foreign(one, 60))
        layout.rows_link(words, "pages/account.py", f"held_{place}", account_id=one)


def ask_which() -> None:
    """Let the person name an account; most arrive here by a link."""
    layout.empty("Which account?", "Open one from a case, from Explore or from a service, or write its id here.")
    with st.form("which", border=False, width=480):
        account_id = st.text_input("Account id", key="which_account", max_chars=300)
        if st.form_submit_button("Look up", key="which_go") and account_id.strip():
            st.query_params["account_id"] = account_id.strip()
            st.rerun()


def ask_why(here: Here, account_id: str) -> None:
    """Ask for the reason of a look without a case; it is kept with the person's name."""
    layout.say(f"Account {layout.foreign(account_id, 60)} has no case that you hold.", key="strong_why")
    with st.form("why", border=False, width=480):
        reason = st.text_input("Why do you need to see it? The reason is kept with your name.", key="why_reason")
        key = layout.once(f"look_up_{account_id}_{here.now:%Y%m%d%H}")
        if st.form_submit_button("Open the account", key="why_go"):
            command = LookUp(idempotency_key=key, account_id=account_id, reason=reason)
            state.act(lambda: here.workspace.investigation.look_up(here.token, command))
            st.rerun()


def life(here: Here, account_id: str) -> None:
    """Lay out everything about one account."""
    found = here.workspace.accounts.life(account_id)
    if found is None:
        layout.empty("The log does not know this account.", "Look at the id again, or load a newer log.")
        return
    services = here.workspace.services.titles()
    with st.container(key="account_head", gap=None):
        layout.say(f"Account {layout.foreign(account_id, 80)}", key="strong_account")
        layout.say(" · ".join(view.facts(found.header, here.now)))
        layout.quiet(view.suspicion(found.header, services, found.history.cases), "suspicion")
    if found.hours.is_empty():
        layout.empty("It did nothing in this log.", "Its history below is from the ledger.")
    else:
        _activity(here, found)
    _why(here, account_id)
    _tables(here, found, _TABLES)
    _comments(here, account_id)
    with layout.boxed("History", "history"):
        _tables(here, found.history, _HISTORY)
    _note(here, account_id, found.history.notes.height)


def _activity(here: Here, found: Any) -> None:
    with layout.boxed("Activity", "activity"):
        layout.chart(view.activity_drawing(found.hours, found.marks, here.zone), "account_activity")
    left, right = st.columns(2, gap="medium")
    with left, layout.boxed("Hour and weekday", "rhythm"):
        every = ["every client", *view.clients(found.hours)]
        chosen = st.selectbox("Client", every, key="client", bind="query-params", label_visibility="collapsed")
        client = None if chosen in (None, every[0]) else chosen
        layout.chart(view.rhythm_drawing(found.hours, client, here.zone), "account_rhythm")
    with right, layout.boxed("Sessions", "sessions"):
        layout.chart(view.sessions_drawing(found.sessions, here.zone), "account_sessions")


def _why(here: Here, account_id: str) -> None:
    """Explain the score when somebody asks; of most accounts it is made at that moment."""
    with layout.boxed("Why it has this score", "why_score"):
        if not st.toggle("Show what speaks for and against it", key="show_why"):
            return
        found = here.workspace.accounts.why(account_id)
        if found is None:
            layout.quiet("The newest run did not score this account by itself.", "no_why")
            return
        left, right = st.columns(2, gap="medium")
        with left:
            for title, direction in _DIRECTIONS:
                if lines := sentences(found.evidence, direction):
                    layout.label(title, f"why_{direction.value}")
                    for place, line in enumerate(lines):
                        layout.say(line, key=f"why_{direction.value}_{place}")
        with right:
            drawing = charts.explanation(found.contributions, found.base, found.raw_score, height=300)
            if drawing is not None and found.contributions:
                layout.chart(drawing, "account_shap")


def _tables(here: Here, found: Any, which: tuple[tuple[str, str, str], ...]) -> None:
    """Lay out the wide tables one below the other and the others two by two, the empty ones as a sentence."""
    filled = [one for one in which if not getattr(found, one[0]).is_empty()]
    for name, title, _empty in (one for one in filled if one[0] in _WIDE):
        _table(here, getattr(found, name), name, title)
    narrow = [one for one in filled if one[0] not in _WIDE]
    for start in range(0, len(narrow), 2):
        for place, (name, title, _empty) in zip(st.columns(2, gap="medium"), narrow[start : start + 2], strict=False):
            with place:
                _table(here, getattr(found, name), name, title)
    missing = [empty for name, _title, empty in which if getattr(found, name).is_empty()]
    if missing:
        layout.quiet(" ".join(missing), f"none_{which[0][0]}")


def _table(here: Here, rows: Any, name: str, title: str) -> None:
    names = {**here.workspace.services.titles(), **here.workspace.people.names(here.token)}
    with layout.boxed(f"{title} ({rows.height:,})", f"table_{name}"):
        if name == "churn":
            layout.quiet(view.churn_sentence(rows), "churn_told")
        told, height = view.shown(rows, here.zone, here.now, names), min(38 + 28 * rows.height, 300)
        layout.table(told, f"account_{name}", title, height=height, column_order=view.said(told), column_config=_SCORES)


def _comments(here: Here, account_id: str) -> None:
    """Show comment wordings on demand only; they are what people wrote (D.5)."""
    with layout.boxed("Comments", "comments"):
        if not st.toggle("Show what it wrote", key="show_comments"):
            return
        rows = here.workspace.accounts.comments(account_id)
        if rows.is_empty():
            layout.quiet("No comment with text in this log.", "no_comments")
        else:
            layout.table(view.shown(rows, here.zone, here.now), "account_comments", "Wordings of comments, by use")


def _note(here: Here, account_id: str, notes: int) -> None:
    with st.form("note", border=False, width=640):
        text = st.text_area("A note that follows the account", key="note_text", max_chars=2_000, height=80)
        key = layout.once(f"note_{account_id}_{notes}")
        if st.form_submit_button("Keep the note", key="note_go"):
            command = AddNote(idempotency_key=key, account_id=account_id, text=text)
            state.act(lambda: here.workspace.investigation.note(here.token, command))
            st.rerun()
