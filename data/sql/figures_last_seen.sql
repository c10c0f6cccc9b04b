-- one row per wanted pair of account and service: when that service was last at work from that account
select
  wanted.account_id,
  wanted.service_id,
  max(sessions.ended_at) as service_last_at
from wanted
join snapshot.ids as ids on ids.account_id = wanted.account_id
join run.sessions as sessions
  on sessions.account_key = ids.account_key
  and sessions.source = 'service'
  and sessions.service_id is not distinct from wanted.service_id
group by wanted.account_id, wanted.service_id
