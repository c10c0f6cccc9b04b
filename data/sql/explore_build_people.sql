-- one row per account that acted: cohort (age when the log ends) and tenth of its score (255: not scored)
create table explore.people as
select
  flags.account_key,
  least(floor(flags.score * 10), 9)::utinyint as score_band,
  case
    when accounts.created_at is null then 0
    when manifest.last_at - accounts.created_at < 30 * 86400000000 then 1
    when manifest.last_at - accounts.created_at < 180 * 86400000000 then 2
    when manifest.last_at - accounts.created_at < 365 * 86400000000 then 3
    when manifest.last_at - accounts.created_at < 1095 * 86400000000 then 4
    else 5
  end::utinyint as cohort
from run.flags as flags
left join snapshot.accounts as accounts on accounts.account_key = flags.account_key
cross join snapshot.manifest as manifest
order by flags.account_key
