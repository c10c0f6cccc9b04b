"""What one can do with a case instead of deciding it: let it rest, keep it longer, say that one knows the account."""

from __future__ import annotations

import streamlit as st

from analytics.views.moments import morning_after
from analytics.workspace import Case, DeclareConflict, ExtendLease, Lease, Snooze
from pages._desk import flow
from pages._kit import layout, state
from pages._kit.state import Here

LONGEST_REASON = 200
# A person is told while there is still time to act (WCAG 2.2.1).
WARN_SECONDS = 180
_RESTS = {1: "until tomorrow", 3: "for 3 days"}


def lease_left(here: Here, lease: Lease) -> None:
    """Count the lease down; when little is left, say so and offer more."""
    until = int(lease.expires_at.timestamp())
    warning = "This case goes back to the queue in less than 3 minutes."
    layout.countdown(
        (lease.expires_at - here.now).total_seconds(),
        "lease",
        "lease ran out",
        f"lease_{lease.case_id}_{lease.fence}_{until}",
        soon=WARN_SECONDS,
        warning=warning,
    )
    with st.container(key="lease_short", horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.button(
            "Keep it 15 more minutes",
            key=f"extend_{until}",
            type="tertiary",
            help="Otherwise it goes back to the queue when the lease runs out",
            on_click=_extend,
            args=(here, lease),
        )


def menu(here: Here, case: Case, lease: Lease) -> None:
    """Offer what sets a case aside, out of the way of what decides it."""
    with layout.opened("Set aside", "set_aside") as is_open:
        if not is_open:
            return
        days, why = f"rest_days_{case.case_id}", f"rest_why_{case.case_id}"
        st.segmented_control(
            "Let it rest", list(_RESTS), format_func=_RESTS.__getitem__, default=1, key=days, required=True
        )
        st.text_input(
            "Why",
            key=why,
            max_chars=LONGEST_REASON,
            placeholder="What you are waiting for (optional)",
            persist_state="session",
        )
        st.button("Snooze", key="snooze", on_click=_snooze, args=(here, lease, days, why))
        st.divider()
        layout.quiet("Your own account, or of somebody you know? It goes to a colleague, now and later.", "conflict")
        st.button("I know this account", key="conflict", on_click=_conflict, args=(here, case, lease))


def _extend(here: Here, lease: Lease) -> None:
    until = int(lease.expires_at.timestamp())
    command = ExtendLease(
        idempotency_key=f"extend-{lease.case_id}-{lease.fence}-{until}", case_id=lease.case_id, fence=lease.fence
    )
    state.act(lambda: here.workspace.desk.execute(here.token, command))


def _snooze(here: Here, lease: Lease, days: str, why: str) -> None:
    command = Snooze(
        idempotency_key=f"snooze-{lease.case_id}-{lease.fence}",
        case_id=lease.case_id,
        fence=lease.fence,
        until=morning_after(int(st.session_state.get(days) or 1), here.now, here.zone),
        reason=(st.session_state.get(why) or "").strip(),
    )
    if state.act(lambda: here.workspace.desk.execute(here.token, command)):
        flow.go_on()


def _conflict(here: Here, case: Case, lease: Lease) -> None:
    command = DeclareConflict(idempotency_key=f"conflict-{lease.case_id}-{lease.fence}", account_id=case.account_id)
    if state.act(lambda: here.workspace.desk.execute(here.token, command)):
        state.attempt(lambda: here.workspace.desk.release(here.token))
        flow.go_on()
