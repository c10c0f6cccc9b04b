-- one row per run file: what it says of itself
select * from run.manifest
