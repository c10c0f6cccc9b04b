"""One bulk: its list, its sample, its approval, and the run with its stop and its report."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.views import bulk as view
from analytics.views.bulk import BulkState
from analytics.views.words import REASONS, ReasonCode, Role
from analytics.workspace import ApproveBulk, ExecuteBulk, StopBulk
from pages._bulk.parts import preview
from pages._kit import layout, state
from pages._kit.state import Here

EVERY_SECONDS = 2
_WAITING = (BulkState.PREVIEWED, BulkState.APPROVED, BulkState.REFUSED)
_APPROVERS = frozenset({Role.SENIOR_REVIEWER, Role.MANAGER})


def one(here: Here, bulk_id: str) -> None:
    """Lay out one bulk as it stands."""
    record = here.workspace.bulk.open(here.token, bulk_id)
    query = record.query
    reason = REASONS[ReasonCode(record.reason)].lower()
    services = here.workspace.services.titles()
    about = view.about(services.get(query.service_id or "", query.service_id), query.group_id, query.least_score)
    layout.say(f"{len(record.case_ids):,} cases of {about}: {reason}", key="strong_bulk")
    layout.quiet(view.made(record.author, record.created_at, record.note, here.zone), "bulk_made")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="bulk_state"):
        st.badge(view.BULK_STATES[record.state], color="orange" if record.state is BulkState.EXECUTING else "gray")
        layout.quiet(f"list {record.list_hash[:12]}", "bulk_hash", box="content", help=record.list_hash)
        if record.detail:
            layout.say(record.detail, box="content", key="bulk_detail")
    if record.state in _WAITING:
        _before(here, record)
    elif record.state is BulkState.EXECUTING:
        _live(here, bulk_id)
    else:
        _report(record)
    if record.state in _WAITING:
        with layout.boxed("What is in the list", "bulk_list"):
            preview(here.workspace.bulk.preview(here.token, bulk_id).taken)


def _before(here: Here, record: Any) -> None:
    """Lay out what is still needed, in its order: the sample, the approval, the start."""
    approved = (record.approval.name, record.approval.at) if record.approval else None
    rules = here.workspace.bulk.rules
    stand = view.stand(record.sample, approved, len(record.case_ids), here.now, rules)
    is_author = here.who.person.person_id == record.author_id
    with layout.boxed("1 · Sample", "bulk_sample"):
        layout.say(stand.sample, key="bulk_sample_text")
        if not stand.is_sampled:
            layout.rows_link("Decide the sample at the desk", "pages/desk.py", "bulk_desk", lane="bulk_sample")
    with layout.boxed("2 · Approval", "bulk_approval"):
        layout.say(stand.approval, key="bulk_approval_text")
        may = bool(here.who.person.roles & _APPROVERS) and not is_author
        if may and stand.is_sampled and not stand.is_approved:
            _button(here, "Approve this list", "approve_bulk", ApproveBulk, record)
    with (
        layout.boxed("3 · Start", "bulk_start"),
        st.container(horizontal=True, gap="small", vertical_alignment="center"),
    ):
        if not is_author:
            layout.quiet("Its author starts it; the decisions carry their name.", "bulk_author", box="content")
        elif stand.is_sampled and stand.is_approved:
            _button(here, f"Decide the other {record.to_decide:,}", "start_bulk", ExecuteBulk, record, is_main=True)
        else:
            layout.quiet("Possible when the sample and the approval stand.", "bulk_not_yet", box="content")
        _stop(here, record.bulk_id, "Withdraw this list")


def _button(here: Here, words: str, key: str, kind: Any, record: Any, *, is_main: bool = False) -> None:
    """Offer a command about exactly the list that is shown."""
    once = layout.once(f"{key}_{record.bulk_id}_{record.state}_{record.approval.at if record.approval else ''}")
    command = kind(idempotency_key=once, bulk_id=record.bulk_id, list_hash=record.list_hash)
    st.button(words, key=key, type="primary" if is_main else "secondary", on_click=_send, args=(here, command))


def _stop(here: Here, bulk_id: str, words: str) -> None:
    command = StopBulk(idempotency_key=layout.once(f"stop_{bulk_id}"), bulk_id=bulk_id)
    st.button(f":red[{words}]", key="stop_bulk", on_click=_send, args=(here, command))


def _live(here: Here, bulk_id: str) -> None:
    """Show the run as it goes on, with the stop in reach; the page follows when it ends."""

    @st.fragment(run_every=EVERY_SECONDS)
    def follow() -> None:
        record = here.workspace.bulk.open(here.token, bulk_id)
        if record.state is not BulkState.EXECUTING:
            st.rerun()
        done = record.progress
        part, text = view.progress(done.decided, done.skipped, record.to_decide)
        st.progress(part, text=layout.literal(text))
        _stop(here, bulk_id, "Stop the run")
        layout.table(view.report_rows(done.actions, done.skipped), "bulk_live", "Actions of the run by state")

    follow()


def _report(record: Any) -> None:
    """Say what was done and what was cancelled (U-13)."""
    done = record.progress
    with layout.boxed("Report", "bulk_report"):
        layout.say(view.progress(done.decided, done.skipped, record.to_decide)[1] + ".", key="bulk_report_text")
        for place, text in enumerate(view.aftermath(done.undone, done.partly)):
            layout.say(text, key=f"bulk_aftermath_{place}")
        layout.table(view.report_rows(done.actions, done.skipped), "bulk_report_rows", "What became of the bulk")
        layout.rows_link("Every action", "pages/deliveries.py", "bulk_actions")


def _send(here: Here, command: object) -> None:
    state.act(lambda: here.workspace.bulk.execute(here.token, command))
