-- one row per account under its pseudonym, with what the log and the run say about it; no handle, no id
create table analyst.accounts as
select
  pseudonyms.pseudonym as account,
  date_trunc('month', make_timestamp(accounts.created_at))::date as created_month,
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
  flags.service_id as service,
  flags.group_id
from keys.pseudonyms as pseudonyms
left join snapshot.accounts as accounts on accounts.account_key = pseudonyms.account_key
left join run.flags as flags on flags.account_key = pseudonyms.account_key
left join snapshot.names as country on country.domain = 'country' and country.key = accounts.country_key
order by pseudonyms.pseudonym
