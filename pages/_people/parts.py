"""The parts of the people page. `seen` is the state of the ledger that was on the screen when a button was pressed:
a second press on the same screen is the same command, the same change made later is another one.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics.views import people as view
from analytics.views.words import ROLES, Role
from analytics.workspace import AddPerson, ChangeRoles, RevokeSessions, SetActive
from pages._kit import filters, layout, state
from pages._kit.state import Here


def may_change(here: Here) -> bool:
    """Whether to offer the changes; each command checks the right again."""
    return Role.ADMIN in here.who.person.roles


def table(here: Here, found: Any) -> None:
    layout.table(view.rows(found, here.now), "people_rows", "People by name, with roles and sign-ins")
    if any(one.person.is_demo and one.person.is_active for one in found):
        st.badge("Demo identities are made-up people without a password", color="orange")


def change(here: Here, found: Any, seen: int) -> None:
    """Change one person's roles, end their sign-ins, let them in or keep them out."""
    people = {one.person.person_id: one for one in found}
    words = dict(view.choices(found))
    with layout.boxed("Change a person", "change_person"):
        chosen = filters.choice("who", words, title="Person", width=420)
        one = people[chosen]
        with st.form(f"roles_of_{chosen}", border=False):
            st.multiselect(
                "Roles",
                list(ROLES),
                default=[role for role in ROLES if role in one.person.roles],
                format_func=ROLES.__getitem__,
                key=f"roles_{chosen}",
                width=420,
            )
            st.form_submit_button("Change roles", on_click=_change_roles, args=(here, one, seen))
        _switches(here, one, seen)
        layout.quiet("Changing roles ends the person's sign-ins and needs your own of the last ten minutes.", "step_up")


def _switches(here: Here, one: Any, seen: int) -> None:
    person_id, active = one.person.person_id, one.person.is_active
    with st.container(horizontal=True, gap="small", key="person_switches"):
        st.button(
            "End sign-ins",
            key=f"revoke_{person_id}",
            on_click=_revoke,
            args=(here, one, seen),
            disabled=not one.sessions,
        )
        st.button(
            "Keep out" if active else "Let in again",
            key=f"active_{person_id}",
            on_click=_set_active,
            args=(here, one, seen),
        )


def add(here: Here, seen: int) -> None:
    """Let somebody in by their login at the identity provider."""
    with (
        layout.boxed("Add a person", "add_person"),
        st.form("add_person_form", border=False, clear_on_submit=False),
        st.container(horizontal=True, gap="small", vertical_alignment="bottom"),
    ):
        st.text_input("Name", key="new_name", max_chars=80, width=220)
        st.text_input("Login", key="new_subject", max_chars=300, width=260)
        st.multiselect("Roles", list(ROLES), format_func=ROLES.__getitem__, key="new_roles", width=320)
        st.form_submit_button("Add", on_click=_add, args=(here, seen))


def duties() -> None:
    with layout.boxed("What each role does", "duties"):
        for place, (role, duty) in enumerate(view.duties()):
            layout.quiet(f"{role}: {duty}", f"duty_{place}")


def _change_roles(here: Here, one: Any, seen: int) -> None:
    person_id = one.person.person_id
    roles = frozenset(st.session_state.get(f"roles_{person_id}") or ())
    key = layout.once(f"roles {person_id} {sorted(roles)} {seen}")
    command = ChangeRoles(idempotency_key=key, person_id=person_id, roles=roles)
    state.act(lambda: here.workspace.people.change_roles(here.token, command))


def _revoke(here: Here, one: Any, seen: int) -> None:
    key = layout.once(f"revoke {one.person.person_id} {seen}")
    command = RevokeSessions(idempotency_key=key, person_id=one.person.person_id)
    state.act(lambda: here.workspace.people.revoke(here.token, command))


def _set_active(here: Here, one: Any, seen: int) -> None:
    person_id, wanted = one.person.person_id, not one.person.is_active
    key = layout.once(f"active {person_id} {wanted} {seen}")
    command = SetActive(idempotency_key=key, person_id=person_id, is_active=wanted)
    state.act(lambda: here.workspace.people.set_active(here.token, command))


def _add(here: Here, seen: int) -> None:
    name, subject = st.session_state.get("new_name") or "", st.session_state.get("new_subject") or ""
    roles = frozenset(st.session_state.get("new_roles") or ())
    key = layout.once(f"add {name} {subject} {sorted(roles)} {seen}")
    command = AddPerson(idempotency_key=key, name=name, subject=subject, roles=roles)
    state.act(lambda: here.workspace.people.add(here.token, command))
