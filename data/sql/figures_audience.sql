-- one row per wanted engagement: how many people its recipient reaches, 1 where the log does not say
select
  wanted.engagement_id,
  greatest(coalesce(accounts.followers, 1), 1)::double as audience
from wanted
left join snapshot.engagements as engagements on engagements.engagement_id = wanted.engagement_id
left join snapshot.accounts as accounts on accounts.account_key = engagements.target_key
