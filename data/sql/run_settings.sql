-- one row per run: its model, its settings and counts, as stored
select run_id, snapshot_id, created_at, model_version, model_hash, policy_version, floor_p, counts, settings
from run.manifest
