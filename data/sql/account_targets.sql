-- one row per account that this one serves most: engagements given, proposed among them, and given back
with given as (
  select
    engagements.target_key,
    count(*) as engagements,
    count(*) filter (where scores.band > 0) as proposed
  from snapshot.engagements as engagements
  left join run.engagement_scores as scores
    on scores.engagement_key = engagements.engagement_key and scores.account_key = $account_key
  where engagements.actor_key = $account_key
  group by engagements.target_key
  order by engagements desc, engagements.target_key
  limit 30
),
returned as (
  select engagements.actor_key, count(*) as engagements
  from snapshot.engagements as engagements
  where engagements.target_key = $account_key
    and engagements.actor_key in (select target_key from given)
  group by engagements.actor_key
)
select
  ids.account_id,
  given.engagements::bigint as engagements,
  given.proposed::bigint as proposed,
  coalesce(returned.engagements, 0)::bigint as returned
from given
inner join snapshot.ids as ids on ids.account_key = given.target_key
left join returned on returned.actor_key = given.target_key
order by given.engagements desc, ids.account_id
