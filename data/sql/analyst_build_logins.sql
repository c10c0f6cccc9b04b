-- one row per sign-in under the account's pseudonym
create table analyst.logins as
select
  pseudonyms.pseudonym as account,
  make_timestamp(logins.at) as happened_at,
  client.name as client,
  logins.asn,
  device.mark as device,
  country.name as country,
  logins.succeeded
from snapshot.logins as logins
inner join keys.pseudonyms as pseudonyms on pseudonyms.account_key = logins.account_key
left join snapshot.names as client on client.domain = 'client' and client.key = logins.client_key
left join snapshot.names as country on country.domain = 'country' and country.key = logins.country_key
left join keys.marks as device on device.domain = 'device' and device.key = logins.device_key
order by account, happened_at
