-- one row per account that serves this one most: engagements received and proposed among them
select
  ids.account_id,
  count(*)::bigint as engagements,
  count(*) filter (where scores.band > 0)::bigint as proposed
from snapshot.engagements as engagements
inner join snapshot.ids as ids on ids.account_key = engagements.actor_key
left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key
where engagements.target_key = $account_key
group by ids.account_id
order by engagements desc, ids.account_id
limit 30
