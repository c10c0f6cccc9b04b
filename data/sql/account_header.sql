-- one row per account: what the log and the run say about it at the top of its page
select
  ids.account_key,
  ids.account_id,
  accounts.handle,
  accounts.created_at,
  accounts.followers,
  accounts.following,
  accounts.posts,
  country.name as country,
  accounts.is_verified,
  accounts.is_delegated,
  flags.score,
  flags.rank,
  flags.is_queued,
  flags.remove_count,
  flags.review_count,
  flags.service_id,
  flags.group_id,
  flags.reasons
from snapshot.ids as ids
left join snapshot.accounts as accounts on accounts.account_key = ids.account_key
left join snapshot.names as country on country.domain = 'country' and country.key = accounts.country_key
left join run.flags as flags on flags.account_key = ids.account_key
where ids.account_id = $account_id
