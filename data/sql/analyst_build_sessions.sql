-- one row per session under the account's pseudonym
create table analyst.sessions as
select
  sessions.session_key as session,
  pseudonyms.pseudonym as account,
  make_timestamp(sessions.started_at) as started_at,
  make_timestamp(sessions.ended_at) as ended_at,
  client.name as client,
  sessions.asn,
  prefix.mark as network,
  device.mark as device,
  sessions.engagements,
  sessions.likes,
  sessions.follows,
  sessions.comments,
  sessions.unfollows,
  sessions.p_service,
  sessions.source,
  sessions.service_id as service
from run.sessions as sessions
inner join keys.pseudonyms as pseudonyms on pseudonyms.account_key = sessions.account_key
left join snapshot.names as client on client.domain = 'client' and client.key = sessions.client_key
left join keys.marks as prefix on prefix.domain = 'prefix' and prefix.key = sessions.prefix_key
left join keys.marks as device on device.domain = 'device' and device.key = sessions.device_key
