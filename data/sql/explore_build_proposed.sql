-- one row per engagement in a band above keep, with everything that can be filtered by
create table explore.proposed as
select
  engagements.engagement_key,
  engagements.at,
  (engagements.at // 86400000000)::integer as day,
  engagements.kind,
  case when engagements.client_key is null then 0 else coalesce(client.code, 255) end::utinyint as client,
  case when engagements.asn is null then 0 else coalesce(network.code, 255) end::utinyint as network,
  case when engagements.country_key is null then 0 else coalesce(country.code, 255) end::utinyint as country,
  case when scores.service_id is null then 0 else coalesce(service.code, 255) end::utinyint as service,
  scores.band,
  coalesce(people.cohort, 0)::utinyint as cohort,
  coalesce(people.score_band, 255)::utinyint as score_band,
  engagements.actor_key,
  engagements.target_key,
  scores.p,
  scores.families,
  scores.group_id
from run.engagement_scores as scores
inner join snapshot.engagements as engagements on engagements.engagement_key = scores.engagement_key
left join explore.people as people on people.account_key = engagements.actor_key
left join explore.codes as client on client.domain = 'client' and client.key = engagements.client_key
left join explore.codes as network on network.domain = 'network' and network.key = engagements.asn
left join explore.codes as country on country.domain = 'country' and country.key = engagements.country_key
left join explore.codes as service on service.domain = 'service' and service.name = scores.service_id
where scores.band > 0
order by engagements.actor_key, engagements.at, engagements.engagement_key
