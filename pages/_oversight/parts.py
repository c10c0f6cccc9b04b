"""The parts of the oversight page. `seen` is the state of the ledger that was on the screen when a button was pressed:
a second press on the same screen is the same command, the same entry made later is another one.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import streamlit as st

from analytics.views import oversight as view
from analytics.views.moments import whole_day
from analytics.workspace import ProtectAccounts, ReleaseAccount
from pages._kit import filters, layout, state
from pages._kit.state import Here

_LONGEST = timedelta(days=3_650)


def day(here: Here) -> date:
    """Return the day of the address; today where there is none, or one that is no day of the last ten years."""
    today = here.now.astimezone(here.zone).date()
    return filters.day_of(st.query_params.get("day"), today - _LONGEST, today) or today


def read(here: Here, which: date) -> Any:
    return here.workspace.oversight.day(here.token, *whole_day(which, here.zone))


def choose(here: Here) -> None:
    """Lay out the day; it lives in the address."""
    today = here.now.astimezone(here.zone).date()
    filters.day("day", "Day", first=today - _LONGEST, last=today, usual=today, width=190)


def people(here: Here, found: Any, which: date) -> None:
    """Show what everybody did, when, and the way to every entry behind it."""
    if found.deeds.is_empty():
        layout.empty("Nobody left an entry on this day.", "Choose another day.")
        return
    with layout.boxed("What people did", "deeds"):
        rows = view.people(found.deeds)
        layout.table(rows, "oversight_deeds", "What each person did on this day", height=38 + 28 * min(rows.height, 12))
        with st.container(horizontal=True, gap="small", key="oversight_rows"):
            layout.quiet("Entries of", "entries_of", box="content")
            for person_id, name in found.deeds.select("person_id", "name").iter_rows():
                words = layout.literal(layout.foreign(name, 60))
                layout.rows_link(words, "pages/audit.py", f"of_{person_id}", person=person_id, day=f"{which:%Y-%m-%d}")
    with layout.boxed("When", "when"):
        layout.chart(view.hours(found.hours, here.zone), "oversight_hours")


def looks(here: Here, found: Any) -> None:
    """Show every look at an account by its id, those without a case first."""
    with layout.boxed(f"Look-ups ({len(found.looks):,})", "looks"):
        if not found.looks:
            layout.quiet("Nobody looked an account up on this day.", "no_looks")
            return
        layout.say(view.looks_told(found.looks), key="strong_looks")
        layout.table(view.looks(found.looks, here.zone), "oversight_looks", "Accounts that were looked up by their id")


def protected(here: Here) -> None:
    """Keep the list of accounts that no single person decides about."""
    kept, seen = here.workspace.protection.listed(here.token), here.workspace.ledger.version()
    with layout.boxed(f"Protected accounts ({len(kept):,})", "protected"):
        layout.quiet("Nobody decides about them alone, at any step, and no bulk holds them.", "protected_note")
        if kept:
            rows = view.protected(kept, here.zone)
            layout.table(rows, "oversight_protected", "Protected accounts", height=38 + 28 * min(rows.height, 10))
        left, right = st.columns(2, gap="medium")
        with left, st.form("protect", border=False):
            _protect(here, seen)
        if names := view.kept(kept):
            with right, st.form("release", border=False):
                _release(here, names, seen)


def _protect(here: Here, seen: int) -> None:
    st.text_area("Accounts to protect, one id a line", key="protect_ids", height=80, max_chars=300_000)
    st.text_input("Why?", key="protect_reason", max_chars=300)
    st.form_submit_button("Protect", key="protect_go", on_click=_do_protect, args=(here, seen))


def _release(here: Here, names: list[str], seen: int) -> None:
    st.selectbox("Account to release", names, key="release_id", format_func=lambda one: layout.foreign(one, 80))
    st.text_input("Why not any more?", key="release_reason", max_chars=300)
    st.form_submit_button("Release", key="release_go", on_click=_do_release, args=(here, seen))


def _do_protect(here: Here, seen: int) -> None:
    told, reason = st.session_state.get("protect_ids") or "", st.session_state.get("protect_reason") or ""
    key = layout.once(f"protect {told} {reason} {seen}")
    command = ProtectAccounts(idempotency_key=key, account_ids=tuple(told.splitlines()), reason=reason)
    if state.act(lambda: here.workspace.protection.protect(here.token, command)):
        st.session_state["protect_ids"] = st.session_state["protect_reason"] = ""


def _do_release(here: Here, seen: int) -> None:
    account_id, reason = str(st.session_state.get("release_id") or ""), st.session_state.get("release_reason") or ""
    key = layout.once(f"release {account_id} {reason} {seen}")
    command = ReleaseAccount(idempotency_key=key, account_id=account_id, reason=reason)
    if state.act(lambda: here.workspace.protection.release(here.token, command)):
        st.session_state["release_reason"] = ""
