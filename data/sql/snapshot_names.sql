-- one row per name of a client, network, device, post or country, keyed per domain in the sort order of the names
insert into snapshot.names
with seen as (
    select 'client' as domain, client_id as name from all_engagements
    union
    select 'client', client_id from all_logins
    union
    select 'prefix', ip_prefix from all_engagements
    union
    select 'device', device_id from all_engagements
    union
    select 'device', device_id from all_logins
    union
    select 'post', post_id from all_engagements
    union
    select 'country', country from all_engagements
    union
    select 'country', country from all_logins
    union
    select 'country', country from all_accounts
)

select
    domain,
    cast(row_number() over (partition by domain order by name) - 1 as uinteger) as key,
    name
from seen
where name is not null
order by domain, name
