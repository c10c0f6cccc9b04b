-- one row per hour, source, kind and client of a chosen account's own engagements
with own as (
  select
    engagements.actor_key as account_key,
    engagements.at // 3600000000 * 3600000000 as hour,
    engagements.kind,
    engagements.client_key,
    coalesce(sessions.source, 'unclear') as source
  from snapshot.engagements as engagements
  inner join chosen on chosen.account_key = engagements.actor_key
  left join run.sessions as sessions
    on sessions.account_key = engagements.actor_key
    and engagements.client_key is not distinct from sessions.client_key
    and engagements.asn is not distinct from sessions.asn
    and engagements.device_key is not distinct from sessions.device_key
    and engagements.prefix_key is not distinct from sessions.prefix_key
    and engagements.at between sessions.started_at and sessions.ended_at
)
select
  own.account_key,
  own.hour,
  own.source,
  own.kind::bigint as kind,
  client.name as client,
  count(*)::bigint as engagements
from own
left join snapshot.names as client on client.domain = 'client' and client.key = own.client_key
group by own.account_key, own.hour, own.source, own.kind, client.name
order by own.account_key, own.hour, own.source, own.kind, client
