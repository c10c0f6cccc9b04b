"""Who are you? Demo people are chosen from a list; with an identity provider set up, it asks."""

from __future__ import annotations

import streamlit as st

from analytics.views.words import DUTIES, ROLES
from analytics.workspace import Workspace
from pages._kit import layout, state


def ask_who(workspace: Workspace) -> None:
    """Lay out the sign-in page."""
    with st.container(horizontal_alignment="center", key="sign_in"), st.container(width=880, gap="small"):
        st.space("small")
        st.title("Who is at the desk?", anchor=False)
        layout.notice()
        if state.has_provider():
            _ask_provider(workspace)
        if workspace.emergencies.is_open():
            _ask_code(workspace)
        people = workspace.people.demo_people()
        if not people and not state.has_provider():
            _nobody()
        if people:
            st.badge("Demo identities: no password, made-up people", color="orange")
        with st.grid(2, gap="small", min_column_width=300):
            for person in people:
                _offer(workspace, person)
        layout.drop_cookie()


def _nobody() -> None:
    """Say how the first person is let in; a log may be loaded and scored before anybody is known."""
    layout.empty(
        "Nobody can sign in here yet.",
        "Name your identity provider under [auth] in .streamlit/secrets.toml, let the first administrator in, and "
        "start the desk again; they add everybody else on the People page.",
    )
    st.code(".venv/bin/python -m analytics admit LOGIN NAME", language=None)
    layout.say("To look around first, a demo world in an empty home brings made-up people and their cases.")
    st.code("UNBOUGHT_HOME=an/empty/folder make run", language=None)


def _ask_provider(workspace: Workspace) -> None:
    """Let the identity provider say who it is; whoever it vouches for must be known here as well."""
    if state.sign_in_provided(workspace):
        st.rerun()
    if state.provider_user():
        layout.notice()
        layout.quiet(_how_in(str(state.provider_user().get("sub") or "")), "provider_login")
        st.button("Sign in as somebody else", key="provider_leave", on_click=st.logout)
    else:
        st.button("Sign in with your organisation", key="provider", type="primary", on_click=st.login)


def _ask_code(workspace: Workspace) -> None:
    """Take the code of an emergency sign-in; asked for only while there is one."""
    with st.form("emergency", border=False, width=480):
        st.text_input("Emergency code", key="emergency_code", type="password", max_chars=100)
        st.form_submit_button("Sign in with the code", on_click=state.sign_in_by_code, args=(workspace,))


def _how_in(login: str) -> str:
    """Tell a person by which login they can be let in."""
    return (
        f"Your login is {layout.foreign(login)}: an administrator adds it under People; "
        "the first administrator is let in with the command admit."
    )


def _offer(workspace: Workspace, person: object) -> None:
    """Offer one demo person as one line."""
    role = max(person.roles, key=list(ROLES).index)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"person_{person.person_id}"):
        with st.container(gap=None):
            layout.say(layout.foreign(person.name), key=f"strong_{person.person_id}")
            layout.quiet(f"{ROLES[role]} · {DUTIES[role]}", person.person_id)
        st.button(
            "Sign in",
            key=f"sign_in_{person.person_id}",
            help=f"Sign in as {ROLES[role].lower()}",
            on_click=state.sign_in,
            args=(workspace, person.person_id),
        )
