-- one row per account, target or twentieth of probability among the proposed engagements under the filter
with chosen as (
  select *
  from explore.proposed as proposed
  where proposed.at >= $since and proposed.at < $until
    and ($actor_key is null or actor_key = $actor_key)
    and ($target_key is null or target_key = $target_key)
    and ($kinds is null or list_contains($kinds, kind))
    and ($clients is null or list_contains($clients, client))
    and ($networks is null or list_contains($networks, network))
    and ($countries is null or list_contains($countries, country))
    and ($services is null or list_contains($services, service))
    and ($bands is null or list_contains($bands, band))
    and ($cohorts is null or list_contains($cohorts, cohort))
    and ($scores is null or list_contains($scores, score_band))
    and ($group_id is null or group_id = $group_id)
),
accounts as (
  select 'account' as dimension, actor_key::bigint as value, count(*) as engagements
  from chosen
  group by actor_key
  order by engagements desc, value
  limit 20
),
targets as (
  select 'target' as dimension, target_key::bigint as value, count(*) as engagements
  from chosen
  group by target_key
  order by engagements desc, value
  limit 20
),
probabilities as (
  select 'p' as dimension, least(floor(p * 20), 19)::bigint as value, count(*) as engagements
  from chosen
  group by value
),
families as (
  select 'families' as dimension, families::bigint as value, count(*) as engagements
  from chosen
  group by families
),
together as (
  select * from accounts
  union all
  select * from targets
  union all
  select * from probabilities
  union all
  select * from families
  union all
  select 'all', count(distinct actor_key)::bigint, count(*) from chosen
)
select together.dimension, together.value, together.engagements::bigint as engagements, ids.account_id
from together
left join snapshot.ids as ids on together.dimension in ('account', 'target') and ids.account_key = together.value
order by together.dimension, together.engagements desc, together.value
