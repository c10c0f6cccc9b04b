-- one row per pair of customer and target of one service, the heaviest pairs among its busiest customers and targets
with own as (
  select proposed.actor_key, proposed.target_key
  from explore.proposed as proposed
  inner join explore.codes as codes on codes.domain = 'service' and codes.code = proposed.service
  where codes.name = $service_id
),
customers as (
  select actor_key, count(*) as weight
  from own
  group by actor_key
  order by weight desc, actor_key
  limit $customers
),
targets as (
  select own.target_key, count(*) as weight
  from own
  inner join customers on customers.actor_key = own.actor_key
  group by own.target_key
  order by weight desc, own.target_key
  limit $targets
),
pairs as (
  select own.actor_key, own.target_key, count(*) as engagements
  from own
  inner join customers on customers.actor_key = own.actor_key
  inner join targets on targets.target_key = own.target_key
  group by own.actor_key, own.target_key
  order by engagements desc, own.actor_key, own.target_key
  limit $pairs
)
select actor.account_id as customer, target.account_id as target, pairs.engagements::bigint as engagements
from pairs
inner join snapshot.ids as actor on actor.account_key = pairs.actor_key
inner join snapshot.ids as target on target.account_key = pairs.target_key
order by pairs.engagements desc, customer, target
