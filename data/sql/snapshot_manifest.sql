-- one row per snapshot file: what it says of itself
select * from snapshot.manifest
