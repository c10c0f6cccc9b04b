-- one row per proposed engagement under the filter, newest first, one page of them
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
  order by proposed.at desc, proposed.engagement_key
  limit $page_size offset $skip
)
select
  engagements.engagement_id,
  chosen.at,
  chosen.kind,
  actor.account_id as actor_id,
  target.account_id as target_id,
  client.name as client,
  engagements.asn,
  country.name as country,
  scores.service_id,
  chosen.group_id,
  chosen.p::double as p,
  chosen.band,
  chosen.families,
  scores.why
from chosen
inner join snapshot.engagements as engagements on engagements.engagement_key = chosen.engagement_key
inner join run.engagement_scores as scores on scores.engagement_key = chosen.engagement_key
inner join snapshot.ids as actor on actor.account_key = chosen.actor_key
inner join snapshot.ids as target on target.account_key = chosen.target_key
left join snapshot.names as client on client.domain = 'client' and client.key = engagements.client_key
left join snapshot.names as country on country.domain = 'country' and country.key = engagements.country_key
order by chosen.at desc, chosen.engagement_key
