-- one row per session of one account, oldest first
select
  sessions.started_at,
  sessions.ended_at,
  sessions.source,
  sessions.p_service::double as p_service,
  sessions.service_id,
  client.name as client,
  sessions.asn,
  prefix.name as network,
  device.name as device,
  sessions.engagements::bigint as engagements,
  sessions.likes::bigint as likes,
  sessions.follows::bigint as follows,
  sessions.comments::bigint as comments,
  sessions.unfollows::bigint as unfollows
from run.sessions as sessions
left join snapshot.names as client on client.domain = 'client' and client.key = sessions.client_key
left join snapshot.names as prefix on prefix.domain = 'prefix' and prefix.key = sessions.prefix_key
left join snapshot.names as device on device.domain = 'device' and device.key = sessions.device_key
where sessions.account_key = $account_key
order by sessions.started_at
