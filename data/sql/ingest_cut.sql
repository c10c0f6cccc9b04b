-- one row per new engagement, its address cut to the network
create or replace temp view new_engagements as
select addressed_engagements.* replace (coalesce(address_cuts.cut, addressed_engagements.ip_prefix) as ip_prefix)
from addressed_engagements
left join address_cuts on addressed_engagements.ip_prefix = address_cuts.raw
