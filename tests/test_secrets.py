"""T-11: no secret is in the repository, and what looks for them would find one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parent.parent
# Words such as "password" name columns and actions here, so that only what looks like a secret itself is looked for.
SIGNS = {
    "plugins_used": [
        {"name": name}
        for name in (
            "AWSKeyDetector",
            "AzureStorageKeyDetector",
            "BasicAuthDetector",
            "GitHubTokenDetector",
            "GitLabTokenDetector",
            "JwtTokenDetector",
            "NpmDetector",
            "OpenAIDetector",
            "PrivateKeyDetector",
            "PypiTokenDetector",
            "SlackDetector",
            "StripeDetector",
        )
    ]
    + [{"name": "Base64HighEntropyString", "limit": 4.5}]
}
# Numbers and hashes by the thousand, which are no secrets and are checked elsewhere.
NOT_READ = ("requirements", "data/reference/models/", "docs/images/")


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if not name.startswith(NOT_READ) and (ROOT / name).is_file()]


def found_in(path: Path) -> list[str]:
    return [f"{one.filename}:{one.line_number}: {one.type}" for one in scan_file(str(path))]


def test_no_tracked_file_holds_a_secret() -> None:
    with transient_settings(SIGNS):
        assert [one for path in tracked() for one in found_in(path)] == []


# Made up, and put together here so that this file holds none.
PLANTED = {
    "key.pem": "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEowIBAAKCAQEA\n",
    "config.py": "TOKEN = '" + "ghp_" + "aB3" * 12 + "'\n",
    "settings.toml": "cookieSecret = '" + "".join(chr(65 + (7 * n) % 26) + str(n % 10) for n in range(24)) + "'\n",
    "url.txt": "postgresql://desk:" + "hunter-two" + "@db/ledger\n",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(PLANTED[name])
    with transient_settings(SIGNS):
        assert found_in(tmp_path / name) != []


def test_no_file_of_secrets_is_tracked() -> None:
    names = [path.name for path in tracked()]
    assert [name for name in names if name == "secrets.toml" or name.endswith((".pem", ".key", ".env"))] == []
