"""A small sticky proxy: each browser is sent to one of the web processes and stays there, by a cookie (S-17).

What HAProxy does with `cookie SRV insert indirect nocache`; here so that a test needs nothing installed.
"""

from __future__ import annotations

import asyncio
import contextlib
from http.cookies import SimpleCookie
from itertools import cycle

COOKIE = "served_by"
LONGEST_HEAD = 64 * 1024
Address = tuple[str, int]


class StickyProxy:
    """Pass every connection on to the process that its cookie names; without one, to the next in turn."""

    def __init__(self, backs: list[Address]) -> None:
        self.backs = backs
        self.passed = dict.fromkeys(range(len(backs)), 0)
        self._turn = cycle(range(len(backs)))
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST_HEAD)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on beside the others; `stop` ends those that still stand."""
        task = asyncio.ensure_future(self._pass_on(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request, or one websocket: what is no upgrade is closed after its answer."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            place, is_new = self._choose(head)
            self.passed[place] += 1
            back_reader, back_writer = await asyncio.open_connection(*self.backs[place], limit=LONGEST_HEAD)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.close()
            return
        is_upgrade = b"\r\nupgrade: websocket" in head.lower()
        back_writer.write(head if is_upgrade else _closing(head))
        answer = self._answer(back_reader, writer, f"{COOKIE}={place}; Path=/; HttpOnly" if is_new else "")
        await _both(_pump(reader, back_writer), answer)

    def _choose(self, head: bytes) -> tuple[int, bool]:
        cookies = SimpleCookie(_header(head, "cookie"))
        told = cookies[COOKIE].value if COOKIE in cookies else ""
        known = told.isdigit() and int(told) < len(self.backs)
        return (int(told), False) if known else (next(self._turn), True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: str) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if cookie:
            head = head[:-2] + f"set-cookie: {cookie}\r\n\r\n".encode()
        writer.write(head)
        await _pump(reader, writer)


def _header(head: bytes, name: str) -> str:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return next((line.split(":", 1)[1].strip() for line in lines if line.lower().startswith(f"{name}:")), "")


def _closing(head: bytes) -> bytes:
    lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"connection: close", b"", b""])


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(64 * 1024):
        writer.write(part)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


async def _both(there: object, back: object) -> None:
    """Pass on in both directions; either side's end or a cut line ends the other."""
    tasks = [asyncio.ensure_future(there), asyncio.ensure_future(back)]  # type: ignore[arg-type]
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        await tasks[1]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
