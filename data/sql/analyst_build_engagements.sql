-- one row per engagement under pseudonyms, without its text; networks and devices only as keyed marks
create table analyst.engagements as
select
  engagements.engagement_key as engagement,
  ['like', 'follow', 'comment', 'unfollow'][engagements.kind + 1] as kind,
  actor.pseudonym as account,
  target.pseudonym as target,
  make_timestamp(engagements.at) as happened_at,
  client.name as client,
  engagements.asn,
  prefix.mark as network,
  device.mark as device,
  country.name as country,
  coalesce(scores.p, manifest.floor_p)::float as p,
  ['keep', 'review', 'remove'][coalesce(scores.band, 0) + 1] as band,
  coalesce(scores.families, 0) as families,
  scores.service_id as service,
  scores.group_id
from snapshot.engagements as engagements
inner join keys.pseudonyms as actor on actor.account_key = engagements.actor_key
inner join keys.pseudonyms as target on target.account_key = engagements.target_key
cross join run.manifest as manifest
left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key
left join snapshot.names as client on client.domain = 'client' and client.key = engagements.client_key
left join snapshot.names as country on country.domain = 'country' and country.key = engagements.country_key
left join keys.marks as prefix on prefix.domain = 'prefix' and prefix.key = engagements.prefix_key
left join keys.marks as device on device.domain = 'device' and device.key = engagements.device_key
