-- one row per hour and combination of what can be filtered by, with its engagements; short spans read only this
create table explore.hours as
select
  (engagements."at" // 3600000000)::integer as hour,
  engagements.kind,
  case when engagements.client_key is null then 0 else coalesce(client.code, 255) end::utinyint as client,
  case when engagements.asn is null then 0 else coalesce(network.code, 255) end::utinyint as network,
  case when engagements.country_key is null then 0 else coalesce(country.code, 255) end::utinyint as country,
  case when scores.service_id is null then 0 else coalesce(service.code, 255) end::utinyint as service,
  coalesce(scores.band, 0)::utinyint as band,
  coalesce(people.cohort, 0)::utinyint as cohort,
  coalesce(people.score_band, 255)::utinyint as score_band,
  count(*)::uinteger as engagements
from snapshot.engagements as engagements
left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key
left join explore.people as people on people.account_key = engagements.actor_key
left join explore.codes as client on client.domain = 'client' and client.key = engagements.client_key
left join explore.codes as network on network.domain = 'network' and network.key = engagements.asn
left join explore.codes as country on country.domain = 'country' and country.key = engagements.country_key
left join explore.codes as service on service.domain = 'service' and service.name = scores.service_id
group by all
order by hour
