"""The list of bulks, and the form in which a new one is put together and frozen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from analytics.views import bulk as view
from analytics.views.words import CONFIRM_REASONS, REASONS, ReasonCode, Role
from analytics.workspace import BulkQuery, FreezeBulk
from pages._kit import filters, layout, state
from pages._kit import services as service_names
from pages._kit.filters import ANY
from pages._kit.state import Here

AUTHORS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
LONGEST_NOTE = 2_000


def wanted() -> str:
    return str(st.query_params.get("bulk_id", ""))[:64]


def listing(here: Here, lines: Sequence[Any]) -> None:
    """List the bulks, the newest first; each opens."""
    with layout.boxed(f"Bulks ({len(lines):,})", "bulks"):
        if not lines:
            may_write = here.who.person.roles & AUTHORS
            layout.quiet("None yet. Put a list together below." if may_write else "None yet.", "no_bulks")
        for line in lines[:50]:
            text = layout.literal(view.title(line, here.now))
            layout.rows_link(text, "pages/bulk.py", f"bulk_{line.bulk_id}", bulk_id=line.bulk_id)


def new(here: Here) -> None:
    """Put a list together: choose, look at what it holds, freeze it."""
    if not here.who.person.roles & AUTHORS:
        layout.quiet("Reviewers put lists together; you see them here and may approve them.", "not_author")
        return
    with layout.boxed("A new list", "new_bulk"):
        query = _query(here)
        found = here.workspace.bulk.look(here.token, query)
        named = _named(found.above_line)
        sifted = here.workspace.bulk.look(here.token, query, named) if named else found
        rules = here.workspace.bulk.rules
        if not sifted.taken and not sifted.unproposed:
            layout.empty("No waiting case fits.", "Choose another service, group or score.")
        elif sifted.taken:
            layout.say(
                f"{len(sifted.taken):,} accounts, proposed: {view.proposed_in_all(sifted.taken)}",
                key="strong_bulk_size",
            )
            layout.say(view.needs(len(sifted.taken), rules), key="bulk_needs")
        for place, text in enumerate(view.left_out(sifted, rules.follower_line)):
            layout.quiet(text, f"left_out_{place}")
        if sifted.taken:
            _freeze(here, query, named, len(sifted.taken))
        elif sifted.unproposed and not sifted.above_line:
            layout.quiet("Nothing is proposed for these: look at them one by one.", "nothing_to_freeze")
        if sifted.taken:
            preview(sifted.taken)


def preview(taken: Sequence[Any]) -> None:
    """Show what is in a list: by age, followers, verified and earlier appeals, and account by account (U-11)."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        layout.table(view.preview(taken), "bulk_preview", "Accounts in the list by age, followers, verified, appeals")
    with right:
        layout.table(view.account_rows(taken), "bulk_accounts", "Accounts in the list", height=320)


def _query(here: Here) -> BulkQuery:
    """Lay out the choice; it lives in the address, unknown values count as any (X-11)."""
    services, groups = here.workspace.bulk.choices(here.token)
    words = service_names.words(here)
    chosen: dict[str, str] = {}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="bulk_filters"):
        for name, known in (("service", services), ("group", groups)):
            called = {one: words.get(one) or layout.foreign(one, 40) for one in known}
            every = {ANY: f"Any {name}", **called}
            chosen[name] = filters.choice(name, every, label_visibility="visible", width=220)
        least = st.slider("Score at least", 0.0, 1.0, 0.0, 0.05, key="bulk_score", width=220)
    service, group = (None if chosen[name] == ANY else chosen[name] for name in ("service", "group"))
    return BulkQuery(service_id=service, group_id=group, least_score=float(least))


def _named(above: Sequence[Any]) -> frozenset[str]:
    """Let single large accounts in, one by one (U-11)."""
    if not above:
        return frozenset()
    words = {one.case_id: view.named_option(one) for one in above[:200]}
    picked = st.multiselect(
        "Large accounts to add, one by one",
        list(words),
        format_func=lambda case_id: words.get(case_id, case_id),
        key="bulk_named",
    )
    return frozenset(picked)


def _freeze(here: Here, query: BulkQuery, named: frozenset[str], cases: int) -> None:
    with (
        st.form("freeze_bulk", border=False),
        st.container(horizontal=True, gap="small", vertical_alignment="bottom"),
    ):
        st.selectbox("Reason", key="bulk_reason", width=320, **layout.choices(REASONS, CONFIRM_REASONS))
        st.text_input("Note", key="bulk_note", max_chars=LONGEST_NOTE, width="stretch")
        st.form_submit_button(
            f"Freeze these {cases:,}", key="freeze", type="primary", on_click=_send, args=(here, query, named)
        )


def _send(here: Here, query: BulkQuery, named: frozenset[str]) -> None:
    reason = ReasonCode(st.session_state.get("bulk_reason") or CONFIRM_REASONS[0])
    note = str(st.session_state.get("bulk_note") or "")
    told = f"freeze_{query}_{sorted(named)}_{reason}_{note}_{len(here.workspace.bulk.list(here.token))}"
    command = FreezeBulk(idempotency_key=layout.once(told), query=query, reason=reason, note=note, named=named)
    if state.act(lambda: here.workspace.bulk.execute(here.token, command)):
        st.query_params["bulk_id"] = here.workspace.bulk.list(here.token)[0].bulk_id
