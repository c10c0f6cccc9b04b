-- one row per day, kind and network under the filter, counted from the log: what one chart costs without counted cells
select
  "at" // 86400000000 as day,
  kind,
  asn,
  count(*)::bigint as engagements
from snapshot.engagements
where "at" >= $since and "at" < $until
  and ($kinds is null or list_contains($kinds, kind))
  and ($client_keys is null or list_contains($client_keys, client_key))
  and ($asns is null or list_contains($asns, asn))
  and ($country_keys is null or list_contains($country_keys, country_key))
group by all
order by all
