-- one row per scored account, best rank first: the columns of the export `flags`
select
  flags.account_id,
  flags.score,
  flags.rank,
  flags.service_id,
  flags.group_id,
  manifest.model_version,
  manifest.run_id,
  coalesce(flags.reasons, []) as reasons
from run.flags as flags
cross join run.manifest as manifest
order by flags.rank, flags.account_id
