-- one row per engagement of the snapshot that a load adds to, as the input contract writes it
create or replace temp view old_engagements as
select
    engagements.engagement_id,
    engagements.kind,
    actors.account_id as actor_id,
    targets.account_id as target_id,
    engagements."at",
    posts.name as post_id,
    clients.name as client_id,
    cast(engagements.asn as bigint) as asn,
    prefixes.name as ip_prefix,
    devices.name as device_id,
    countries.name as country,
    engagements.text
from base.engagements
inner join base.ids as actors on engagements.actor_key = actors.account_key
inner join base.ids as targets on engagements.target_key = targets.account_key
left join base.names as posts on engagements.post_key = posts.key and posts.domain = 'post'
left join base.names as clients on engagements.client_key = clients.key and clients.domain = 'client'
left join base.names as prefixes on engagements.prefix_key = prefixes.key and prefixes.domain = 'prefix'
left join base.names as devices on engagements.device_key = devices.key and devices.domain = 'device'
left join base.names as countries on engagements.country_key = countries.key and countries.domain = 'country'
