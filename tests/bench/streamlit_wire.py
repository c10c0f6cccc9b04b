"""A browser without a browser: speaks Streamlit's websocket protocol, finds widgets by label and presses them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

T = TypeVar("T")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: in the main one Playwright keeps a loop of its own going."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class ScriptFailedError(AssertionError):
    """The app showed an exception."""


@dataclass(frozen=True)
class Shown:
    """One element on the page: its type, the message, and where it stands."""

    kind: str
    element: Any
    path: tuple[int, ...]

    @property
    def label(self) -> str:
        return str(getattr(self.element, "label", ""))

    @property
    def key(self) -> str:
        """The key that the page gave the widget; its id ends with it."""
        parts = str(getattr(self.element, "id", "")).split("-", 2)
        return parts[2] if len(parts) == 3 else ""


@dataclass
class Page:
    """What the last run drew, in the order of the page."""

    shown: dict[tuple[int, ...], Shown] = field(default_factory=dict)
    name: str = ""

    def find(self, kind: str, label: str) -> Shown:
        found = self.find_all(kind, label)
        assert found, f"no {kind} starting with {label!r}; there are {[one.label for one in self.find_all(kind)]}"
        return found[0]

    def keyed(self, key: str) -> Shown | None:
        """Return the widget whose key starts so, if it is there."""
        fits = (one for one in self.shown.values() if one.key.startswith(key))
        return min(fits, key=lambda one: one.path, default=None)

    def find_all(self, kind: str, label: str = "") -> list[Shown]:
        fits = [one for one in self.shown.values() if one.kind == kind and one.label.startswith(label)]
        return sorted(fits, key=lambda one: one.path)

    def drawn(self) -> bytes:
        """Everything that was sent to be shown, tables and charts as well."""
        return b"".join(one.element.SerializeToString() for one in self.shown.values() if one.element is not None)

    def text(self) -> str:
        bodies = (str(getattr(one.element, "body", "")) for one in self.shown.values())
        return "\n".join(filter(None, bodies))


class Browser:
    """One tab of one person."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._values: dict[str, WidgetState] = {}
        self._cached: dict[str, ForwardMsg] = {}
        self.page = Page()
        self.query = ""
        self.page_hash = ""
        self.pages: dict[str, str] = {}

    @classmethod
    async def open(cls, address: str, query: str = "", page: str = "", cookie: str = "") -> Self:
        """Open a tab and wait for the first page; a cookie is sent as a browser that signed in would."""
        url = address.replace("http", "ws", 1) + "/_stcore/stream"
        socket = await websockets.connect(
            url,
            subprotocols=[websockets.Subprotocol("streamlit")],
            origin=websockets.Origin(address),
            additional_headers={"Cookie": cookie} if cookie else None,
            max_size=None,
            open_timeout=30,
            proxy=None,
        )
        tab = cls(socket)
        tab.query = query
        await tab._run(page_name=page)
        return tab

    async def close(self) -> None:
        await self._socket.close()

    def cut(self) -> None:
        """Lose the line without a word, as a closed lid does."""
        self._socket.transport.abort()

    @property
    def case(self) -> str:
        """The case on the screen of the desk, or nothing."""
        shown = self.page.keyed("escalate_")
        return shown.key.removeprefix("escalate_") if shown else ""

    async def press(self, label: str, kind: str = "button") -> Page:
        """Press a button and wait until the app is done with it."""
        found = self.page.find(kind, label)
        return await self._run(trigger=found.element.id)

    async def press_keyed(self, key: str) -> Page:
        """Press the button with this key and wait until the app is done with it."""
        return await self._run(trigger=self._keyed(key))

    async def press_id(self, widget_id: str) -> Page:
        """Send the press of a widget that is not on this page."""
        return await self._run(trigger=widget_id)

    async def press_unheard(self, key: str) -> None:
        """Press a button and do not wait."""
        await self._send(trigger=self._keyed(key))

    async def press_all_at_once(self, key: str, times: int, pause: float) -> Page:
        """Press the same button several times without waiting for the answer, as an impatient hand does."""
        widget_id = self._keyed(key)
        for number in range(times):
            await asyncio.sleep(pause if number else 0)
            await self._send(trigger=widget_id)
        return await self._listen_until_quiet()

    async def leave(self, page: str) -> None:
        """Ask for another page of the menu and do not wait."""
        await self._send(page_name=page)

    async def go(self, page: str) -> Page:
        """Open another page of the menu in the same tab."""
        return await self._run(page_name=page)

    def _keyed(self, key: str) -> str:
        found = self.page.keyed(key)
        there = [one.key for one in self.page.shown.values() if one.key]
        assert found is not None, f"no widget with key {key!r}; there are {there}"
        return str(found.element.id)

    def write(self, label: str, text: str, kind: str = "text_area") -> None:
        """Fill a text field; it is sent with the next press."""
        self._set(self.page.find(kind, label).element.id, string_value=text)

    def choose(self, label: str, option: str, kind: str = "selectbox") -> None:
        """Choose an option by its text; it is sent with the next press."""
        element = self.page.find(kind, label).element
        options = list(element.options)
        if kind == "radio":
            self._set(element.id, int_value=options.index(option))
        else:
            self._set(element.id, string_value=option)

    async def refresh(self) -> Page:
        """Run the page again with what was filled in."""
        return await self._run()

    def _set(self, widget_id: str, **value: Any) -> None:
        self._values[widget_id] = WidgetState(id=widget_id, **value)

    async def _run(self, trigger: str = "", page_name: str = "") -> Page:
        await self._send(trigger, page_name)
        return await self._listen()

    async def _send(self, trigger: str = "", page_name: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = "" if page_name else self.page_hash
        message.rerun_script.page_name = page_name
        alive = {getattr(one.element, "id", "") for one in self.page.shown.values()}
        states = [state for widget_id, state in self._values.items() if widget_id in alive]
        if trigger:
            states.append(WidgetState(id=trigger, trigger_value=True))
        message.rerun_script.widget_states.widgets.extend(states)
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> Page:
        """Read until the run that was asked for is over, or its successor when it was interrupted."""
        while not self._take(await self._next()):
            pass
        return self.page

    async def _listen_until_quiet(self, seconds: float = 1.0) -> Page:
        """Read until a run is over and nothing follows: presses that come close together may share a run."""
        await self._listen()
        while True:
            try:
                message = await asyncio.wait_for(self._next(), seconds)
            except TimeoutError:
                return self.page
            is_over = self._take(message)
            if message.WhichOneof("type") == "new_session" and not is_over:
                await self._listen()

    async def _next(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(await asyncio.wait_for(self._socket.recv(), 60))
        return message

    def _take(self, message: ForwardMsg) -> bool:
        """Show what a message says; true when a run is over that was not cut short for another."""
        message = self._resolve(message)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = Page()
            self.page_hash = message.new_session.page_script_hash
        elif kind == "delta":
            self._draw(message)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
            self.pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "script_finished":
            return self._is_an_end(message)
        return False

    def _resolve(self, message: ForwardMsg) -> ForwardMsg:
        """Replace a reference by the message it stands for: what did not change is sent once."""
        if message.WhichOneof("type") == "ref_hash":
            resolved = ForwardMsg()
            resolved.CopyFrom(self._cached[message.ref_hash])
            resolved.metadata.CopyFrom(message.metadata)
            return resolved
        if message.metadata.cacheable and message.hash:
            self._cached[message.hash] = message
        return message

    def _is_an_end(self, message: ForwardMsg) -> bool:
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            raise ScriptFailedError("the script does not compile")
        endings = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        return message.script_finished in endings

    def _draw(self, message: ForwardMsg) -> None:
        path = tuple(message.metadata.delta_path)
        delta = message.delta
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type") or ""
        element = getattr(delta.new_element, kind) if kind else None
        if kind == "exception":
            raise ScriptFailedError(f"{element.type}: {element.message}")  # type: ignore[union-attr]
        self.page.shown[path] = Shown(kind, element, path)
