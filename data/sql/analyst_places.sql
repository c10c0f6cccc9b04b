-- one row per network prefix and device of the snapshot
select domain, key, name from snapshot.names where domain in ('prefix', 'device') order by domain, key
