-- one row per value of each dimension, for a filter the cells do not hold: an account, a target, a group, one hour
with members as (
  select distinct account_key from run.engagement_scores where group_id = $group_id
),
chosen as (
  select
    engagements.at,
    (engagements.at // $bucket) * $bucket as moment,
    engagements.kind,
    engagements.client_key,
    engagements.asn,
    engagements.country_key,
    engagements.actor_key,
    engagements.target_key,
    scores.service_id,
    coalesce(scores.band, 0) as band,
    people.cohort,
    people.score_band
  from snapshot.engagements as engagements
  left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key
  left join explore.people as people on people.account_key = engagements.actor_key
  where engagements.at >= $since and engagements.at < $until
    and ($actor_key is null or engagements.actor_key = $actor_key)
    and ($target_key is null or engagements.target_key = $target_key)
    -- Who acted is how the log is sorted: finding the members' rows first spares looking at every engagement's key.
    and ($group_id is null or engagements.actor_key in (select account_key from members))
    and ($group_id is null or scores.group_id = $group_id)
    and ($kinds is null or list_contains($kinds, engagements.kind))
    and ($client_keys is null or list_contains($client_keys, engagements.client_key))
    and ($asns is null or list_contains($asns, engagements.asn))
    and ($country_keys is null or list_contains($country_keys, engagements.country_key))
    and ($service_ids is null or list_contains($service_ids, scores.service_id))
    and ($bands is null or list_contains($bands, coalesce(scores.band, 0)))
    and ($cohorts is null or list_contains($cohorts, people.cohort))
    and ($scores is null or list_contains($scores, people.score_band))
),
grouped as (
  select
    case
      when grouping(moment) = 0 then 'day'
      when grouping(kind) = 0 then 'kind'
      when grouping(client_key) = 0 then 'client'
      when grouping(asn) = 0 then 'network'
      when grouping(country_key) = 0 then 'country'
      when grouping(service_id) = 0 then 'service'
      when grouping(band) = 0 then 'band'
      when grouping(cohort) = 0 then 'cohort'
      when grouping(score_band) = 0 then 'score'
      else 'all'
    end as dimension,
    coalesce(moment, kind, client_key, asn, country_key, band, cohort, score_band)::bigint as value,
    service_id,
    count(*)::bigint as engagements,
    count(*) filter (where band = 2)::bigint as removable,
    count(*) filter (where band = 1)::bigint as reviewable
  from chosen
  group by grouping sets (
    (moment), (kind), (client_key), (asn), (country_key), (service_id), (band), (cohort), (score_band), ()
  )
),
named as (
  select
    grouped.*,
    coalesce(grouped.service_id, names.name, case when dimension = 'network' then 'AS' || value end) as name,
    row_number() over (partition by dimension order by engagements desc, value, grouped.service_id) as place
  from grouped
  left join snapshot.names as names
    on names.domain in ('client', 'country') and names.domain = grouped.dimension and names.key = grouped.value
)
select dimension, value, name, engagements, removable, reviewable
from named
where dimension = 'day' or place <= 24
order by dimension, value, name
