-- one row per snapshot and run: first and last engagement, and the ids
select
  manifest.snapshot_id,
  run.run_id,
  manifest.first_at,
  manifest.last_at,
  manifest.missing,
  manifest.engagements
from snapshot.manifest as manifest
cross join run.manifest as run
