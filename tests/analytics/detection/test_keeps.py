"""What no probability may take from an owner."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.keeps import kept_rows
from data.records import Family

RHYTHM = int(Family.RHYTHM)


def kept(frame: dict[str, list[float]], session_p: list[float], families: list[int]) -> list[bool]:
    return kept_rows(pl.DataFrame(frame), np.array(session_p), np.array(families, dtype=np.uint8)).tolist()


def test_acts_before_the_first_service_session_stay() -> None:
    """Account 1: an owner's session, then a service's, then an owner's again; account 2 never had a service."""
    frame = {"account_key": [1, 1, 1, 2], "at": [10, 20, 30, 10]}
    assert kept(frame, [0.1, 0.9, 0.1, 0.4], [RHYTHM] * 4) == [True, False, False, True]


def test_acts_of_a_declared_helper_from_its_office_stay() -> None:
    frame = {
        "account_key": [1, 2, 3, 4],
        "at": [1, 1, 1, 1],
        "account_is_delegated": [1.0, 1.0, 0.0, 0.0],
        "route_declared": [0.4, 0.0, 0.6, 0.4],
    }
    assert kept(frame, [0.9] * 4, [7] * 4) == [True, False, True, False]


def test_a_declaration_counts_everywhere_in_a_log_without_places() -> None:
    assert kept({"account_key": [1], "at": [1], "account_is_delegated": [1.0]}, [0.9], [7]) == [True]


def test_a_partners_client_stays() -> None:
    assert kept({"account_key": [1, 1], "at": [1, 1], "is_partner": [1.0, 0.0]}, [0.9, 0.9], [7, 7]) == [True, False]


def test_the_owners_device_stays_unless_a_machine_uses_it() -> None:
    """Own for half of the days from the first day on; a rhythm or company makes it a question for a person."""
    frame = {
        "account_key": [1, 2, 3, 4],
        "at": [1, 1, 1, 1],
        "device_days_share": [0.5, 0.5, 0.1, 0.5],
        "device_late_days": [0.0, 0.0, 0.0, 9.0],
        "device_accounts": [1.0, 1.0, 1.0, 1.0],
    }
    place = int(Family.INFRASTRUCTURE)
    assert kept(frame, [0.9] * 4, [place, place | RHYTHM, place, place]) == [True, False, False, False]
