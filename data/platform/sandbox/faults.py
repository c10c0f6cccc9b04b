"""Misbehaviour on demand: what the sandbox does instead of a clean answer, and to which requests."""

from __future__ import annotations

import threading
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from data.platform.contract import ActionBody
from data.records import ActionKind


class Answer(StrEnum):
    """How a faulty answer looks from outside."""

    STATUS = "status"
    DROP = "drop"
    HANG = "hang"
    NO_ECHO = "no_echo"
    WRONG_ECHO = "wrong_echo"
    NOT_JSON = "not_json"
    HUGE = "huge"
    SLOW = "slow"


class Fault(BaseModel):
    """One instruction; `applies` says whether the action takes effect before the bad answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: Answer
    applies: bool = False
    status: int = Field(default=500, ge=200, le=599)
    retry_after: str | None = None
    seconds: float = Field(default=30.0, ge=0, le=600)
    # None: until cleared
    times: int | None = Field(default=1, ge=1)
    kind: ActionKind | None = None
    account_id: str | None = None

    def fits(self, body: ActionBody) -> bool:
        return self.kind in (None, body.kind) and self.account_id in (None, body.account_id)


class Faults:
    """The instructions still to be used, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, faults: list[Fault]) -> None:
        with self._lock:
            self._waiting.extend(faults)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def take(self, body: ActionBody) -> Fault | None:
        """Use up the first instruction that fits this request."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.fits(body):
                    self._use(place, fault)
                    return fault
        return None

    def _use(self, place: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times == 1:
            del self._waiting[place]
        else:
            self._waiting[place] = fault.model_copy(update={"times": fault.times - 1})
