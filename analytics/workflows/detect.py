"""From the newest snapshot to a run: sessions, features, groups, scores, services, flags and their evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from analytics.workflows.detection_line import Line
from analytics.workflows.models import current_bundle
from analytics.workflows.thresholds import Settings, load_settings
from data.home import Home
from data.records import RunInfo
from data.warehouse import open_batch

Report = Callable[[float, str], None]


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""


def detect(
    home: Home,
    *,
    now: datetime,
    seed: int = 0,
    retrain: bool = False,
    settings: Settings | None = None,
    progress: Report = silent,
) -> RunInfo:
    """Run the whole line over the newest snapshot and store the run; a run that fails leaves nothing behind."""
    chosen = settings or load_settings()
    bundle = current_bundle(home.models)
    with open_batch(home, now=now) as batch:
        line = Line(batch, bundle, chosen, seed)
        counts = line.run(progress)
        return batch.finish(
            model_version=bundle.version,
            model_hash=bundle.model_hash,
            policy_version=chosen.version,
            missing=sorted(line.log.missing),
            floor_p=line.floor_p,
            counts=counts,
            settings=json.dumps(chosen.plain, sort_keys=True),
        )
