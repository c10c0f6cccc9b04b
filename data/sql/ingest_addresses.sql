-- one row per network name of the new engagements that may be an address longer than its /24 or /48
select distinct ip_prefix
from new_engagements
where
    regexp_full_match(ip_prefix, '[0-9a-fA-F:.]+(/[0-9]{1,3})?')
    and regexp_matches(ip_prefix, '[.:]')
    and not regexp_full_match(ip_prefix, '[0-9]+\.[0-9]+\.[0-9]+\.0/24')
