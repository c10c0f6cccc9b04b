"""The errors a person can meet: each says what happened and what to do about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


class UnboughtError(Exception):
    """Base of every expected failure; `message` says what happened, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


@dataclass(frozen=True, slots=True)
class Fault:
    """One unusable place in an input: the 1-based line (0: the whole file) and the cause in words."""

    file: str
    line: int
    cause: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.cause}" if self.line else f"{self.file}: {self.cause}"


class InputError(UnboughtError):
    """A log, mapping or upload that cannot be used; nothing was changed."""

    def __init__(self, message: str, hint: str = "", *, faults: tuple[Fault, ...] = (), total: int = 0) -> None:
        super().__init__(message, hint)
        self.faults = faults
        self.total = total or len(faults)

    def causes(self) -> Counter[str]:
        """How many of the listed faults have each cause."""
        return Counter(fault.cause for fault in self.faults)


class EmptyHomeError(UnboughtError):
    """There is no snapshot or run yet to answer from."""


class StorageError(UnboughtError):
    """The disk or the database refused; nothing was acknowledged."""


class ConfigError(UnboughtError):
    """A setting or reference file that cannot be used."""


class ModelError(UnboughtError):
    """A model file that is missing, unknown or not of the native format."""


class CommandError(UnboughtError):
    """Base of the refusals of a command; nothing was written but the audit row."""


class RightsError(CommandError):
    """The person does not hold the right, or no longer does."""


class SessionError(CommandError):
    """The sign-in is missing, expired or revoked."""


class StaleCaseError(CommandError):
    """The case moved on: another version, another lease, or already decided."""


class KeyReusedError(CommandError):
    """The same idempotency key came with another command."""


class ConflictError(CommandError):
    """A rule forbids this person or this moment: own account, first decider, window over."""


class InvalidCommandError(CommandError):
    """A command that names unknown or contradictory things."""


class PlatformError(UnboughtError):
    """The platform answered in a way that no retry will heal."""
