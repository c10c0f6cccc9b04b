-- one row per engagement that a case keeps: every proposed one up to a limit, and others to see the owner's life by;
-- an account of the random audit keeps all of its own, drawn evenly where there are more than the limit
with own as (
  select
    engagements.actor_key as account_key,
    engagements.engagement_key,
    engagements.engagement_id,
    engagements.kind,
    engagements.target_key,
    engagements.at,
    engagements.client_key,
    engagements.asn,
    engagements.device_key,
    engagements.text,
    chosen.is_audit,
    coalesce(scores.p, manifest.floor_p)::double as p,
    coalesce(scores.families, 0) as families,
    scores.why,
    scores.group_id,
    scores.service_id,
    coalesce(sessions.source, 'unclear') as source,
    -- An unfollow gives nothing to anybody, so there is nothing to take back.
    case when engagements.kind = 3 then least(coalesce(scores.band, 0), 1) else coalesce(scores.band, 0) end as band
  from snapshot.engagements as engagements
  inner join chosen on chosen.account_key = engagements.actor_key
  cross join run.manifest as manifest
  left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key
  left join run.sessions as sessions
    on sessions.account_key = engagements.actor_key
    and engagements.client_key is not distinct from sessions.client_key
    and engagements.asn is not distinct from sessions.asn
    and engagements.device_key is not distinct from sessions.device_key
    and engagements.prefix_key is not distinct from sessions.prefix_key
    and engagements.at between sessions.started_at and sessions.ended_at
),
placed as (
  select
    *,
    -- As analytics/detection says it: CHURN in engagements.py, the days that a place is late in infrastructure.py.
    kind in (1, 3) and coalesce(
      max(own.at) filter (where kind = 3) over pair - min(own.at) filter (where kind = 1) over pair
      between 0 and 345600000000, false
    ) as is_taken_back,
    (client_key is not null and asn is not null and min(own.at) over route - min(own.at) over life >= 86400000000)
    or (device_key is not null and min(own.at) over device - min(own.at) over life >= 86400000000) as is_new_place,
    row_number() over (partition by account_key, band > 0 order by band desc, hash(engagement_id), engagement_id)
      as place_of_band,
    row_number() over (partition by account_key order by hash(engagement_id), engagement_id) as place,
    count(*) over (partition by account_key) as of_all
  from own
  window
    life as (partition by account_key),
    pair as (partition by account_key, target_key),
    route as (partition by account_key, client_key, asn),
    device as (partition by account_key, device_key)
)
select
  placed.account_key,
  placed.engagement_id,
  placed.kind::bigint as kind,
  target.account_id as target_id,
  targets.handle as target_handle,
  placed.at,
  client.name as client,
  placed.source,
  placed.p,
  placed.band::bigint as band,
  placed.families::bigint as families,
  placed.why,
  placed.group_id,
  placed.service_id,
  placed.text,
  placed.is_taken_back,
  placed.is_new_place,
  placed.of_all::bigint as of_all
from placed
inner join snapshot.ids as target on target.account_key = placed.target_key
left join snapshot.accounts as targets on targets.account_key = placed.target_key
left join snapshot.names as client on client.domain = 'client' and client.key = placed.client_key
where case
  when placed.is_audit then placed.place <= $audit_most
  when placed.band > 0 then placed.place_of_band <= $proposed_most
  else placed.place_of_band <= $others_most
end
order by placed.account_key, placed.at, placed.engagement_id
