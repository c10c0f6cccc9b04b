-- one row per client, network, country and service with a code of its own; code 0 is "not known", 255 "all others"
create table explore.codes as
with proposed as (
  select engagements.client_key, engagements.asn, engagements.country_key
  from run.engagement_scores as scores
  inner join snapshot.engagements as engagements on engagements.engagement_key = scores.engagement_key
  where scores.band > 0
),
used as (
  select 'client' as domain, client_key::bigint as key, count(*) as engagements, 0 as proposed
  from snapshot.engagements
  group by client_key
  union all
  select 'network', asn::bigint, count(*), 0
  from snapshot.engagements
  group by asn
  union all
  select 'country', country_key::bigint, count(*), 0
  from snapshot.engagements
  group by country_key
  union all
  select 'client', client_key::bigint, 0, count(*)
  from proposed
  group by client_key
  union all
  select 'network', asn::bigint, 0, count(*)
  from proposed
  group by asn
  union all
  select 'country', country_key::bigint, 0, count(*)
  from proposed
  group by country_key
),
counted as (
  select domain, key, null::varchar as service_id, sum(engagements) as engagements, sum(proposed) as proposed
  from used
  where key is not null
  group by domain, key
  union all
  select 'service', null, service_id, engagements, engagements
  from run.services
),
-- The busiest and the most suspicious take turns, so that a service's rare client has a code too.
ranked as (
  select
    *,
    least(
      2 * row_number() over (partition by domain order by engagements desc, key, service_id),
      2 * row_number() over (partition by domain order by proposed desc, key, service_id) - 1
    ) as turn
  from counted
),
placed as (
  select *, row_number() over (partition by domain order by turn, engagements desc, key, service_id) as place
  from ranked
),
named as (
  select
    placed.domain,
    placed.place::utinyint as code,
    placed.key,
    case placed.domain
      when 'service' then placed.service_id
      when 'network' then 'AS' || placed.key
      else names.name
    end as name,
    placed.engagements::bigint as engagements
  from placed
  left join snapshot.names as names on names.domain = placed.domain and names.key = placed.key
  where placed.place <= case placed.domain when 'service' then 200 else 30 end
)
select * from named order by domain, code
