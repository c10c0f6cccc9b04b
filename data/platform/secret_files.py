"""Secrets of one home: made on first use, readable by the owner alone, never in the repository."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from data.errors import ConfigError

# name of the secret → environment variable that replaces the file
WEBHOOK = "webhook"
COOKIE = "cookie"
PSEUDONYM = "pseudonym"
SECRETS = {
    WEBHOOK: "UNBOUGHT_WEBHOOK_SECRET",
    COOKIE: "UNBOUGHT_COOKIE_SECRET",
    PSEUDONYM: "UNBOUGHT_PSEUDONYM_SECRET",
}


def webhook_secrets(home: Path) -> tuple[str, ...]:
    """Read the signing secrets, newest first: the first signs, all verify, so that a change leaves no gap."""
    return tuple(_secret(home, WEBHOOK, "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()).split())


def cookie_secret(home: Path) -> str:
    """Read the secret that signs the browser's cookies."""
    return _secret(home, COOKIE, secrets.token_hex(32))


def pseudonym_key(home: Path) -> bytes:
    """Read the key under which ids become pseudonyms in what analysts query."""
    return _secret(home, PSEUDONYM, secrets.token_hex(32)).encode()


def _secret(home: Path, name: str, fresh: str) -> str:
    given = os.environ.get(SECRETS[name], "").strip()
    if given:
        return given
    path = home / "secrets" / name
    if not path.exists():
        _create(path, fresh)
    text = path.read_text().strip()
    if not text:
        raise ConfigError(f"The secret file {path.name} is empty.", "Delete it; the next start makes a new one.")
    return text


def _create(path: Path, text: str) -> None:
    """Write under a private name and link it: of two processes that start at once, both end with the same secret."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = path.with_name(f"{path.name}.{secrets.token_hex(8)}.partial")
    handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(private, path)
    except FileExistsError:
        pass
    finally:
        private.unlink()
