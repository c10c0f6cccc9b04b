-- one row per login of the snapshot that a load adds to, as the input contract writes it
create or replace temp view old_logins as
select
    ids.account_id,
    logins."at",
    clients.name as client_id,
    cast(logins.asn as bigint) as asn,
    devices.name as device_id,
    countries.name as country,
    logins.succeeded
from base.logins
inner join base.ids on logins.account_key = ids.account_key
left join base.names as clients on logins.client_key = clients.key and clients.domain = 'client'
left join base.names as devices on logins.device_key = devices.key and devices.domain = 'device'
left join base.names as countries on logins.country_key = countries.key and countries.domain = 'country'
