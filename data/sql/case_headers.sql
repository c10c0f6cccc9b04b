-- one row per chosen account: what the log and the run say about it at the top of its case
select
  chosen.account_key,
  flags.account_id,
  accounts.handle,
  accounts.created_at,
  accounts.followers,
  accounts.following,
  accounts.posts,
  country.name as country,
  accounts.is_verified,
  accounts.is_delegated,
  flags.score,
  flags.service_id,
  services.name as service_name,
  flags.group_id
from chosen
inner join run.flags as flags on flags.account_key = chosen.account_key
left join snapshot.accounts as accounts on accounts.account_key = chosen.account_key
left join snapshot.names as country on country.domain = 'country' and country.key = accounts.country_key
left join run.services as services on services.service_id = flags.service_id
order by chosen.account_key
