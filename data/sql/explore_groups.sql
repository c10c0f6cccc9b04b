-- one row per group of the run that can be filtered by, the busiest first: group_id, kind, accounts
select group_id, kind, accounts
from run.groups
order by engagements desc, group_id
limit 200
