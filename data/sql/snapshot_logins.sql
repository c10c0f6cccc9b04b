-- one row per login, by account and time
insert into snapshot.logins
select
    ids.account_key,
    told."at",
    clients.key as client_key,
    cast(told.asn as uinteger) as asn,
    devices.key as device_key,
    countries.key as country_key,
    told.succeeded
from all_logins as told
inner join snapshot.ids on told.account_id = ids.account_id
left join snapshot.names as clients on told.client_id = clients.name and clients.domain = 'client'
left join snapshot.names as devices on told.device_id = devices.name and devices.domain = 'device'
left join snapshot.names as countries on told.country = countries.name and countries.domain = 'country'
order by all
