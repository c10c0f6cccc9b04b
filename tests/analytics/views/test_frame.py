"""What stands on every page: how far the log reaches, which is not when it was loaded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.views.frame import freshness
from data.records import SnapshotInfo

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_head_says_how_far_the_log_reaches_and_on_hover_when_it_was_loaded() -> None:
    """A log of yesterday that was loaded four minutes ago is not four minutes old."""
    reach = NOW - timedelta(hours=21)
    told = {"accounts": 1, "engagements": 1, "logins": 0, "labels": 0, "first_at": reach, "last_at": reach}
    snapshot = SnapshotInfo(snapshot_id="s", created_at=NOW - timedelta(minutes=4), missing=(), **told)
    fresh = freshness(snapshot, None, NOW, ZoneInfo("UTC"))

    assert fresh.text == "log reaches to 23 Nov 15:00 · now 12:00"
    assert "log loaded 24 Nov 2026 11:56:00" in fresh.detail
    assert freshness(None, None, NOW, ZoneInfo("UTC")).text == "no log loaded"
