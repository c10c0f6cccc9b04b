"""No raw name of a column reaches a page."""

from __future__ import annotations

import pytest

from analytics.views.loading import missing
from analytics.views.words import not_in_log
from data.contracts import INPUT

ABSENT = [*INPUT, *(f"{table}.{one.name}" for table, columns in INPUT.items() for one in columns if not one.required)]


@pytest.mark.parametrize("name", [name for name in ABSENT if name != "engagements"])
def test_whatever_a_log_lacks_is_said_in_plain_words(name: str) -> None:
    bare = name.rpartition(".")[2]

    told = not_in_log([name])

    assert not_in_log([bare]) == told, "the file of a case names the column alone"
    assert "_" not in told[0]
    assert not told[0].endswith((" id", " at"))


def test_what_is_lacking_is_said_once() -> None:
    assert missing(["labels", "engagements.device_id", "logins.device_id"]) == "the platform's own labels, devices"


def test_a_log_with_labels_of_engagements_is_not_said_to_have_none() -> None:
    assert missing(["labels.account_id", "labels.labelled_at"]) == "labels of whole accounts, when a label was given"
