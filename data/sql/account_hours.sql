-- one row per hour, source, kind and client of one account's own engagements
with own as (
  select
    engagements.at // 3600000000 * 3600000000 as hour,
    engagements.kind,
    engagements.client_key,
    coalesce(sessions.source, 'unclear') as source
  from snapshot.engagements as engagements
  left join run.sessions as sessions
    on sessions.account_key = $account_key
    and engagements.at between sessions.started_at and sessions.ended_at
    and engagements.client_key is not distinct from sessions.client_key
    and engagements.asn is not distinct from sessions.asn
    and engagements.device_key is not distinct from sessions.device_key
    and engagements.prefix_key is not distinct from sessions.prefix_key
  where engagements.actor_key = $account_key
)
select
  own.hour,
  own.source,
  own.kind,
  client.name as client,
  count(*)::bigint as engagements
from own
left join snapshot.names as client on client.domain = 'client' and client.key = own.client_key
group by own.hour, own.source, own.kind, client.name
order by own.hour, own.source, own.kind, client
