"""The command line itself: what is wrong with a command is told at once, to people in a box and to machines as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics import __main__ as command_line
from analytics.workspace import Workspace


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command_line.logs, "configure", lambda: None)
    monkeypatch.setenv("UNBOUGHT_HOME", str(tmp_path / "home"))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["unbought", *arguments])
    return command_line.main()


WRONG = [
    (("bogus",), "No such command 'bogus'."),
    (("evaluate",), "Missing option '--truth'."),
    (("export", "flags"), "Missing argument "),
    (("demo", "--seed", "-1"), "Invalid value for '--seed'"),
    (("demo", "--seed", "99999999999999999999"), "Invalid value for '--seed'"),
    (("detect", "--seed", "-1"), "Invalid value for '--seed'"),
    (("bench", "--engagements", "0"), "Invalid value for '--engagements'"),
    (("bench", "--engagements", "-5"), "Invalid value for '--engagements'"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG)
def test_a_wrong_command_is_json_for_a_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert run(monkeypatch, *arguments, "--json") == 2

    told, errors = capsys.readouterr()
    answer = json.loads(told)
    assert answer["error"].startswith(sentence)
    assert answer["error"].endswith(".")
    assert (answer["hint"], answer["faults"], answer["total"]) == ("See --help.", [], 0)
    assert errors == ""


@pytest.mark.parametrize(("arguments", "sentence"), WRONG)
def test_a_wrong_command_is_told_to_people_on_the_other_stream(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert run(monkeypatch, *arguments) == 2

    told, errors = capsys.readouterr()
    assert told == ""
    assert sentence.split("'", maxsplit=1)[0].strip() in errors


def test_an_exit_code_of_a_command_is_the_same_for_a_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command may end with a code of its own; asking for JSON takes it away from nobody."""
    assert run(monkeypatch, "verify", "--json") == run(monkeypatch, "verify") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["is_sound"]
    monkeypatch.setattr("analytics.workflows.audit.verify", lambda _home: Unsound())
    assert run(monkeypatch, "verify", "--json") == run(monkeypatch, "verify") == 1


def test_an_emergency_of_the_command_line_is_a_session_for_the_one_who_was_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """D.2: a login that nobody has is refused, and so is an emergency without a reason."""
    assert run(monkeypatch, "admit", "ada@example.org", "Ada Long") == 0
    capsys.readouterr()
    assert run(monkeypatch, "break-glass", "ada@example.org", "--reason", "It is down", "--json") == 0

    code = json.loads(capsys.readouterr().out)["code"]
    people = Workspace.open(tmp_path / "home").people
    assert people.who(code).person.name == "Ada Long"
    assert run(monkeypatch, "break-glass", "eve@example.org", "--reason", "It is down", "--json") == 2
    assert run(monkeypatch, "break-glass", "ada@example.org", "--reason", " ", "--json") == 2
    assert '"code"' not in capsys.readouterr().out


class Unsound:
    is_sound, sentence = False, "Not sound."
