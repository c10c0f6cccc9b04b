"""Start the sandbox platform: `python -m data.platform.sandbox --home DIR [--host H] [--port N]`."""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path

import uvicorn

from data.platform.sandbox.server import sandbox_app
from data.platform.secret_files import webhook_secrets


def main() -> None:
    """Serve until told to stop; the address is written into the home once the port is bound."""
    parser = argparse.ArgumentParser(prog="sandbox")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    listener = socket.create_server((given.host, given.port))
    _write_address(given.home / "sandbox" / "address", f"http://{given.host}:{listener.getsockname()[1]}")
    app = sandbox_app(given.home / "sandbox" / "platform.sqlite", webhook_secrets(given.home))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _write_address(path: Path, address: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(address + "\n")
    partial.rename(path)


if __name__ == "__main__":
    main()
