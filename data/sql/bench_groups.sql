-- one row per group, the largest first
select group_id from run.groups order by engagements desc, group_id limit 100
