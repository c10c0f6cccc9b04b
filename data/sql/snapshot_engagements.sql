-- one row per engagement, numbered in the order of actor, time and id
insert into snapshot.engagements
with keyed as (
    select
        told.engagement_id,
        told.kind,
        actors.account_key as actor_key,
        targets.account_key as target_key,
        told."at",
        posts.key as post_key,
        clients.key as client_key,
        cast(told.asn as uinteger) as asn,
        prefixes.key as prefix_key,
        devices.key as device_key,
        countries.key as country_key,
        told.text
    from all_engagements as told
    inner join snapshot.ids as actors on told.actor_id = actors.account_id
    inner join snapshot.ids as targets on told.target_id = targets.account_id
    left join snapshot.names as posts on told.post_id = posts.name and posts.domain = 'post'
    left join snapshot.names as clients on told.client_id = clients.name and clients.domain = 'client'
    left join snapshot.names as prefixes on told.ip_prefix = prefixes.name and prefixes.domain = 'prefix'
    left join snapshot.names as devices on told.device_id = devices.name and devices.domain = 'device'
    left join snapshot.names as countries on told.country = countries.name and countries.domain = 'country'
),

ordered as (
    select * from keyed order by actor_key, "at", engagement_id
)

select
    cast(row_number() over () - 1 as uinteger) as engagement_key,
    *
from ordered
