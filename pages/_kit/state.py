"""Who is signed in, and the little that a page remembers between two runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.views.frame import Freshness, Notice, freshness, told
from analytics.views.moments import zone_named
from analytics.views.refusal import Expected, SignInEnded, refused
from analytics.workspace import SignedIn, Workspace
from pages._kit import cache
from pages._kit.keys import Key, KeyMode
from pages._kit.server import COOKIE, TICKETS

# Python runs one thread at a time; the second slot is for whoever waits for the disk.
_TURNS = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Here:
    """What a page works with: the workspace, who asks, the moment, and the reader's zone."""

    workspace: Workspace
    who: SignedIn
    token: str
    now: datetime
    zone: ZoneInfo
    keys: KeyMode
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def fresh(self) -> Freshness:
        snapshot, run = self.workspace.loaded()
        return freshness(snapshot, run, self.now, self.zone)


def here() -> Here:
    """Return what the page works with; the rights are loaded again by every command."""
    workspace, held = cache.workspace(), token()
    settings = workspace.people.settings(held)
    keys = KeyMode(settings.get("keys", KeyMode.SINGLE))
    return Here(workspace, workspace.people.who(held), held, workspace.now(), zone(), keys, settings)


def token() -> str:
    """Return the session this browser holds: of this tab, else of its cookie; never of the address."""
    held = st.session_state.get(Key.TOKEN)
    return str(held if held is not None else st.context.cookies.get(COOKIE, ""))


def signed_in(workspace: Workspace) -> SignedIn | None:
    """Look the session up afresh; None when there is none, or it ended."""
    held = token()
    if not held:
        return None
    try:
        return workspace.people.who(held)
    except SignInEnded:
        forget()
        return None


def sign_in(workspace: Workspace, person_id: str) -> None:
    """Start a session for a demo person and let the browser keep it."""
    started = workspace.people.sign_in_demo(person_id)
    st.session_state[Key.TOKEN] = started.token
    st.session_state[Key.TICKET] = TICKETS.issue(started.token)


def has_provider() -> bool:
    """Whether an identity provider is set up ([auth] in secrets.toml)."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def provider_user() -> dict[str, Any]:
    """Return what the identity provider vouched for; empty while nobody signed in there."""
    told = st.user.to_dict()
    return told if told.get("is_logged_in") else {}


def sign_in_provided(workspace: Workspace) -> bool:
    """Start a session for whom the identity provider vouched for; its word counts from the moment it gave it."""
    told = provider_user()
    if not told:
        return False
    moment = told.get("auth_time") or told.get("iat")
    at = datetime.fromtimestamp(int(moment), UTC) if moment else None
    started = attempt(lambda: workspace.people.sign_in_subject(str(told.get("sub") or ""), authenticated_at=at))
    if started is None:
        return False
    st.session_state[Key.TOKEN] = started.token
    st.session_state[Key.TICKET] = TICKETS.issue(started.token)
    return True


def sign_in_by_code(workspace: Workspace) -> None:
    """Take up the session of an emergency code."""
    code = str(st.session_state.get("emergency_code") or "").strip()
    if attempt(lambda: workspace.people.who(code)) is not None:
        st.session_state[Key.TOKEN] = code
        st.session_state[Key.TICKET] = TICKETS.issue(code)


def sign_out(workspace: Workspace) -> None:
    """End the session for good, in every tab."""
    workspace.people.sign_out(token())
    forget()
    if provider_user():
        st.logout()


def save_setting(here: Here, name: str) -> None:
    """Keep one of the person's own settings with the person, not with the tab."""
    chosen = st.session_state.get(f"setting_{name}")
    if chosen is None:
        return
    value = {True: "on", False: "off"}[chosen] if isinstance(chosen, bool) else str(chosen)
    act(lambda: here.workspace.people.save_settings(here.token, {name: value}))


def forget() -> None:
    """Drop everything this tab holds; the empty token keeps an old cookie from counting."""
    for name in list(st.session_state):
        del st.session_state[name]
    st.session_state[Key.TOKEN] = ""


def zone() -> ZoneInfo:
    """Return the reader's time zone."""
    return zone_named(st.context.timezone)


@contextmanager
def turn() -> Iterator[None]:
    """Draw a page when it is this tab's turn: one after the other is sooner for everybody than all at once (S-18)."""
    with _TURNS:
        yield


def act(command: Callable[[], Any]) -> bool:
    """Run one command from a widget's callback: once, and leave what it says for the page; False when refused."""
    try:
        receipt = command()
    except Expected as error:
        st.session_state[Key.NOTICE] = refused(error)
        return False
    st.session_state[Key.NOTICE] = told(receipt)
    return True


def attempt(command: Callable[[], Any]) -> Any:
    """Do something that is not worth a message when it works; None when refused, which the page then says."""
    try:
        return command()
    except Expected as error:
        st.session_state[Key.NOTICE] = refused(error)
        return None


def take_notice() -> Notice | None:
    """Return what the last command said, once."""
    return st.session_state.pop(Key.NOTICE, None)
